// What docs/embedding.md says that people and methods do.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { becomes } from "./annotations.js";
import { startHost } from "./host.js";

const GIVEN = {
  text: "Ann works for Acme in Rome.",
  entities: [
    { id: "ann", type: "Person", start: 0, end: 3, score: 0.9 },
    { id: "acme", type: "Firm", start: 14, end: 18, score: 0.8 },
    { id: "rome", type: "Place", start: 22, end: 26 },
  ],
};

async function start(t, body) {
  const { page } = await startHost(t, body);
  await page.evaluate(async (given) => {
    const annotator = document.querySelector("spanarc-annotator");
    await annotator.loaded;
    annotator.annotations = given;
  }, GIVEN);
  return page;
}

const standing = (page) =>
  page.evaluate(() => {
    const { entities, relations } = document.querySelector("spanarc-annotator").annotations;
    return [...entities.map(({ id, state }) => `${id} ${state}`), ...relations.map(({ head, tail }) => `${head} → ${tail}`)];
  });

test("the buttons of the guide accept, reject and relate what is selected", async (t) => {
  const guide = await readFile(new URL("../../docs/embedding.md", import.meta.url), "utf8");
  const [, buttons, script] = guide.match(/(<button id="accept">.*)\n\n<script type="module">([^]*?)<\/script>/);
  const page = await start(t, `<spanarc-annotator></spanarc-annotator>${buttons}`);
  await page.evaluate(`{ ${script} }`);
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  await page.getByTestId("text").focus();
  await page.keyboard.press("Control+Home");
  for (let i = 0; i < 18; i++) await page.keyboard.press("Shift+ArrowRight");
  await press("Works for");
  const related = ["ann accepted", "acme accepted", "rome accepted", "ann → acme"];
  await becomes(() => standing(page), related);

  await page.locator("[data-entity]", { hasText: "Rome" }).click();
  await press("Reject");
  await press("Reject");
  await becomes(() => standing(page), related.filter((one) => !one.startsWith("rome")));
  await page.locator("[data-entity]", { hasText: "Ann" }).click();
  await press("Reject");
  await becomes(() => standing(page), ["ann rejected", "acme accepted"]);
  await press("Accept");
  await becomes(() => standing(page), ["ann accepted", "acme accepted"]);
});

test("methods that count as edits fire events, and each is one step to undo", async (t) => {
  const page = await start(t, `<spanarc-annotator></spanarc-annotator>`);
  const told = await page.evaluate(async (given) => {
    const annotator = document.querySelector("spanarc-annotator");
    let events = [];
    for (const name of ["change", "input"]) annotator.addEventListener(name, () => events.push(name));
    const file = { name: "a.txt", bytes: new TextEncoder().encode("Bo.") };
    const calls = [
      () => annotator.addEntity({ type: "Verb", start: 4, end: 9 }),
      () => annotator.updateEntity("ann", { type: "Dog", end: 2 }),
      () => annotator.addRelation({ type: "near", head: "ann", tail: "acme" }),
      () => annotator.accept("ann"),
      () => annotator.reject("acme"),
      () => annotator.removeEntity("rome"),
      () => annotator.replaceText(0, 0, "So: "),
      () => annotator.importFiles([file]),
    ];
    const told = [];
    for (const call of calls) {
      annotator.annotations = given;
      events = [];
      await call();
      told.push([events.join(), annotator.undo(), annotator.undo()]);
    }
    return told;
  }, GIVEN);
  for (const [events, first, second] of told) {
    assert.ok(["change", "input", "input,change"].includes(events), events);
    assert.deepEqual([first, second], [true, false]);
  }
});
