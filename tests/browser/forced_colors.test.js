// Where the system forces its colours, everything is still there to see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, ready, setThreshold, write } from "./annotations.js";
import { startPage } from "./harness.js";

const SENTENCE = "Mary Jones works for Acme Corp in Boston.";

for (const colorScheme of ["light", "dark"]) {
  test(`marks, labels and arcs stand out in forced colours on a ${colorScheme} page`, async (t) => {
    const { page } = await startPage(t, { context: { forcedColors: "active", colorScheme } });
    await write(page, SENTENCE);
    await setThreshold(page, 5);
    await page.locator(".arc-line").first().waitFor();
    const colors = await page.evaluate(() => {
      const probe = document.createElement("p");
      document.body.append(probe);
      probe.style.backgroundColor = "Canvas";
      const canvas = getComputedStyle(probe).backgroundColor;
      probe.remove();
      const of = (selector, property) => [...insideAll(selector)].map((it) => getComputedStyle(it)[property]);
      return {
        canvas,
        drawn: {
          "mark-edge": of(".mark-edge", "fill"),
          "mark-tint": of(".mark-tint", "stroke"),
          "mark-label": of(".mark-label", "fill"),
          "arc-line": of(".arc-line", "stroke"),
          "arc-tip": of(".arc-tip", "fill"),
          "arc-label": of(".arc-label text", "fill"),
          "item-arrow": of(".item-arrow path", "stroke"),
          sample: of(".entity-switch .switch-sample", "borderBottomColor"),
          tag: of(".item .tag", "borderTopColor"),
        },
      };
    });
    for (const [what, values] of Object.entries(colors.drawn)) {
      assert.ok(values.length > 0, `there is a ${what}`);
      for (const value of values) assert.notEqual(value, colors.canvas, what);
    }
  });
}

test("types are told apart by their lines in forced colours, in the text as in the legend", async (t) => {
  const { page } = await startPage(t, { context: { forcedColors: "active" } });
  await write(page, SENTENCE);
  const lines = (selector, properties) =>
    page.locator(selector).evaluateAll(
      (all, properties) => all.map((it) => properties.map((p) => getComputedStyle(it)[p]).join()),
      properties,
    );
  const marks = await lines(".mark-tint", ["strokeDasharray", "strokeWidth"]);
  assert.equal(new Set(marks).size, 3, marks.join(" | "));
  const samples = await lines(".entity-switch .switch-sample", ["borderTopStyle", "borderTopWidth"]);
  assert.equal(new Set(samples).size, samples.length, samples.join(" | "));
});

test("ink is seen where marks, labels and arcs are in forced colours", async (t) => {
  const { page } = await startPage(t, { context: { forcedColors: "active", reducedMotion: "reduce" } });
  await write(page, SENTENCE);
  await setThreshold(page, 5);
  await page.locator(".arc-line").first().waitFor();
  await page.mouse.move(2, 2);
  for (const selector of [".mark-tint", ".mark-edge", ".mark-label", ".arc-line", ".arc-label text"]) {
    const shape = page.locator(selector).first();
    const { x, y, width, height } = await shape.boundingBox();
    const clip = { x, y, width: Math.max(width, 2), height: Math.max(height, 2) };
    const show = (visibility) => shape.evaluate((it, visibility) => (it.style.visibility = visibility), visibility);
    const drawn = await page.screenshot({ clip });
    await show("hidden");
    const bare = await page.screenshot({ clip });
    await show("visible");
    assert.ok(!drawn.equals(bare), selector);
  }
});

test("what has the keyboard and what is pointed at is outlined in forced colours", async (t) => {
  const { page } = await startPage(t, { context: { forcedColors: "active" } });
  await ready(page);
  await write(page, SENTENCE);
  await page.locator("[data-entity] button").first().hover();
  const outline = (selector) => page.locator(selector).first().evaluate((it) => getComputedStyle(it).outlineStyle);
  await becomes(() => outline(".item.is-active .item-button"), "solid");
  await page.keyboard.press("Tab");
  await becomes(() => outline(":focus-visible"), "solid");
});
