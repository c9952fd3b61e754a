// What can fail is told, can be tried again, and never costs text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, found, ready, textOf, write } from "./annotations.js";
import { startPage, startServer } from "./harness.js";

const MODEL = "/models/news.safetensors";
const SENTENCE = "Mary Jones works for Acme Corp in Boston.";

async function type(page, text) {
  await page.getByTestId("text").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}

test("a denied model is told, typing goes on, and Retry works once it is allowed", async (t) => {
  const { page, server } = await startPage(t, { server: { replies: { [MODEL]: { status: 404 } } } });
  const alert = page.getByRole("alert");
  await alert.waitFor();
  assert.match(await alert.textContent(), /could not be loaded.*news\.safetensors.*404/s);
  await type(page, SENTENCE);
  assert.equal(await textOf(page), SENTENCE);

  server.replies.delete(MODEL);
  await page.getByRole("button", { name: "Retry" }).click();
  await ready(page);
  assert.equal(await alert.count(), 0);
  assert.equal((await found(page)).length, 3);
});

test("a broken connection is told", async (t) => {
  const { page } = await startPage(t, { server: { replies: { [MODEL]: { destroy: true } } } });
  await page.getByRole("alert").waitFor();
});

const damages = {
  truncated: (bytes) => bytes.subarray(0, bytes.length / 2),
  empty: (bytes) => bytes.subarray(0, 0),
  "of another kind": () => Buffer.from("<!doctype html><title>Not found</title>"),
  "altered in its header": (bytes) => {
    const altered = Buffer.from(bytes);
    altered.fill(0x20, 8, 400);
    return altered;
  },
};
for (const [how, alter] of Object.entries(damages)) {
  test(`a model file that is ${how} is refused with a message`, async (t) => {
    const { page } = await startPage(t, { server: { replies: { [MODEL]: { alter } } } });
    const alert = page.getByRole("alert");
    await alert.waitFor({ timeout: 60_000 });
    assert.ok((await alert.textContent()).includes("could not be loaded"));
    await type(page, "Still typing.");
    assert.equal(await textOf(page), "Still typing.");
  });
}

test("a worker that cannot start is told", async (t) => {
  const { page } = await startPage(t, { server: { replies: { "/element/worker_start.js": { status: 500 } } } });
  await page.getByRole("alert").waitFor({ timeout: 30_000 });
  await type(page, "Still typing.");
  assert.equal(await textOf(page), "Still typing.");
});

test("a worker that dies is replaced, and no text is lost", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  const [first] = page.workers();
  await first.evaluate(() => setTimeout(() => { throw new Error("killed by a test"); }));
  await eventually(() => page.workers().length === 1 && page.workers()[0] !== first, "there is another worker");
  await ready(page);
  assert.equal(await textOf(page), SENTENCE);
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" Peter Vance lives in Denver.");
  await ready(page);
  assert.ok((await found(page)).includes("Loc: Denver"));
});

test("a worker that hangs is replaced, and no text is lost", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  page.workers()[0].evaluate(() => { for (;;); }).catch(() => {});
  await page.waitForTimeout(200);
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" Peter Vance lives in Denver.");
  await eventually(async () => (await found(page)).includes("Loc: Denver"), "the newest text is annotated", 30_000);
  assert.ok((await textOf(page)).endsWith("Peter Vance lives in Denver."));
});

test("the download shows its progress in bytes", async (t) => {
  const { page, server } = await startPage(t, { open: false });
  server.replies.set(MODEL, { delay: 1500 });
  await page.goto("/");
  const progress = page.getByTestId("progress");
  await progress.waitFor();
  assert.equal(await progress.getByRole("progressbar").count(), 1);
  await ready(page);
  assert.equal(await progress.count(), 0);
  assert.match(await page.getByTestId("model").textContent(), /Model \S+.*MB/);
});

test("neither the page nor the worker can connect to another origin", async (t) => {
  const elsewhere = await startServer({ replies: { "/": { body: "", headers: { "access-control-allow-origin": "*" } } } });
  t.after(() => elsewhere.stop());
  const { page } = await startPage(t);
  await ready(page);
  const connect = (url) => fetch(url).then(() => "connected", () => "refused");
  assert.equal(await page.evaluate(connect, `${elsewhere.origin}/`), "refused");
  assert.equal(await page.workers()[0].evaluate(connect, `${elsewhere.origin}/`), "refused");
  assert.deepEqual(elsewhere.requests, []);
});
