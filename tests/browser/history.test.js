// Undo and redo: text and annotations together, in place of the browser's own history.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, found, paste, ready, textOf, write } from "./annotations.js";
import { consoleErrors, startPage } from "./harness.js";

const SENTENCE = "Mary Jones works for Acme Corp in Boston.";

const selection = (page) => page.getByTestId("text").evaluate((area) => [area.selectionStart, area.selectionEnd]);

/** What an editor's menu does: an event before the input that a page may take over. */
const menu = (page, inputType) =>
  page
    .getByTestId("text")
    .evaluate((area, inputType) => !area.dispatchEvent(new InputEvent("beforeinput", { inputType, cancelable: true, bubbles: true })), inputType);

test("typing is undone and redone word by word, and the caret goes along", async (t) => {
  const { page } = await startPage(t);
  await write(page, "Ann ");
  await page.keyboard.type("met Tom");
  await page.keyboard.press("Control+z");
  assert.equal(await textOf(page), "Ann met ");
  assert.deepEqual(await selection(page), [8, 8]);
  await page.keyboard.press("Control+z");
  assert.equal(await textOf(page), "Ann ");
  await page.keyboard.press("Control+y");
  await page.keyboard.press("Control+Shift+Z");
  assert.equal(await textOf(page), "Ann met Tom");
  assert.deepEqual(await selection(page), [11, 11]);
  assert.deepEqual(consoleErrors(page), []);
});

test("a moved caret begins a new step", async (t) => {
  const { page } = await startPage(t);
  await write(page, "Ann");
  await page.keyboard.type("ab");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("cd");
  await page.keyboard.press("Control+z");
  assert.equal(await textOf(page), "Annab");
});

test("undoing brings annotations back with their text at once, and what was selected", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  await becomes(async () => (await found(page)).length, 3);
  const ids = () => page.locator("[data-entity]").evaluateAll((items) => items.map((item) => item.dataset.id));
  const before = await ids();
  await page.getByTestId("text").evaluate((area) => area.setSelectionRange(5, 30));
  await page.keyboard.press("Delete");
  await ready(page);
  await page.keyboard.press("Control+z");
  assert.equal(await textOf(page), SENTENCE);
  assert.deepEqual(await selection(page), [5, 30]);
  await becomes(ids, before);
  await ready(page);
  assert.deepEqual(await ids(), before);
});

test("the browser's own undo and redo are taken over", async (t) => {
  const { page } = await startPage(t);
  await write(page, "Ann ");
  await page.keyboard.type("met");
  assert.ok(await menu(page, "historyUndo"), "the event is cancelled");
  assert.equal(await textOf(page), "Ann ");
  assert.ok(await menu(page, "historyRedo"));
  assert.equal(await textOf(page), "Ann met");
});

test("a paste and the example are steps of their own", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  const example = await textOf(page);
  await paste(page, SENTENCE);
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("button", { name: "Example" }).click();
  assert.equal(await textOf(page), example);
  for (const text of ["", SENTENCE, example]) {
    await page.keyboard.press("Control+z");
    assert.equal(await textOf(page), text);
  }
  // Nothing is left to undo.
  await page.keyboard.press("Control+z");
  assert.equal(await textOf(page), example);
});

test("what an input method composes is one step, and nothing is undone meanwhile", async (t) => {
  const { page, context } = await startPage(t);
  await write(page, "Boston ");
  const devtools = await context.newCDPSession(page);
  await devtools.send("Input.imeSetComposition", { text: "ひ", selectionStart: 1, selectionEnd: 1 });
  await devtools.send("Input.imeSetComposition", { text: "ひろ", selectionStart: 2, selectionEnd: 2 });
  assert.ok(await menu(page, "historyUndo"));
  assert.equal(await textOf(page), "Boston ひろ");
  await devtools.send("Input.insertText", { text: "広島" });
  assert.equal(await textOf(page), "Boston 広島");
  await page.keyboard.press("Control+z");
  assert.equal(await textOf(page), "Boston ");
  await page.keyboard.press("Control+y");
  assert.equal(await textOf(page), "Boston 広島");
});

test("undoing scrolls to what it changes", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, Array.from({ length: 120 }, (_, i) => `Line ${i} of a long text.`).join("\n"));
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("Ann ");
  await page.locator("[data-scroller]").evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight));
  await page.keyboard.press("Control+z");
  await becomes(() => page.locator("[data-scroller]").evaluate((scroller) => scroller.scrollTop < 100), true);
});

test("undo works again after the text was moved while an input method was at work", async (t) => {
  const { page, context } = await startPage(t);
  await write(page, "Ann ");
  const devtools = await context.newCDPSession(page);
  await devtools.send("Input.imeSetComposition", { text: "か", selectionStart: 1, selectionEnd: 1 });
  await page.evaluate(() => {
    const annotator = document.querySelector("spanarc-annotator");
    annotator.parentElement.append(document.createElement("hr"), annotator);
  });
  await page.getByTestId("text").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("ok");
  const before = await textOf(page);
  await page.keyboard.press("Control+z");
  assert.notEqual(await textOf(page), before);
});

test("undo puts right what a script changed without an event", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  await page.keyboard.type(" Yes");
  await page.getByTestId("text").evaluate((area) => (area.value = "x"));
  await page.keyboard.press("Control+z");
  assert.equal(await textOf(page), `${SENTENCE} `);
  const mirror = await page.locator(".block").allTextContents();
  assert.equal(mirror.join("\n"), await textOf(page));
});

test("what a model said before an undo is said again after it", async (t) => {
  const { page } = await startPage(t);
  await write(page, "It rained.");
  await page.keyboard.press("Enter");
  // Two steps: the second is made before the first sentence is answered anew.
  await paste(page, `${SENTENCE}\nPeter Vance lives in Denver.`);
  await ready(page);
  await page.keyboard.press("Control+End");
  await page.keyboard.type("!");
  await ready(page);
  await page.keyboard.press("Control+z");
  await ready(page);
  await becomes(async () => (await found(page)).length, 5);
});
