// Long texts: everything is annotated, and typing never waits for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, entities, eventually, fallBehind, paste, ready, row, textOf } from "./annotations.js";
import { consoleErrors, startPage } from "./harness.js";
import { people, sentences } from "./texts.js";

const doing = (page) => page.getByTestId("doing").textContent();

test("eight thousand pasted words are annotated to the end while typing goes on at once", async (t) => {
  const { page, context } = await startPage(t);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await ready(page);
  const text = sentences(8000);
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.getByTestId("text").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Control+V");
  await becomes(async () => (await textOf(page)).length, text.length);
  await eventually(async () => /Annotating/.test(await doing(page)), "the run has begun");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("Ann Lee lives in Oslo.", { delay: 40 });
  assert.ok((await textOf(page)).endsWith("Ann Lee lives in Oslo."));
  assert.match(await doing(page), /Annotating/, "every key was taken before the run was over");

  await ready(page);
  const all = await entities(page);
  assert.ok(all.length > 300);
  assert.ok(all.every((e, i) => i === 0 || e.start >= all[i - 1].end));
  assert.ok(all.filter((e) => people.includes(e.text)).length > 100);
  // Drawn is only what is near the screen.
  assert.ok((await page.locator(".mark").count()) < all.length);
  assert.deepEqual(consoleErrors(page), []);
});

/** From now on the page waits for its next frames in vain. */
const holdFrames = (page) =>
  page.evaluate(() => {
    window.held = [];
    window.frame ??= window.requestAnimationFrame;
    window.requestAnimationFrame = (call) => window.held.push(call);
  });

const releaseFrames = (page) =>
  page.evaluate(() => {
    window.requestAnimationFrame = window.frame;
    for (const call of window.held) call(performance.now());
  });

test("a long paste is one step, and keys right after it find it done", async (t) => {
  const { page, context } = await startPage(t);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await ready(page);
  const text = sentences(4000);
  await page.evaluate((text) => navigator.clipboard.writeText(text), text.replaceAll("\n", "\r\n"));
  await paste(page, "Mary Jones works for Acme Corp. She lives in Boston.");
  await page.getByTestId("text").evaluate((area) => area.setSelectionRange(31, 31));
  const press = (key) => page.keyboard.press(key);
  await holdFrames(page);
  for (const key of ["Control+V", "!", "ArrowLeft", "Backspace"]) await press(key);
  const pasted = `Mary Jones works for Acme Corp.${text.slice(0, -1)}! She lives in Boston.`;
  assert.ok((await textOf(page)) === pasted, "the keys work on the pasted text");
  const selection = () => page.getByTestId("text").evaluate((area) => [area.selectionStart, area.selectionEnd]);
  assert.deepEqual(await selection(), [30 + text.length, 30 + text.length]);
  await releaseFrames(page);
  await ready(page);
  const mirror = () => page.evaluate(() => [...inside(".mirror").children].map((block) => block.textContent).join("\n"));
  assert.ok((await mirror()) === pasted, "the mirror follows");

  // So does the pointer.
  await holdFrames(page);
  await press("Control+V");
  await page.getByTestId("text").click({ position: { x: 60, y: 40 } });
  await releaseFrames(page);
  await ready(page);
  const [caret, end] = await selection();
  assert.ok(caret === end && caret < 100, `the caret is where the click was, not at ${caret}`);
  await press("Control+Z");
  await becomes(() => textOf(page), pasted);

  // The browser shows the caret after a paste, and so does the page.
  await page.keyboard.press("Control+A");
  await press("Control+V");
  await eventually(async () => {
    const [top, floor] = await page.locator("[data-scroller]").evaluate((scroller) => [
      inside(".mirror").getBoundingClientRect().bottom,
      scroller.getBoundingClientRect().bottom,
    ]);
    return top <= floor + 100;
  }, "the end of the text is on screen");
  await holdFrames(page);
  for (const key of ["Control+V", "Control+Z", "Control+Z"]) await press(key);
  await releaseFrames(page);
  await ready(page);
  assert.ok((await textOf(page)) === pasted, "each paste is a step");
  assert.ok((await mirror()) === pasted, "the mirror follows back");
  assert.deepEqual(consoleErrors(page), []);
});

test("what is scrolled to is drawn", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await page.getByTestId("text").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(`${sentences(1200)}Mary Jones lives in Wellington.`);
  await ready(page);
  await page.locator("[data-scroller]").evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight));
  await eventually(async () => {
    const floor = (await page.locator("[data-scroller]").boundingBox());
    const boxes = await page.locator(".mark-tint").evaluateAll((all) => all.map((m) => m.getBoundingClientRect().top));
    return boxes.some((top) => top > floor.y + floor.height / 2 && top < floor.y + floor.height);
  }, "there are highlights on screen");
});

test("an item of the list leads to its place in the text", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await page.getByTestId("text").click();
  await page.keyboard.press("Control+A");
  const text = `${sentences(600)}Mary Jones lives in Boston.`;
  await page.keyboard.insertText(text);
  await ready(page);
  await page.locator("[data-scroller]").evaluate((scroller) => scroller.scrollTo(0, 0));
  const last = (await entities(page)).at(-1);
  await (await row(page, last)).click();
  const selection = await page.getByTestId("text").evaluate((area) => [area.selectionStart, area.selectionEnd]);
  assert.deepEqual(selection, [last.start, last.end]);
  await eventually(
    async () => (await page.locator("[data-scroller]").evaluate((scroller) => scroller.scrollTop)) > 200,
    "the text is scrolled",
  );
});

/** Types at the end of a long text; afterwards the middle of its last line, where the caret is, must be on screen. */
async function typeAtTheEnd(page) {
  await page.keyboard.press("Control+End");
  for (let i = 0; i < 12; i++) await page.keyboard.press("Enter");
  await page.keyboard.type("Mary Jones lives in Boston.");
  const last = page.locator(".mirror > :last-child");
  await eventually(async () => (await last.textContent()) === "Mary Jones lives in Boston.", "the page has caught up");
  await ready(page);
  const { inner, below } = await page.evaluate(() => {
    const scroller = inside("[data-scroller]");
    const last = inside(".mirror").lastElementChild.getBoundingClientRect();
    return {
      inner: inside("textarea").scrollTop,
      below: (last.top + last.bottom) / 2 - scroller.getBoundingClientRect().bottom,
    };
  });
  assert.equal(inner, 0);
  assert.ok(below <= 0, `the last line is ${below} pixels below the screen`);
}

test("the caret stays on screen at the end of a long text, and the text never leaves its highlights", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, sentences(500));
  await typeAtTheEnd(page);
});

test("the caret stays on screen while the page is behind with its rendering", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, sentences(500));
  await ready(page);
  await fallBehind(page);
  await page.evaluate(() => {
    window.furthest = 0;
    const area = inside("textarea");
    area.addEventListener("scroll", () => (window.furthest = Math.max(window.furthest, area.scrollTop)));
  });
  await typeAtTheEnd(page);
  assert.equal(await page.evaluate(() => window.furthest), 0, "the text was scrolled within its box");
});
