// The annotator beside Recogito, with W3C Web Annotations between them.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { SENTENCE, becomes, build, open, serve, type } from "./support.js";

let dist;
before(async () => (dist = await build("recogito")));

/** The page with the sentence typed and read by the model. */
async function startPage(t) {
  const { page, errors } = await open(t, await serve(t, { "/": dist }));
  await type(page.locator("spanarc-annotator"));
  await becomes(() => highlights(page), "Acme Corp, Boston, Mary Jones");
  return { page, errors };
}

/** The W3C annotations that the page shows. */
const shown = (page) => page.evaluate(() => JSON.parse(document.querySelector("output").textContent));

/** The words under Recogito's highlights. */
async function highlights(page) {
  const drawn = await page
    .locator(".r6o-annotation")
    .evaluateAll((spans) => spans.map(({ dataset }) => dataset.annotation));
  const quotes = new Map((await shown(page)).map(({ id, target }) => [id, target[0].selector?.[0].exact]));
  return drawn.map((id) => quotes.get(id)).sort().join(", ");
}

/** The words of the annotator's entities that are not rejected, with their states. */
const entities = (page) =>
  page.locator("spanarc-annotator").evaluate(({ annotations: { text, entities } }) => {
    const kept = entities.filter(({ state }) => state !== "rejected");
    return kept.map(({ start, end, type, state }) => `${text.slice(start, end)} ${type} ${state}`).join(", ");
  });

/** Where a word stands in Recogito. */
const place = (page, word) =>
  page.evaluate((word) => {
    const node = document.querySelector("#recogito p").firstChild;
    const range = document.createRange();
    range.setStart(node, node.data.indexOf(word));
    range.setEnd(node, node.data.indexOf(word) + word.length);
    const { x, y, width, height } = range.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  }, word);

async function remove(page, word) {
  await page.mouse.click(...(await place(page, word)));
  await page.getByRole("button", { name: "Remove" }).click();
}

test("recogito: what the model finds is tags and links of W3C", async (t) => {
  const { page, errors } = await startPage(t);
  const annotations = await shown(page);
  const tags = annotations.filter(({ motivation }) => motivation === "tagging");
  const told = tags.map(({ type, body, target: [{ source, selector }] }) => [type, body[0].value, source, selector]);
  const selector = (exact, prefix, suffix) => {
    const start = SENTENCE.indexOf(exact);
    const quote = { type: "TextQuoteSelector", exact, prefix, suffix };
    return [quote, { type: "TextPositionSelector", start, end: start + exact.length }];
  };
  assert.deepEqual(told, [
    ["Annotation", "Peop", "urn:text:1", selector("Mary Jones", "", " works for")],
    ["Annotation", "Org", "urn:text:1", selector("Acme Corp", "works for ", " in Boston")],
    ["Annotation", "Loc", "urn:text:1", selector("Boston", "e Corp in ", ".")],
  ]);
  const quotes = new Map(tags.map(({ id, target }) => [id, target[0].selector[0].exact]));
  const links = annotations.filter(({ motivation }) => motivation === "linking");
  assert.deepEqual(
    links.map(({ body, target: [head, tail] }) => `${quotes.get(head.id)} ${body[0].value} ${quotes.get(tail.id)}`),
    ["Mary Jones Work_For Acme Corp", "Acme Corp OrgBased_In Boston"],
  );
  assert.deepEqual(errors, []);
});

test("recogito: what is annotated there is in the annotator, until it is removed there", async (t) => {
  const { page, errors } = await startPage(t);
  await page.getByLabel("New selections are").selectOption("Other");
  await page.mouse.dblclick(...(await place(page, "works")));
  const others = "Acme Corp Org suggested, Boston Loc suggested";
  await becomes(() => entities(page), `Mary Jones Peop suggested, works Other accepted, ${others}`);
  await becomes(() => highlights(page), "Acme Corp, Boston, Mary Jones, works");
  await remove(page, "works");
  await becomes(() => entities(page), `Mary Jones Peop suggested, ${others}`);
  await becomes(() => highlights(page), "Acme Corp, Boston, Mary Jones");
  assert.deepEqual(errors, []);
});

test("recogito: what is annotated in the annotator is there, until it is removed in the annotator", async (t) => {
  const { page, errors } = await startPage(t);
  const annotator = page.locator("spanarc-annotator");
  const id = await annotator.evaluate((annotator) => annotator.addEntity({ type: "Other", start: 11, end: 16 }));
  await becomes(() => highlights(page), "Acme Corp, Boston, Mary Jones, works");
  await annotator.evaluate((annotator, id) => annotator.removeEntity(id), id);
  await becomes(() => highlights(page), "Acme Corp, Boston, Mary Jones");
  assert.deepEqual(errors, []);
});

test("recogito: a suggestion that is removed there is rejected in the annotator, with its relations", async (t) => {
  const { page, errors } = await startPage(t);
  await remove(page, "Acme");
  await becomes(() => highlights(page), "Boston, Mary Jones");
  assert.equal(await entities(page), "Mary Jones Peop suggested, Boston Loc suggested");
  assert.deepEqual((await shown(page)).filter(({ motivation }) => motivation === "linking"), []);
  // Nor does the model suggest it again when the sentence changes.
  await page.locator("spanarc-annotator").locator("textarea").focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("Today ");
  await becomes(() => highlights(page), "Boston, Mary Jones");
  await becomes(() => page.locator("#recogito p").textContent(), `Today ${SENTENCE}`);
  await page.locator("spanarc-annotator").evaluate((annotator) => annotator.annotate());
  await becomes(() => highlights(page), "Boston, Mary Jones");
  assert.deepEqual(errors, []);
});
