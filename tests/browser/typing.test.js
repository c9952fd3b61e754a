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
