// Arcs and labels keep clear of the text, whatever the width and however many there are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, eventually, ready, relations, setThreshold, write } from "./annotations.js";
import { startPage } from "./harness.js";

/** What of the drawing runs through letters: measured with the font's own boxes, line by line. */
function crossings() {
  const surface = inside(".mirror");
  const style = getComputedStyle(surface);
  const context = document.createElement("canvas").getContext("2d");
  context.font = `${style.fontSize} ${style.fontFamily}`;
  const lines = [];
  for (const paragraph of insideAll(".block")) {
    const text = paragraph.firstChild;
    const byTop = new Map();
    for (let i = 0; i < text.data.length; i++) {
      const range = document.createRange();
      range.setStart(text, i);
      range.setEnd(text, i + 1);
      for (const box of range.getClientRects()) {
        const line = byTop.get(Math.round(box.top)) ?? { top: box.top, left: box.left, right: box.right, text: "" };
        line.left = Math.min(line.left, box.left);
        line.right = Math.max(line.right, box.right);
        line.text += text.data[i];
        byTop.set(Math.round(box.top), line);
      }
    }
    for (const line of byTop.values()) {
      const ink = context.measureText(line.text);
      const baseline = line.top + ink.fontBoundingBoxAscent;
      lines.push({
        text: line.text,
        left: line.left,
        right: line.right,
        top: baseline - ink.actualBoundingBoxAscent,
        bottom: baseline + ink.actualBoundingBoxDescent,
      });
    }
  }
  const inText = (x, y) => lines.find((l) => x > l.left && x < l.right && y > l.top && y < l.bottom);
  const found = [];
  let points = 0;
  for (const path of insideAll(".arc-line")) {
    const toScreen = path.getScreenCTM();
    for (let at = 0; at <= path.getTotalLength(); at += 1.5) {
      const { x, y } = path.getPointAtLength(at).matrixTransform(toScreen);
      points++;
      const line = inText(x, y);
      if (line) found.push(`an arc at ${x}, ${y} in "${line.text}"`);
    }
  }
  for (const shape of insideAll(".arc-tip, .arc-label text, .mark-label")) {
    const box = shape.getBoundingClientRect();
    // Letters do not fill the box of their font.
    const inset = shape.matches("text") ? box.height / 5 : 0;
    const line = lines.find(
      (l) => box.left < l.right && l.left < box.right && box.top + inset < l.bottom && l.top < box.bottom - inset,
    );
    if (line) found.push(`${shape.textContent || "an arrowhead"} in "${line.text}"`);
  }
  return { found, points };
}

for (const [name, viewport] of Object.entries({
  wide: { width: 1400, height: 1000 },
  medium: { width: 760, height: 1400 },
  narrow: { width: 390, height: 2600 },
})) {
  test(`no arc or label crosses text on a ${name} page, even when all relations are shown`, async (t) => {
    const { page } = await startPage(t, { context: { viewport } });
    await ready(page);
    await setThreshold(page, 5);
    await becomes(() => page.getByTestId("threshold-value").textContent(), "5%");
    const listed = (await relations(page)).length;
    await becomes(() => page.locator(".arc-line").count(), listed);
    const { found, points } = await page.evaluate(crossings);
    assert.ok(points > 100, "there are arcs");
    assert.deepEqual(found, []);
  });
}

test("arcs follow the text when the page becomes narrower", async (t) => {
  const { page } = await startPage(t, { context: { viewport: { width: 1400, height: 1400 } } });
  await ready(page);
  const arcs = () => page.locator(".arc-line").evaluateAll((all) => all.map((arc) => arc.getAttribute("d")).join());
  await eventually(async () => (await arcs()) !== "", "arcs are drawn");
  const before = await arcs();
  await page.setViewportSize({ width: 420, height: 2600 });
  await eventually(async () => (await arcs()) !== before, "the arcs are drawn anew");
  await becomes(async () => (await page.evaluate(crossings)).found, []);
});

test("the textarea and its mirror break lines alike", async (t) => {
  for (const width of [390, 640, 1000, 1400]) {
    const { page } = await startPage(t, { context: { viewport: { width, height: 1200 } } });
    await ready(page);
    const [text, mirror] = await page.evaluate(() => {
      const area = inside("textarea");
      const copy = area.cloneNode();
      copy.value = area.value;
      copy.style.height = "0";
      area.parentNode.append(copy);
      const padding = parseFloat(getComputedStyle(copy).paddingTop) + parseFloat(getComputedStyle(copy).paddingBottom);
      const height = copy.scrollHeight - padding;
      copy.remove();
      return [height, inside(".mirror").getBoundingClientRect().height];
    });
    assert.ok(Math.abs(text - mirror) < 1, `${width}: ${text} and ${mirror}`);
  }
});

test("an arrowhead points at the tail", async (t) => {
  const { page } = await startPage(t);
  await write(page, "Mary Jones works for Acme Corp in Boston.");
  await page.locator(".arc-label", { hasText: "Work_For" }).waitFor();
  const [tip, tail] = await page.evaluate(() => {
    const label = [...insideAll(".arc-label")].findIndex((l) => l.textContent === "Work_For");
    const arrow = insideAll(".arc-tip")[label].getBoundingClientRect();
    return [arrow, insideAll(".mark-tint")[1].getBoundingClientRect()].map((box) => box.toJSON());
  });
  assert.ok(tip.left > tail.left && tip.right < tail.right);
  assert.ok(tip.bottom <= tail.top + 1 && tip.bottom > tail.top - 4);
});
