// Legend, threshold, theme, tooltip, export.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { becomes, entities, eventually, found, paste, ready, relations, setThreshold, write } from "./annotations.js";
import { consoleErrors, startPage } from "./harness.js";

const SENTENCE = "Mary Jones works for Acme Corp in Boston.";

test("the legend names every type and switches it off and on", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  const names = (id) => page.getByTestId(id).locator("button").allTextContents();
  assert.deepEqual((await names("entity-types")).map((n) => n.replace(/\d+$/, "")), ["Loc", "Org", "Other", "Peop"]);
  assert.equal((await names("relation-types")).length, 5);

  const organisations = page.getByTestId("entity-types").getByRole("button", { name: /Org/ });
  await organisations.click();
  await becomes(() => organisations.getAttribute("aria-pressed"), "false");
  await becomes(() => found(page), ["Peop: Mary Jones", "Loc: Boston"]);
  assert.ok((await relations(page)).every((r) => r.type !== "Work_For"));
  await becomes(() => page.locator(".mark").count(), 2);
  await organisations.click();
  await becomes(async () => (await found(page)).length, 3);
});

test("the threshold decides which relations are shown, without the worker", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(
    page,
    "Helena Marsh, a structural engineer from Portland, was named president of Corvane Systems in Seattle on Monday.\n" +
      "She succeeds Daniel Okafor of Lagos, who told Ruth Ellison of the Harbor Trust in Boston that Peter Vance left Denver.\n" +
      "Thomas Reed, whose family lives in Oslo, met Ana Silva near the Lumen Bank office in Chicago before he moved to Tacoma.",
  );
  await ready(page);
  const milliseconds = await page.getByTestId("milliseconds").textContent();
  const scores = async () => (await relations(page)).map((r) => r.score);
  const shown = () => page.getByTestId("threshold-value").textContent();
  await setThreshold(page, 5);
  await becomes(shown, "5%");
  const all = await scores();
  for (const percent of [30, 60, 99]) {
    await setThreshold(page, percent);
    await becomes(shown, `${percent}%`);
    await becomes(scores, all.filter((score) => score >= percent / 100));
  }
  assert.ok((await scores()).length < all.length);
  assert.equal(await page.getByTestId("milliseconds").textContent(), milliseconds);
});

test("hovering shows type, text and score, and what is related stands out", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  const at = async (selector) => {
    const box = await page.locator(selector).first().boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  };
  await at(".mark-tint");
  const tooltip = page.getByTestId("tooltip");
  await tooltip.waitFor();
  assert.match(await tooltip.textContent(), /^PeopMary Jones\d+%$/);
  await eventually(async () => (await page.locator(".mark.is-active").count()) >= 2, "what is related stands out");
  await becomes(() => page.locator(".item.is-active").count(), 1);

  await at(".arc-label");
  await eventually(async () => (await tooltip.textContent()).includes("→"), "the arc is described");
  await becomes(() => page.locator(".arc.is-active").count(), 1);

  await page.mouse.move(2, 2);
  await tooltip.waitFor({ state: "detached" });
  await becomes(() => page.locator(".is-active").count(), 0);
});

test("pointing at an item of the list lights up its place in the text", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  await page.locator("[data-relation]").first().hover();
  await becomes(() => page.locator(".arc.is-active").count(), 1);
  await becomes(() => page.locator(".mark.is-active").count(), 2);
  assert.equal(await page.getByTestId("tooltip").count(), 0);
});

for (const [system, other] of [["light", "dark"], ["dark", "light"]]) {
  test(`a ${system} system shows a ${system} page, and the toggle changes it for good`, async (t) => {
    const { page } = await startPage(t, { context: { colorScheme: system } });
    const luminance = () =>
      page.evaluate(() => {
        const [r, g, b] = getComputedStyle(inside(".sheet")).backgroundColor.match(/\d+/g).map(Number);
        return r + g + b > 380 ? "light" : "dark";
      });
    await ready(page);
    await becomes(luminance, system);
    await page.getByTestId("theme").click();
    await becomes(luminance, other);
    await page.reload();
    await ready(page);
    await becomes(luminance, other);
    await page.getByTestId("theme").click();
    await becomes(luminance, system);
    assert.deepEqual(consoleErrors(page), []);
  });
}

test("the annotations can be copied and saved as JSON", async (t) => {
  const { page, context } = await startPage(t);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await write(page, SENTENCE);
  await page.getByRole("button", { name: "Copy as JSON" }).click();
  await page.getByText("Copied").waitFor();
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  assert.equal(copied.text, SENTENCE);
  assert.equal(copied.offsets, "utf16");
  assert.deepEqual(copied.entities.map((e) => SENTENCE.slice(e.start, e.end)), (await entities(page)).map((e) => e.text));
  assert.equal(copied.relations.length, (await relations(page)).length);

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export" }).click(),
  ]);
  assert.deepEqual(JSON.parse(await readFile(await download.path(), "utf8")), copied);
});
