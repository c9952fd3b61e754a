// How long a key takes until its frame is painted, beside a bare textarea with the same text: `cargo xtask bench typing`.
//
// The two take turns, key by key, in one browser. From the key's event to the first task after the frame that shows it. Tasks of
// more than 50 ms on the page's main thread, in which nothing else of the page can happen, are counted meanwhile.

import { openPage, startBrowser, startServer } from "./harness.js";
import { ready } from "./annotations.js";

const KEYS = 40;

const words = "it rained again and the river rose over the old mill ";
const texts = {
  "one line of 300,000 characters": words.repeat(5700).slice(0, 300_000),
  "a line of 60 characters": words.slice(0, 60),
  "2,000 words with some 400 entities in 130 lines": Array.from(
    { length: 130 },
    (_, i) => `Mary Jones ${i} works for Acme Corp in Boston, and ${words.slice(0, 30)}in Denver.`,
  ).join("\n"),
  "2,000 words in 40 lines": Array.from({ length: 40 }, () => words.repeat(5).slice(0, 260)).join("\n"),
};

const BARE = `<!doctype html><meta charset="utf-8"><textarea spellcheck="false" style="width: 700px; height: 600px;
  font: 19px/62px 'Source Serif 4', serif; white-space: pre-wrap"></textarea>`;

/** In the page: times of keys until after their frames, and of long tasks. */
function watchKeys() {
  window.times = [];
  window.tasks = [];
  window.watch?.disconnect();
  window.watch = new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration)));
  window.watch.observe({ type: "longtask" });
  const after = new MessageChannel();
  let pressed = 0;
  after.port1.onmessage = () => window.times.push(performance.now() - pressed);
  const area = window.inside("textarea");
  area.addEventListener("keydown", (event) => (pressed = event.timeStamp), true);
  area.addEventListener("input", () => requestAnimationFrame(() => after.port2.postMessage(0)), true);
}

const server = await startServer({ replies: { "/bare.html": { body: BARE, headers: { "content-type": "text/html" } } } });
const browser = await startBrowser();
const quantile = (times, q) => times.toSorted((a, b) => a - b)[Math.floor(q * (times.length - 1))];

try {
  const context = await browser.newContext({ viewport: { width: 1200, height: 720 } });
  const ours = await openPage(context, server.origin);
  const bare = await openPage(context, `${server.origin}/bare.html`);
  await ready(ours);
  for (const [name, text] of Object.entries(texts)) {
    const times = [[], []];
    for (const [i, page] of [ours, bare].entries()) {
      await page.bringToFront();
      const area = page.locator("textarea");
      await area.click();
      await page.keyboard.press("Control+A");
      await page.keyboard.insertText(text);
      if (i === 0) await ready(page);
      await area.evaluate((area, at) => area.setSelectionRange(at, at), Math.floor(text.length / 2));
      await page.evaluate(watchKeys);
    }
    for (let round = 0; round < KEYS; round++) {
      for (const page of [ours, bare]) {
        await page.bringToFront();
        const before = await page.evaluate(() => window.times.length);
        await page.keyboard.press(round % 6 === 5 ? "Space" : "e");
        await page.waitForFunction((before) => window.times.length > before, before);
        await page.waitForTimeout(30);
      }
    }
    for (const [i, page] of [ours, bare].entries()) times[i] = await page.evaluate(() => window.times);
    const p = (q) => times.map((t) => quantile(t, q));
    const [[our50, bare50], [our95, bare95]] = [p(0.5), p(0.95)];
    const tasks = await ours.evaluate(() => window.tasks);
    const ms = (value) => `${value.toFixed(1)} ms`;
    console.log(`${name}: p50 ${ms(our50)}, bare ${ms(bare50)}, ratio ${(our50 / bare50).toFixed(2)}; p95 ${ms(our95)}, bare ${ms(bare95)}`);
    console.log(`  tasks of more than 50 ms: ${tasks.length}${tasks.length ? `, at most ${ms(Math.max(...tasks))}` : ""}`);
  }
} finally {
  await browser.close();
  await server.stop();
}
