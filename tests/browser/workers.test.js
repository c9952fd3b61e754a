// Several workers share a long text: the same annotations, whatever becomes of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./annotations.js";
import { consoleErrors, startServer } from "./harness.js";
import { startHost } from "./host.js";
import { prose } from "./texts.js";

// Enough to be worth a second worker on a fast machine, too.
const TEXT = prose(8000);
const MODEL = "/models/news.safetensors";

/** Keeps the page's workers, in the order in which they were started. */
function keepWorkers() {
  window.workers = [];
  window.Worker = class extends Worker {
    constructor(...options) {
      super(...options);
      window.workers.push(this);
    }
  };
}

/** A page in which `annotated(workers, during)` gives the annotations of `TEXT` by so many workers. */
async function start(t, options) {
  const { page, server } = await startHost(t, `<div id="a"></div>`, options);
  await page.evaluate(keepWorkers);
  const mount = (workers) =>
    page.evaluate(
      ([text, workers]) => {
        document.getElementById("a").replaceChildren();
        window.workers.length = 0;
        window.element = mount(document.getElementById("a"), text);
        window.element.workers = workers;
        window.done = new Promise((resolve) =>
          window.element.addEventListener("annotations", ({ detail }) => detail.complete && resolve()),
        );
      },
      [TEXT, workers],
    );
  const done = () =>
    page.evaluate(async () => {
      await window.element.annotate();
      return window.element.annotations;
    });
  const shares = (count = 2) => eventually(() => page.evaluate((count) => window.workers.length >= count, count), "there are more workers");
  return { page, server, mount, done, shares };
}

/** That both say the same; scores differ by rounding at most. */
function same(one, other) {
  const bare = ({ entities, relations }) => {
    const places = new Map(entities.map(({ id, start, end }) => [id, `${start}-${end}`]));
    return [
      entities.map(({ type, start, end }) => `${type} ${start}-${end}`),
      // In the order in which they were found.
      relations.map(({ type, head, tail }) => `${type} ${places.get(head)} ${places.get(tail)}`).sort(),
    ];
  };
  assert.ok(one.entities.length > 500, `${one.entities.length} entities`);
  assert.equal(one.text, other.text);
  assert.deepEqual(bare(one), bare(other));
  const differences = one.entities.map(({ score }, i) => Math.abs(score - other.entities[i].score));
  assert.ok(Math.max(...differences) <= 1e-3);
}

test("two and four workers say the same as one, and fetch the model once", async (t) => {
  const { page, server, mount, done } = await start(t);
  await mount(1);
  const alone = await done();
  assert.equal(await page.evaluate(() => window.workers.length), 1);
  for (const workers of [2, 4]) {
    const fetched = server.requests.filter(({ path }) => path === MODEL).length;
    await mount(workers);
    same(await done(), alone);
    const started = await page.evaluate(() => window.workers.length);
    assert.ok(started >= 2 && started <= workers, `${started} of ${workers}`);
    assert.equal(server.requests.filter(({ path }) => path === MODEL).length, fetched + 1);
  }
  assert.deepEqual(consoleErrors(page), []);
});

test("a worker that dies in the middle, with a word or without, leaves its sentences to the others", async (t) => {
  const { page, mount, done, shares } = await start(t);
  await mount(1);
  const alone = await done();
  // Other workers each time: those of the same number would know the sentences.
  for (const [workers, told] of [[2, true], [3, false]]) {
    await mount(workers);
    await shares();
    // It has sentences by then.
    await page.waitForTimeout(1500);
    await page.evaluate((told) => {
      const [, second] = window.workers;
      second.terminate();
      if (told) second.dispatchEvent(new ErrorEvent("error", { message: "killed" }));
    }, told);
    same(await done(), alone);
  }
  assert.deepEqual(consoleErrors(page), []);
});

test("an edit in the middle of the work counts", async (t) => {
  const { page, mount, done, shares } = await start(t);
  const edit = () =>
    page.evaluate(async () => {
      await window.element.loaded;
      const at = window.element.value.indexOf("Mary Jones", window.element.value.length / 2);
      window.element.replaceText(at, at + "Mary Jones".length, "Kofi Annan of Acme Corp");
    });
  await mount(1);
  await edit();
  const alone = await done();
  await mount(4);
  await shares();
  await page.waitForTimeout(1000);
  await edit();
  same(await done(), alone);
  assert.ok(alone.text.includes("Kofi Annan"));
});

test("the first worker's death is survived by the text", async (t) => {
  const { page, mount, done, shares } = await start(t);
  await mount(1);
  const alone = await done();
  await mount(2);
  await shares();
  await page.evaluate(() => {
    window.workers[0].terminate();
    window.workers[0].dispatchEvent(new ErrorEvent("error", { message: "killed" }));
  });
  same(await done(), alone);
});

test("further workers start under a strict policy, from another origin, and where Trusted Types are demanded", async (t) => {
  const elsewhere = await startServer({ headers: { "access-control-allow-origin": "*" } });
  t.after(() => elsewhere.stop());
  const { origin } = elsewhere;
  const policy =
    `default-src 'none'; script-src 'self' 'wasm-unsafe-eval' ${origin}; worker-src blob:; connect-src 'self' ${origin}; ` +
    "style-src 'self'; require-trusted-types-for 'script'; trusted-types spanarc";
  const { page, mount, done, shares } = await start(t, { policy, elsewhere: origin });
  await mount(2);
  await shares();
  const { entities } = await done();
  assert.ok(entities.length > 500);
  assert.equal(elsewhere.requests.filter(({ path }) => path === MODEL).length, 1);
  // The second worker needs no program of the network's either.
  assert.equal(elsewhere.requests.filter(({ path }) => path === "/worker_bg.wasm").length, 1);
  assert.deepEqual(consoleErrors(page), []);
});
