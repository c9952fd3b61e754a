// What the tests do to the page and read off it.

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";

const PATIENCE = 60_000;

/** Waits until everything in the text is annotated. A busy page renders what was typed a little later: what it shows counts only
 *  once it speaks of a text of that length. */
export async function ready(page) {
  const isReady = () => {
    const doing = inside("[data-testid=doing]");
    return doing?.textContent === "Ready" && Number(doing.dataset.length) === inside("textarea").value.length;
  };
  await page.waitForFunction(isReady, undefined, { timeout: PATIENCE });
}

/** Waits for the model, then puts `text` in place of what is there, by keyboard. */
export async function write(page, text) {
  await ready(page);
  await page.getByTestId("text").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await page.keyboard.type(text);
  await ready(page);
}

/** The same at one stroke, as pasting does. */
export async function paste(page, text) {
  await page.getByTestId("text").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
}

export const textOf = (page) => page.getByTestId("text").inputValue();

/** The data of all rows of a list, in order. Only those near the screen are rendered: a longer list is scrolled through. */
async function rows(page, testid) {
  const list = page.getByTestId(testid);
  if ((await list.count()) === 0) return [];
  return list.evaluate(async (list) => {
    const scroller = list.parentElement;
    const seen = new Map();
    const read = () => {
      for (const row of list.children) seen.set(Number(row.ariaPosInSet), { ...row.dataset });
      return Number(list.lastElementChild?.ariaSetSize ?? 0);
    };
    const before = scroller.scrollTop;
    const until = performance.now() + 20_000;
    while (seen.size < read() && performance.now() < until) {
      let next = 1;
      while (seen.has(next)) next++;
      scroller.scrollTop = ((next - 1) / read()) * list.offsetHeight;
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
    scroller.scrollTop = before;
    const size = read();
    return [...seen].filter(([place]) => place <= size).sort(([a], [b]) => a - b).map(([, data]) => data);
  });
}

/** The row of an entity or relation, once its list is scrolled to it. */
export async function row(page, { id }) {
  const wanted = page.locator(`.item[data-id="${id}"]`);
  for (const testid of ["entities", "relations"]) {
    const index = (await rows(page, testid)).findIndex((data) => data.id === id);
    if (index < 0) continue;
    await page.getByTestId(testid).evaluate((list, index) => {
      const size = Number(list.lastElementChild.ariaSetSize);
      list.parentElement.scrollTop = (index / size) * list.offsetHeight - list.parentElement.clientHeight / 2;
    }, index);
    await wanted.waitFor();
  }
  return wanted;
}

/** The listed entities: type, offsets, score, identity, and the text that the offsets cut out. */
export async function entities(page) {
  const text = await textOf(page);
  const items = await rows(page, "entities");
  return items.map((item) => ({
    type: item.entity,
    start: Number(item.start),
    end: Number(item.end),
    score: Number(item.score),
    id: item.id,
    text: text.slice(Number(item.start), Number(item.end)),
  }));
}

/** The listed relations: type, texts of head and tail, offsets of their hull, score, identity. */
export async function relations(page) {
  const text = await textOf(page);
  const items = await rows(page, "relations");
  return items.map((item) => ({
    type: item.relation,
    head: text.slice(Number(item.headStart), Number(item.headEnd)),
    tail: text.slice(Number(item.tailStart), Number(item.tailEnd)),
    start: Number(item.start),
    end: Number(item.end),
    score: Number(item.score),
    id: item.id,
  }));
}

/** Types and texts only, which is what most tests are about. */
export const found = async (page) => (await entities(page)).map(({ type, text }) => `${type}: ${text}`);
export const related = async (page) => (await relations(page)).map((r) => `${r.head} ${r.type} ${r.tail}`);

/** Moves the relation threshold, in percent. */
export async function setThreshold(page, percent) {
  await page.getByTestId("threshold").fill(String(percent));
}

/** Makes the page late with its rendering from now on, as on a busy machine: Yew lets events through once it has rendered for 16 ms,
 *  and goes on after a timeout of 0 ms. */
export async function fallBehind(page) {
  await page.evaluate(() => {
    const { now } = Date;
    const { setTimeout } = window;
    let ahead = 0;
    Date.now = () => now.call(Date) + (ahead += 20);
    window.setTimeout = (handler, delay, ...rest) => setTimeout(handler, delay === 0 ? 150 : delay, ...rest);
  });
}

/** Asserts that `probe` comes to give `expected`: the page shows what was done to it when it gets round to rendering. */
export async function becomes(probe, expected, patience) {
  let shown;
  await holds(async () => isDeepStrictEqual((shown = await probe()), expected), patience);
  assert.deepEqual(shown, expected);
}

/** Asserts that `probe` becomes true, for what has no event to wait for. */
export async function eventually(probe, message, patience) {
  assert.ok(await holds(probe, patience), message);
}

/** Whether `probe` becomes true within `patience` milliseconds. */
async function holds(probe, patience = 10_000) {
  const until = Date.now() + patience;
  while (!(await probe())) {
    if (Date.now() >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}
