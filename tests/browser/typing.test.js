// What is shown while a word is being typed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, found, ready, write } from "./annotations.js";
import { startPage } from "./harness.js";

/** Keeps every label that the page shows from now on. */
const watchLabels = (page) =>
  page.evaluate(() => {
    window.labels = [];
    new MutationObserver(() => window.labels.push(insideAll(".mark-label").map((label) => label.textContent).join(" "))).observe(
      inside("svg.scene"),
      { subtree: true, childList: true, characterData: true },
    );
  });

test("a half-typed word is not labelled until it ends", async (t) => {
  const { page } = await startPage(t);
  await write(page, "Mary Jones lives in ");
  await becomes(() => found(page), ["Peop: Mary Jones"]);
  await watchLabels(page);
  await page.keyboard.type("Bosto", { delay: 90 });
  assert.deepEqual(await found(page), ["Peop: Mary Jones"]);
  await page.keyboard.type("n.", { delay: 90 });
  await becomes(() => found(page), ["Peop: Mary Jones", "Loc: Boston"]);
  const labels = new Set(await page.evaluate(() => window.labels));
  assert.ok(labels.has("PEOP LOC"));
  assert.ok([...labels].every((shown) => shown === "PEOP" || shown === "PEOP LOC"), [...labels].join(" | "));
});

/** In the page, before it begins: words rest for ever, what is read ahead is noted, and edits wait while the worker is `deaf`. */
function watchReading() {
  const { setTimeout } = window;
  const late = [];
  window.deafen = () => (window.deaf = true);
  window.hear = () => {
    window.deaf = false;
    for (const post of late.splice(0)) post();
  };
  window.setTimeout = (call, delay, ...rest) => (delay === 400 ? 0 : setTimeout(call, delay, ...rest));
  window.Worker = class extends Worker {
    constructor(...how) {
      super(...how);
      this.addEventListener("message", ({ data }) => data.kind === "foreseen" && (window.foreseen = data.revision));
    }
    postMessage(message, ...rest) {
      if (message.kind === "foresee") window.asked = message.revision;
      const post = () => super.postMessage(message, ...rest);
      if (window.deaf && message.kind === "edit") late.push(post);
      else post();
    }
  };
}

test("a word is read while it is typed, and labelled with the key that ends it", async (t) => {
  const { page, context, server } = await startPage(t, { open: false });
  await context.addInitScript(watchReading);
  await page.goto(server.origin);
  const before = "Mary Jones lives in ";
  // At the end, and before another word.
  for (const after of ["", "now. "]) {
    await write(page, before + after);
    await becomes(() => found(page), ["Peop: Mary Jones"]);
    await page.getByTestId("text").evaluate((area, at) => area.setSelectionRange(at, at), before.length);
    await page.evaluate(() => window.deafen());
    await page.keyboard.type("Boston", { delay: 30 });
    await page.waitForFunction(() => window.foreseen === window.asked);
    assert.deepEqual(await found(page), ["Peop: Mary Jones"]);
    await page.keyboard.press("Space");
    await becomes(() => found(page), ["Peop: Mary Jones", "Loc: Boston"]);
    await page.evaluate(() => window.hear());
    await ready(page);
    assert.deepEqual(await found(page), ["Peop: Mary Jones", "Loc: Boston"]);
  }
});

test("a pause labels the word as it stands", async (t) => {
  const { page } = await startPage(t);
  await write(page, "Mary Jones lives in ");
  await page.keyboard.type("Boston", { delay: 30 });
  assert.ok(!(await found(page)).includes("Loc: Boston"));
  await ready(page);
  await becomes(() => found(page), ["Peop: Mary Jones", "Loc: Boston"]);
});

test("a label stays on its word while letters of it are corrected", async (t) => {
  const { page } = await startPage(t);
  await write(page, "Mary Jones lives in Boston now.");
  await becomes(() => found(page), ["Peop: Mary Jones", "Loc: Boston"]);
  await watchLabels(page);
  // The caret behind "Bos".
  await page.getByTestId("text").evaluate((area) => area.setSelectionRange(23, 23));
  await page.keyboard.press("Backspace");
  await page.keyboard.type("s", { delay: 60 });
  await ready(page);
  await becomes(() => found(page), ["Peop: Mary Jones", "Loc: Boston"]);
  assert.ok((await page.evaluate(() => window.labels)).every((shown) => shown === "PEOP LOC"));
});
