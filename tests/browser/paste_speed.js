// What a person sees of a pasted text of 10,000 words: `node paste_speed.js [workers]`.
//
// Times from the paste: the text is in the page, the words on screen are labelled, the text is read to its end. Besides: words a
// second after the first labels, and tasks of more than 50 ms on the page's main thread, in which nothing else can happen.

import { openPage, startBrowser, startServer } from "./harness.js";
import { ready } from "./annotations.js";
import { prose } from "./texts.js";

const WORDS = 10_000;
const ROUNDS = 3;

/** In the page: pastes `text` and answers once it is read. */
async function pasted([text, words]) {
  const tasks = [];
  const watch = new PerformanceObserver((list) =>
    tasks.push(...list.getEntries().map(({ duration, startTime }) => [startTime - begun, duration])),
  );
  watch.observe({ type: "longtask" });
  const area = window.inside("textarea");
  area.focus();
  area.select();
  const doing = () => window.inside("[data-testid=doing]");
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const begun = performance.now();
  const since = () => performance.now() - begun;
  document.execCommand("insertText", false, text);
  const inserted = since();
  let first;
  for (;;) {
    await frame();
    if (first === undefined && /Annotating/.test(doing().textContent) && window.insideAll(".mark").length > 0) first = since();
    if (doing().textContent === "Ready" && Number(doing().dataset.length) === area.value.length) break;
  }
  const end = since();
  await frame();
  watch.disconnect();
  return { inserted, first, end, pace: words / ((end - first) / 1000), tasks };
}

const workers = process.argv[2];
const server = await startServer();
const browser = await startBrowser();
const ms = (value) => `${Math.round(value)} ms`;
try {
  const context = await browser.newContext({ viewport: { width: 1200, height: 720 } });
  const page = await openPage(context, server.origin);
  await ready(page);
  if (workers) {
    await page.evaluate((workers) => window.inside("spanarc-annotator").setAttribute("workers", workers), workers);
    await ready(page);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const text = prose(WORDS, round);
    const { inserted, first, end, pace, tasks } = await page.evaluate(pasted, [text, WORDS]);
    console.log(`inserted ${ms(inserted)}, first labels ${ms(first)}, read ${ms(end)}, then ${Math.round(pace)} words/s`);
    console.log(`  tasks of more than 50 ms: ${tasks.map(([at, took]) => `${ms(took)} at ${ms(at)}`).join(", ") || "none"}`);
  }
} finally {
  await browser.close();
  await server.stop();
}
