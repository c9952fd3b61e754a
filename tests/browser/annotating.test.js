// Text comes in, annotations come out, and stay where they belong.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, entities, eventually, fallBehind, found, ready, related, relations, textOf, write } from "./annotations.js";
import { consoleErrors, foreignRequests, startPage } from "./harness.js";

const SENTENCE = "Mary Jones works for Acme Corp in Boston.";

test("the page opens with an example that is annotated", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  assert.ok((await textOf(page)).length > 200);
  assert.ok((await entities(page)).length > 5);
  assert.ok((await relations(page)).length > 1);
  assert.deepEqual(consoleErrors(page), []);
  assert.deepEqual(foreignRequests(page), []);
});

test("a typed sentence shows its person, organisation, place and employment", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  await becomes(() => found(page), ["Peop: Mary Jones", "Org: Acme Corp", "Loc: Boston"]);
  const [person] = await entities(page);
  assert.deepEqual([person.start, person.end], [0, 10]);
  assert.ok(person.score > 0 && person.score <= 1);

  const employment = (await relations(page)).find((r) => r.type === "Work_For");
  assert.equal(employment.head, "Mary Jones");
  assert.equal(employment.tail, "Acme Corp");
  assert.deepEqual([employment.start, employment.end], [0, 30]);
  await becomes(() => page.locator(".arc-label", { hasText: "Work_For" }).count(), 1);
  assert.ok((await page.locator("path.arc-line").count()) >= 1);
  await becomes(() => page.locator(".mark").count(), 3);
  assert.deepEqual(consoleErrors(page), []);
  assert.deepEqual(foreignRequests(page), []);
});

test("annotations come while a sentence is still being typed", async (t) => {
  const { page } = await startPage(t);
  await write(page, "Mary Jones works for");
  await page.keyboard.type(" Acme Corp in ", { delay: 30 });
  await eventually(async () => (await found(page)).includes("Peop: Mary Jones"), "the person is found");
  await page.keyboard.type("Boston.", { delay: 30 });
  await ready(page);
  assert.ok((await found(page)).includes("Loc: Boston"));
});

test("editing one sentence changes only its annotations", async (t) => {
  const { page } = await startPage(t);
  await write(page, `${SENTENCE} Peter Vance lives in Denver.`);
  const before = await entities(page);
  // Elements that stay are recognised by a mark of the test's own.
  await page.locator("[data-entity]").evaluateAll((items) => items.forEach((item) => (item.seen = true)));
  const seen = () =>
    page.locator("[data-entity]").evaluateAll((items) => items.filter((item) => item.seen).map((item) => item.dataset.id));

  await page.keyboard.press("Control+End");
  for (let i = 0; i < "Denver.".length; i++) await page.keyboard.press("Backspace");
  await page.keyboard.type("Seattle.");
  await ready(page);

  const after = await entities(page);
  const firstSentence = (all) => all.filter((e) => e.end <= SENTENCE.length);
  assert.deepEqual(firstSentence(after), firstSentence(before));
  assert.ok((await found(page)).includes("Loc: Seattle"));
  assert.ok(!(await found(page)).includes("Loc: Denver"));
  const kept = await seen();
  assert.ok(firstSentence(before).every((e) => kept.includes(e.id)));
});

test("annotations move along with an edit before them and keep their identity", async (t) => {
  const { page } = await startPage(t);
  await write(page, `It rained.\n${SENTENCE}`);
  const named = async () => (await entities(page)).filter((e) => SENTENCE.includes(e.text));
  const before = await named();
  assert.equal(before.length, 3);
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("Then ");
  await ready(page);
  assert.deepEqual(
    (await named()).map(({ id, start, text }) => ({ id, start, text })),
    before.map(({ id, start, text }) => ({ id, start: start + 5, text })),
  );
});

test("an emptied text has no annotations, and undo brings both back", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  await page.getByRole("button", { name: "Clear" }).click();
  await ready(page);
  assert.equal(await textOf(page), "");
  await becomes(() => found(page), []);
  await becomes(() => page.locator(".mark").count(), 0);
  await page.keyboard.press("Control+Z");
  await ready(page);
  assert.equal(await textOf(page), SENTENCE);
  assert.equal((await found(page)).length, 3);
});

test("the example can be had again", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  const example = await textOf(page);
  await write(page, "Something else.");
  await page.getByRole("button", { name: "Example" }).click();
  await ready(page);
  assert.equal(await textOf(page), example);
});

test("the text survives a reload", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  await page.reload();
  await ready(page);
  assert.equal(await textOf(page), SENTENCE);
  assert.equal((await found(page)).length, 3);
});

test("what was typed last survives a reload too, even if the page is behind", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  await fallBehind(page);
  await page.keyboard.type(" Peter Vance lives in Denver.");
  await page.reload();
  await ready(page);
  assert.equal(await textOf(page), `${SENTENCE} Peter Vance lives in Denver.`);
});

test("what a person accepted, rejected and drew survives a reload", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  const annotator = page.locator("spanarc-annotator");
  const kept = () =>
    annotator.evaluate(({ annotations: { entities, relations } }) =>
      [...entities, ...relations].filter((one) => one.state !== "suggested").map((one) => `${one.type} ${one.origin} ${one.state}`).sort(),
    );
  await annotator.evaluate((element) => {
    const { entities, relations } = element.annotations;
    element.accept(entities.find((entity) => entity.type === "Peop").id);
    element.reject(relations.find((relation) => relation.type === "Work_For").id);
    element.addEntity({ type: "Other", start: 11, end: 16 });
  });
  const before = await kept();
  assert.deepEqual(before, ["Other person accepted", "Peop model accepted", "Work_For model rejected"]);
  await page.reload();
  await ready(page);
  assert.deepEqual(await kept(), before);
  assert.equal(await textOf(page), SENTENCE);
});

test("a page in which nothing was done leaves alone what another one has stored", async (t) => {
  const { page } = await startPage(t);
  await write(page, "It rained.");
  await page.reload();
  await ready(page);
  const [url, other] = [page.url(), await page.context().newPage()];
  await other.goto(url);
  await write(other, SENTENCE);
  // The page that was worked in is left before the other one is.
  await other.goto("about:blank");
  await page.goto("about:blank");
  await page.goto(url);
  await ready(page);
  assert.equal(await textOf(page), SENTENCE);
});

test("what is stored but is no document gives way to the example", async (t) => {
  const { page } = await startPage(t, { open: false });
  await page.addInitScript(() => localStorage.setItem("spanarc.document", JSON.stringify("null")));
  await page.goto("/");
  await ready(page);
  assert.ok((await textOf(page)).length > 200);
  assert.deepEqual(consoleErrors(page), []);
});

const OBSTRUCTIONS = {
  "that may store nothing": () =>
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("forbidden", "SecurityError");
      },
    }),
  "whose storage is full": () => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  },
};

for (const [which, obstruct] of Object.entries(OBSTRUCTIONS)) {
  test(`a page ${which} works all the same`, async (t) => {
    const { page } = await startPage(t, { open: false });
    await page.addInitScript(obstruct);
    await page.goto("/");
    await write(page, SENTENCE);
    await page.waitForTimeout(600);
    assert.equal((await found(page)).length, 3);
    assert.deepEqual(consoleErrors(page), []);
  });
}

test("line breaks separate, and relations stay within their sentences", async (t) => {
  const { page } = await startPage(t);
  await write(page, `${SENTENCE}\n\nPeter Vance lives in Denver.`);
  for (const relation of await related(page)) {
    const names = ["Mary Jones", "Acme Corp", "Boston"].filter((name) => relation.includes(name));
    assert.ok(names.length === 2 || names.length === 0, relation);
  }
});
