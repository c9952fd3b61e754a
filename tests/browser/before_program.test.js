// The element <spanarc-annotator> before its program is there, and where it never comes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes } from "./annotations.js";
import { consoleErrors } from "./harness.js";
import { startHost } from "./host.js";

const GOOD = { text: "Ann met Bo.", entities: [{ id: "ann", type: "Person", start: 0, end: 3 }] };
const BAD = { text: "Other.", entities: [{ type: "Person", start: 0, end: 99 }] };

/** What an element holds once its program is there, and what it has told, when `properties` were set in order before. */
function afterSetting(page, properties) {
  return page.evaluate(async (properties) => {
    const annotator = document.createElement("spanarc-annotator");
    const errors = [];
    annotator.addEventListener("error", ({ detail }) => errors.push(detail));
    for (const [name, value] of properties) annotator[name] = value;
    document.getElementById("a").replaceChildren(annotator);
    await annotator.loaded;
    const { annotations, schema } = annotator;
    return { text: annotations.text, entities: annotations.entities.map(({ id }) => id), schema, errors };
  }, properties);
}

test("annotations that prove bad leave the last good ones that were set before the program was there", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`);
  const properties = [["defaultValue", "At first."], ["annotations", GOOD], ["annotations", BAD], ["annotations", BAD]];
  const { text, entities, errors } = await afterSetting(page, properties);
  assert.deepEqual([text, entities], [GOOD.text, ["ann"]]);
  assert.deepEqual(errors.map(({ stage }) => stage), ["annotations", "annotations"]);
  assert.match(errors[0].message, /entities\[0\].*99/);
  await becomes(() => page.getByTestId("text").inputValue(), GOOD.text);
  assert.deepEqual(consoleErrors(page), []);
});

test("annotations that prove bad leave a text that was set before or after", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`);
  const textAfter = async (...properties) => (await afterSetting(page, properties)).text;
  assert.equal(await textAfter(["annotations", BAD]), "");
  assert.equal(await textAfter(["defaultValue", "At first."], ["annotations", BAD]), "At first.");
  assert.equal(await textAfter(["value", "Before."], ["annotations", BAD]), "Before.");
  assert.equal(await textAfter(["annotations", BAD], ["value", "After."]), "After.");
  assert.equal(await textAfter(["annotations", BAD], ["value", BAD.text]), BAD.text);
});

test("a schema that proves bad leaves the last good one", async (t) => {
  const good = { entityTypes: [{ name: "Person" }] };
  const bad = { entityTypes: [{ name: "Person", color: "red" }] };
  const { page } = await startHost(t, `<div id="a"></div>`);
  const { schema, errors } = await afterSetting(page, [["schema", good], ["schema", bad]]);
  assert.deepEqual(schema, good);
  assert.deepEqual(errors.map(({ stage }) => stage), ["schema"]);
});

test("what proved bad is said inside, until something good is set", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`);
  const { errors } = await afterSetting(page, [["annotations", BAD]]);
  const alert = page.getByRole("alert");
  await becomes(() => alert.textContent(), errors[0].message);
  await page.evaluate((good) => (document.querySelector("spanarc-annotator").annotations = good), GOOD);
  await becomes(() => alert.count(), 0);
});

test("a listener that hears of what proved bad may set something else", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`);
  const value = await page.evaluate(
    async ([good, bad]) => {
      const annotator = document.createElement("spanarc-annotator");
      annotator.addEventListener("error", () => (annotator.annotations = good));
      annotator.annotations = bad;
      document.getElementById("a").append(annotator);
      await annotator.loaded;
      return annotator.value;
    },
    [GOOD, BAD],
  );
  assert.equal(value, GOOD.text);
});

test("annotations read before the program is there have both lists, and the text its line breaks", async (t) => {
  const { page } = await startHost(t, "");
  const read = await page.evaluate(() => {
    const annotator = document.createElement("spanarc-annotator");
    annotator.annotations = { text: "a\r\nb", relations: null };
    return [annotator.annotations, annotator.value];
  });
  assert.deepEqual(read, [{ text: "a\r\nb", entities: [], relations: [] }, "a\nb"]);
});

test("without the program, what waits for it is rejected, until another attempt succeeds", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`);
  const isWasm = /\.wasm$/;
  await page.route(isWasm, (route) => route.fulfill({ status: 503 }));
  const states = await page.evaluate(async () => {
    const annotator = document.createElement("spanarc-annotator");
    annotator.value = "Ann.";
    const said = (promise) => promise.then(() => "fulfilled", (error) => error.message);
    document.getElementById("a").append(annotator);
    const before = await said(annotator.loaded);
    annotator.select(0, 1);
    const after = [annotator.loaded, annotator.exportAs("json"), annotator.importFiles([])];
    return [before, ...(await Promise.all(after.map(said))), getComputedStyle(annotator).display];
  });
  const display = states.pop();
  assert.equal(states.length, 4);
  for (const state of states) assert.match(state, /503/);
  assert.equal(display, "block");

  await page.unroute(isWasm);
  const value = await page.evaluate(async () => {
    const annotator = document.querySelector("spanarc-annotator");
    annotator.remove();
    document.body.append(annotator);
    await annotator.loaded;
    return annotator.value;
  });
  assert.equal(value, "Ann.");
  await becomes(() => page.getByTestId("text").inputValue(), "Ann.");
  assert.deepEqual(consoleErrors(page).filter((error) => !error.includes("503")), []);
});
