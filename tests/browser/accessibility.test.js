// The page for those who do not see it, or do not use a mouse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, eventually, ready, write } from "./annotations.js";
import { startPage } from "./harness.js";
import { startHost } from "./host.js";

const SENTENCE = "Mary Jones works for Acme Corp in Boston.";

test("entities and relations are lists that say type, text and score", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  const lists = page.getByRole("complementary", { name: "Annotations" }).getByRole("list");
  await becomes(() => lists.count(), 2);
  const entities = page.getByRole("region", { name: "Entities" }).getByRole("listitem");
  await becomes(() => entities.count(), 3);
  assert.match(await entities.first().getByRole("button").innerText(), /Mary Jones\s+Peop\s+\d+%/);
  const employment = page.getByRole("listitem").filter({ hasText: "Work_For" }).last();
  assert.match(await employment.getByRole("button").textContent(), /Mary Jones to Acme Corp/);
});

test("a summary is announced once things stand still", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  const summary = page.getByTestId("summary");
  assert.equal(await summary.getAttribute("aria-live"), "polite");
  await eventually(async () => /^3 entities, \d+ relations?$/.test(await summary.textContent()), "the summary is told");
});

test("the text surface has a name and everything can be reached by keyboard", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  assert.equal(await page.getByRole("textbox", { name: "Text to annotate" }).count(), 1);
  assert.equal(await page.getByTestId("text").count(), 1);
  const reached = new Set();
  await page.evaluate(() => focused().blur());
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    reached.add(
      await page.evaluate(() => {
        const it = focused();
        return it.dataset.testid ?? it.getAttribute("aria-label") ?? it.textContent;
      }),
    );
  }
  for (const name of ["Example", "Clear", "theme", "text", "threshold", "Open…", "Copy as JSON", "Export", "Format"]) {
    assert.ok(reached.has(name), `${name} among ${[...reached]}`);
  }
});

test("the drawing is hidden from screen readers, which have the lists", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  const hidden = (selector) => page.locator(selector).getAttribute("aria-hidden");
  assert.equal(await hidden("svg.scene"), "true");
  assert.equal(await hidden(".mirror"), "true");
});

for (const colorScheme of ["light", "dark"]) {
  test(`text stands out from its ground on the ${colorScheme} page`, async (t) => {
    const { page } = await startPage(t, { context: { colorScheme } });
    await ready(page);
    const low = await page.evaluate(() => {
      const luminance = (color) => {
        const [r, g, b] = color.match(/[\d.]+/g).map((v) => {
          const channel = Number(v) / 255;
          return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const contrast = (a, b) => {
        const [low, high] = [luminance(a), luminance(b)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
      };
      const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
          const color = getComputedStyle(at).backgroundColor;
          if (!/, 0\)$|transparent/.test(color)) return color;
        }
        return "rgb(255, 255, 255)";
      };
      const low = [];
      const check = (element, color) => {
        const reached = contrast(color, ground(element));
        if (reached < 4.5) low.push(`${element.className.baseVal ?? element.className}: ${reached.toFixed(2)}`);
      };
      for (const element of insideAll("h1, h2, p, label, output, button, span, textarea")) {
        if (element.closest(".visually-hidden")) continue;
        check(element, getComputedStyle(element).color);
      }
      for (const text of insideAll(".scene text")) check(text.closest("svg").parentElement, getComputedStyle(text).fill);
      return [...new Set(low)];
    });
    assert.deepEqual(low, []);
  });
}

test("a page's label names the landmarks, and its description describes the text", async (t) => {
  const { page } = await startHost(
    t,
    `<label for="note">Note</label><p id="help">No names, please.</p>
     <spanarc-annotator id="note" aria-describedby="help" panel="side"></spanarc-annotator>`,
  );
  await page.evaluate(() => {
    const entities = [{ type: "Person", start: 0, end: 3 }];
    document.querySelector("spanarc-annotator").annotations = { text: "Ann.", entities };
  });
  const named = (role, name) => page.getByRole(role, { name, exact: true }).count();
  await becomes(() => named("textbox", "Note"), 1);
  assert.equal(await named("region", "Text, Note"), 1);
  assert.equal(await named("complementary", "Annotations, Note"), 1);
  assert.equal(await named("region", "Entities, Note"), 1);
  assert.equal(await named("region", "Relations, Note"), 1);
  assert.equal(await page.getByTestId("text").getAttribute("aria-description"), "No names, please.");
});

test("a text that is missing is told to be invalid once somebody has asked, until it is not", async (t) => {
  const { page } = await startHost(t, `<form><spanarc-annotator required></spanarc-annotator></form>`);
  await page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  const invalid = () => page.getByTestId("text").getAttribute("aria-invalid");
  const report = () => page.evaluate(() => document.forms[0].reportValidity());
  assert.equal(await invalid(), null);
  assert.equal(await report(), false);
  await becomes(invalid, "true");
  await page.getByTestId("text").fill("Ann.");
  await becomes(invalid, null);
  await page.getByTestId("text").fill("");
  await becomes(invalid, "true");
  await page.evaluate(() => document.forms[0].reset());
  await becomes(invalid, null);
});
