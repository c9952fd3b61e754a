// Offsets are UTF-16 code units, and no text breaks the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { entities, found, paste, ready, textOf, write } from "./annotations.js";
import { consoleErrors, startPage } from "./harness.js";

test("offsets after emoji count UTF-16 code units", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  const text = "😀 👩‍🚒 Mary Jones works for Acme Corp in Boston.";
  await paste(page, text);
  await ready(page);
  const person = (await entities(page)).find((e) => e.type === "Peop");
  assert.equal(person.start, text.indexOf("Mary"));
  assert.equal(person.text, "Mary Jones");
});

test("a highlight lies under its word, also after emoji, tabs and wide letters", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, "😀\t漢字 Ö Mary Jones works for Acme Corp in Boston.");
  await ready(page);
  await page.locator(".mark-tint").last().waitFor();
  const [mark, word] = await page.evaluate(() => {
    const paragraph = inside(".block").firstChild;
    const range = document.createRange();
    const at = paragraph.data.indexOf("Boston");
    range.setStart(paragraph, at);
    range.setEnd(paragraph, at + 6);
    const marks = [...insideAll(".mark-tint")];
    return [marks.at(-1), range].map((it) => it.getBoundingClientRect().toJSON());
  });
  assert.ok(Math.abs(mark.left + 2 - word.left) < 1 && Math.abs(mark.right - 2 - word.right) < 1);
});

test("a lone surrogate breaks nothing", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await page.getByTestId("text").evaluate((area) => {
    area.value = "\ud83d Mary Jones works for Acme Corp in Boston. \udc00";
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
  await ready(page);
  const person = (await entities(page)).find((e) => e.type === "Peop");
  assert.deepEqual([person.start, person.end], [2, 12]);
  await page.getByTestId("text").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("!");
  await ready(page);
  assert.ok((await textOf(page)).endsWith("!"));
  assert.ok((await found(page)).includes("Loc: Boston"));
  assert.deepEqual(consoleErrors(page), []);
});

test("odd texts are taken as they come", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  const odd = [
    "   ",
    "\n\n\n",
    "x".repeat(3000),
    "a\u0301\u0302\u0303".repeat(200),
    "שלום Boston עולם",
    "\u202eMary Jones\u202c lives in \u200bBoston.",
    "<b>Mary Jones</b> & \"Acme\" </textarea><script>1</script>",
  ];
  for (const text of odd) {
    await paste(page, text);
    await ready(page);
    assert.equal(await textOf(page), text);
  }
  assert.deepEqual(consoleErrors(page), []);
});

test("text composed by an input method arrives whole", async (t) => {
  const { page, context } = await startPage(t);
  await write(page, "Boston ");
  const devtools = await context.newCDPSession(page);
  await devtools.send("Input.imeSetComposition", { text: "ひ", selectionStart: 1, selectionEnd: 1 });
  await devtools.send("Input.imeSetComposition", { text: "ひろ", selectionStart: 2, selectionEnd: 2 });
  await devtools.send("Input.insertText", { text: "広島" });
  await ready(page);
  assert.equal(await textOf(page), "Boston 広島");
});
