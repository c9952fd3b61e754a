// The text and what is drawn behind it: directions, huge lines, dense relations.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, entities, eventually, paste, ready, textOf } from "./annotations.js";
import { consoleErrors, startPage } from "./harness.js";
import { startHost } from "./host.js";

/** For each place of `word` in the mirror: how far the nearest mark's edges are from its own, in pixels. */
const offBy = (page, word) =>
  page.evaluate((word) => {
    const marks = insideAll(".mark-tint").map((mark) => mark.getBoundingClientRect());
    const found = [];
    for (const block of insideAll(".block")) {
      const text = block.firstChild;
      for (let at = text.data.indexOf(word); at >= 0; at = text.data.indexOf(word, at + 1)) {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + word.length);
        const box = range.getBoundingClientRect();
        // A mark is two pixels wider on each side.
        const off = (mark) => Math.max(Math.abs(mark.left + 2 - box.left), Math.abs(mark.right - 2 - box.right), Math.abs(mark.top - box.top) - 12);
        found.push(Math.min(...marks.map(off)));
      }
    }
    return found;
  }, word);

/** Whether mirror and textarea break lines alike: they have the same height. */
const heights = (page) =>
  page.evaluate(() => {
    const area = inside("textarea");
    const copy = area.cloneNode();
    copy.value = area.value;
    copy.style.cssText = "position: absolute; inset: auto; height: 0; visibility: hidden";
    copy.style.width = `${area.clientWidth}px`;
    area.after(copy);
    const style = getComputedStyle(copy);
    const height = copy.scrollHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    copy.remove();
    return [Math.round(height), Math.round(inside(".mirror").getBoundingClientRect().height)];
  });

test("each paragraph has its own direction, in text and marks alike", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  // A text without letters from right to left is laid out without that, which is slow in long lines.
  const sides = () => page.evaluate(() => ["textarea", ".block"].map((it) => getComputedStyle(inside(it)).unicodeBidi));
  assert.ok((await sides()).every((side) => side !== "plaintext"));
  const texts = [
    "Peter Vance lives in Denver.\nשלום, Peter Vance lives in Denver.\nمرحبا Peter Vance.\nPeter Vance שלום Denver.",
    "שלום עולם.\nPeter Vance lives in Denver.",
    "... 123\nPeter Vance lives in Denver.",
  ];
  for (const text of texts) {
    await paste(page, text);
    await ready(page);
    await becomes(async () => (await offBy(page, "Peter Vance")).every((off) => off < 2), true);
    assert.deepEqual(...(await heights(page)).map((height) => [height]));
  }
  assert.deepEqual(await sides(), ["plaintext", "plaintext"]);
});

const WORDS = "Mary Jones of Acme Corp met Tom Brown in Boston and talked about the weather of the last days ";

test("a line of 300,000 characters is laid out as the textarea does, through edits anywhere in it", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  // Without a name, so that the model has done with it soon.
  const line = "it rained again and the river rose over the old mill ".repeat(5700).slice(0, 300_000);
  await paste(page, line);
  await becomes(async () => (await textOf(page)).length, 300_000);
  assert.ok((await page.locator(".block").count()) > 50);
  const same = async () => {
    // What a key pushes on far below is cut a little later.
    await eventually(async () => {
      const [area, mirror] = await heights(page);
      return Math.abs(area - mirror) <= 2;
    }, "textarea and mirror have the same height");
    const blocks = await page.locator(".block").allTextContents();
    assert.equal(blocks.join(""), await textOf(page));
  };
  await same();
  const edit = async (at, keys) => {
    await page.getByTestId("text").evaluate((area, at) => area.setSelectionRange(at, at), at);
    for (const key of keys) await page.keyboard.press(key);
  };
  await edit(150_000, ["a", "b", "Space", "c"]);
  await same();
  await edit(2_000, ["Backspace", "Backspace", "x"]);
  await same();
  await edit(0, ["Delete", "Delete"]);
  await edit(299_000, ["Enter", "Space"]);
  const blocks = await page.locator(".block").allTextContents();
  assert.equal(blocks.join("").length, (await textOf(page)).length - 1);
  await edit(100, ["Enter", "Backspace"]);
  await page.keyboard.press("Control+z");
  await page.setViewportSize({ width: 900, height: 700 });
  await eventually(async () => {
    const [area, mirror] = await heights(page);
    return Math.abs(area - mirror) <= 2;
  }, "long lines are cut anew for another width");
  assert.deepEqual(consoleErrors(page), []);
});

test("marks of a huge line are found at its end", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, `${"it rained again and the river rose. ".repeat(1500)}${WORDS}`);
  await ready(page);
  await page.locator("[data-scroller]").evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight));
  await eventually(async () => {
    const off = await offBy(page, "Boston");
    return off.length === 1 && off[0] < 2;
  }, "the last city is marked");
});

/** Pairs of labels that cover each other by more than a pixel in both directions. */
const covered = (page) =>
  page.evaluate(() => {
    const boxes = insideAll(".arc-label-ground, .mark-label").map((it) => it.getBoundingClientRect());
    let pairs = 0;
    boxes.forEach((a, i) =>
      boxes.slice(i + 1).forEach((b) => {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 2) pairs += 1;
      }),
    );
    return pairs;
  });

test("no label of 120 relations covers another, and none is hidden", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`, { css: "#a { width: 900px; height: 1400px }" });
  const people = Array.from({ length: 30 }, (_, i) => `Person${i}`);
  const text = `${people.join(" and ")} met.`;
  const errors = await page.evaluate(
    async ([text, people]) => {
      const one = (window.mounted = mount(document.getElementById("a"), text));
      await one.loaded;
      const ids = people.map((name) => {
        const start = text.indexOf(`${name} `);
        return one.addEntity({ type: "Person", start, end: start + name.length });
      });
      const types = ["knows", "is_parent_of", "lives_with", "works_for", "met"];
      let made = 0;
      for (let far = 1; made < 120; far++)
        for (let i = 0; i + far < ids.length && made < 120; i += far > 2 ? 3 : 1)
          one.addRelation({ type: types[made++ % 5], head: ids[i], tail: ids[i + far] });
      return one.annotations.relations.length;
    },
    [text, people],
  );
  assert.equal(errors, 120);
  await becomes(() => page.locator(".arc").count(), 120);
  await becomes(() => page.locator(".mark").count(), 30);
  await becomes(() => covered(page), 0);
  const [line, step] = await page.evaluate(() => [
    parseFloat(getComputedStyle(inside(".mirror")).lineHeight),
    Number(getComputedStyle(inside(".surface")).getPropertyValue("--line-step")),
  ]);
  assert.ok(step > 0);
  assert.equal(line, 62 + 22 * step);
  // Every link has a label: those of one type that share an end may share it.
  const empty = await page.locator(".arc-label text").evaluateAll((labels) => labels.filter((it) => it.textContent === "").length);
  assert.equal(empty, 0);
  // What needs no room takes none: a text that is read whole shrinks back.
  await page.evaluate(() => (mounted.value = "Mary Jones works for Acme Corp."));
  await becomes(() => page.evaluate(() => parseFloat(getComputedStyle(inside(".mirror")).lineHeight)), 62);
  await page.evaluate(() => mounted.remove());
});

test("nothing is dimmed once the annotation under the pointer is gone", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await page.locator(".mark-tint").first().waitFor();
  const box = await page.locator(".mark-tint").first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await becomes(() => page.locator("svg.has-active").count(), 1);
  await page.getByTestId("text").focus();
  await paste(page, "Peter Vance lives in Denver now, and nowhere else.");
  await ready(page);
  await becomes(() => page.locator("svg.has-active:has(.is-active)").count(), await page.locator("svg.has-active").count());
});

test("labels of half-typed text and fragments are not sure", async (t) => {
  const { page } = await startPage(t);
  for (const fragment of ["The", "q", "In the", "Of"]) {
    await ready(page);
    await paste(page, fragment);
    await ready(page);
    const sure = (await entities(page)).filter(({ score }) => score >= 0.99);
    assert.deepEqual(sure, [], fragment);
  }
});
