// What a person sees of a pasted text of 10,000 words: `node paste_speed.js [workers]`.
//
// Times from the paste: its frame is painted, the first words are labelled, the text is read to its end. Besides: words a second after
// the first labels, and tasks of more than 50 ms on the page's main thread, in which nothing else can happen.

import { openPage, startBrowser, startServer } from "./harness.js";
import { ready } from "./annotations.js";
import { prose } from "./texts.js";

const WORDS = 10_000;
const ROUNDS = 3;

/** In the page: watches the next paste, and answers once its text is read. */
async function watched(words) {
  const area = window.inside("textarea");
  const tasks = [];
  const watch = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => [e.startTime, e.duration])));
  watch.observe({ type: "longtask" });
  const begun = await new Promise((resolve) =>
    area.addEventListener("paste", ({ timeStamp }) => resolve(timeStamp), { once: true, capture: true }),
  );
  const since = () => performance.now() - begun;
  const doing = () => window.inside("[data-testid=doing]");
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  await frame();
  const inserted = since();
  let first;
  for (;;) {
    if (first === undefined && /Annotating/.test(doing().textContent) && window.insideAll(".mark").length > 0) first = since();
    if (doing().textContent === "Ready" && Number(doing().dataset.length) === area.value.length) break;
    await frame();
  }
  const end = since();
  await frame();
  watch.disconnect();
  return { inserted, first, end, pace: words / ((end - first) / 1000), tasks: tasks.map(([at, took]) => [at - begun, took]) };
}

const workers = process.argv[2];
const server = await startServer();
const browser = await startBrowser();
const ms = (value) => `${Math.round(value)} ms`;
try {
  const context = await browser.newContext({ viewport: { width: 1200, height: 720 } });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await openPage(context, server.origin);
  await ready(page);
  if (workers) {
    await page.evaluate((workers) => window.inside("spanarc-annotator").setAttribute("workers", workers), workers);
    await ready(page);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const text = prose(WORDS, round);
    await page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await page.getByTestId("text").click();
    await page.keyboard.press("Control+A");
    const watching = page.evaluate(watched, WORDS);
    await page.keyboard.press("Control+V");
    const { inserted, first, end, pace, tasks } = await watching;
    console.log(`painted ${ms(inserted)}, first labels ${ms(first)}, read ${ms(end)}, then ${Math.round(pace)} words/s`);
    console.log(`  tasks of more than 50 ms: ${tasks.map(([at, took]) => `${ms(took)} at ${ms(at)}`).join(", ") || "none"}`);
  }
} finally {
  await browser.close();
  await server.stop();
}
