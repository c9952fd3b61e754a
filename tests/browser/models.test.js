// The choice between the shipped models.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, entities, eventually, fallBehind, found, paste, ready, related, textOf, write } from "./annotations.js";
import { consoleErrors, startPage } from "./harness.js";

const CASE = "A 40-year-old man developed hepatitis after treatment with isoniazid.";
const MODEL = "/models/adverse-events.safetensors";

const choose = (page, name) => page.getByTestId("model-menu").selectOption(name);
const types = async (page) =>
  (await page.getByTestId("entity-types").locator("button").allTextContents()).map((n) => n.replace(/\d+$/, ""));

test("another model reads the text that is there, and is remembered", async (t) => {
  const { page } = await startPage(t);
  await write(page, CASE);
  await choose(page, "adverse-events");
  await ready(page);
  await becomes(() => types(page), ["Adverse-Effect", "Drug"]);
  assert.equal(await textOf(page), CASE);
  const expected = ["Adverse-Effect: hepatitis", "Drug: isoniazid"];
  await becomes(() => found(page), expected);
  await becomes(() => related(page), ["hepatitis Adverse-Effect isoniazid"]);

  await page.reload();
  await ready(page);
  assert.equal(await page.getByTestId("model-menu").inputValue(), "adverse-events");
  await becomes(() => found(page), expected);

  await choose(page, "news");
  await ready(page);
  await becomes(() => types(page), ["Loc", "Org", "Other", "Peop"]);
  assert.deepEqual(consoleErrors(page), []);
});

test("an example that was left as it was gives way to the other model's", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  const news = await textOf(page);
  await page.getByTestId("model-menu").focus();
  await choose(page, "adverse-events");
  await eventually(async () => (await textOf(page)) !== news, "the other example is there");
  await ready(page);
  await eventually(async () => (await entities(page)).length > 5, "the other example is annotated");
  // The keyboard stays where the choice was made.
  assert.equal(await page.evaluate(() => focused().dataset.testid), "model-menu");
  await choose(page, "news");
  await becomes(() => textOf(page), news);
});

test("a text pasted just before the other model is chosen stays, even if the page is behind", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await fallBehind(page);
  await paste(page, CASE);
  await choose(page, "adverse-events");
  await becomes(() => types(page), ["Adverse-Effect", "Drug"]);
  await ready(page);
  assert.equal(await textOf(page), CASE);
});

test("a model that cannot be had costs no text, and the first can be chosen again", async (t) => {
  const { page } = await startPage(t, { server: { replies: { [MODEL]: { status: 404 } } } });
  await ready(page);
  await paste(page, CASE);
  await choose(page, "adverse-events");
  await page.getByRole("alert").waitFor();
  assert.match(await page.getByRole("alert").textContent(), /404/);
  assert.equal(await textOf(page), CASE);
  await choose(page, "news");
  await becomes(() => page.getByRole("alert").count(), 0);
  await ready(page);
  assert.equal(await textOf(page), CASE);
});

test("a choice made while another model answers gets answers of its own only", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  // No two sentences alike: a known one is answered at once.
  const meetings = Array.from({ length: 400 }, (_, day) => `Mary Jones of Acme Corp met Tom Brown on day ${day}.`);
  await paste(page, `${meetings.join(" ")}\n${CASE}`);
  await page.getByTestId("doing").filter({ hasText: "Annotating" }).waitFor();
  await choose(page, "adverse-events");
  await becomes(() => types(page), ["Adverse-Effect", "Drug"]);
  await ready(page);
  const inCase = async () =>
    (await entities(page))
      .filter(({ start }) => start > meetings.join(" ").length)
      .map(({ type, text }) => `${type}: ${text}`);
  await becomes(inCase, ["Adverse-Effect: hepatitis", "Drug: isoniazid"]);
  assert.ok((await entities(page)).every(({ type }) => ["Adverse-Effect", "Drug"].includes(type)));
});
