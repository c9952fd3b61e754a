// How long a key takes in documents of several lengths: until the text has changed, until the answer to it is in the DOM, and
// until each is painted.

import { ready } from "../../tests/browser/annotations.js";
import { openPage } from "../../tests/browser/harness.js";

const KEYS = 40;
/** Keys before those that count. */
const WARM_UP = 5;
/** Milliseconds between two keys: a fast typist's. */
const REST = 100;

/** In the page: the moments after each key from now on, and long tasks. */
function watchKeys() {
  window.keys = [];
  window.tasks = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    type: "longtask",
  });
  const area = window.inside("textarea");
  const doing = window.inside("[data-testid=doing]");
  const isAnswered = () => doing.textContent === "Ready" && Number(doing.dataset.length) === area.value.length;
  let key;
  const note = (name) => (key[name] ??= performance.now() - key.pressed);
  /** Notes the first task after the next frame. */
  const notePainted = (name, own = key) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (own[name] ??= performance.now() - own.pressed);
    requestAnimationFrame(() => port2.postMessage(0));
  };
  area.addEventListener(
    "keydown",
    (event) => {
      key = { pressed: event.timeStamp };
      window.keys.push(key);
    },
    true,
  );
  area.addEventListener("input", () => notePainted("text_painted"), true);
  new MutationObserver(() => {
    if (!key) return;
    note("text");
    if (key.answer === undefined && isAnswered()) {
      note("answer");
      notePainted("answer_painted");
    }
  }).observe(area.getRootNode(), { subtree: true, childList: true, characterData: true, attributes: true });
}

const isNoted = () => {
  const key = window.keys.at(-1);
  return key?.answer_painted !== undefined && key.text_painted !== undefined;
};

/** Types into each of the documents, `[words, text]`. */
export async function typing(browser, server, documents) {
  const measured = [];
  for (const [words, text] of documents) {
    console.error(`typing into ${words} words`);
    const context = await browser.newContext({ viewport: { width: 1200, height: 720 } });
    const page = await openPage(context, server.origin);
    await ready(page);
    const area = page.locator("textarea");
    await area.click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(text);
    await page.waitForTimeout(500);
    await page.waitForFunction(
      () => window.inside("[data-testid=doing]").textContent === "Ready",
      undefined,
      { timeout: 600_000 },
    );
    await ready(page);
    await page.evaluate(watchKeys);
    let at = text.indexOf(" ", text.length / 2) + 1;
    for (const [key, sign] of [["space", " "], ["comma", ","]]) {
      const keys = [];
      await page.evaluate(() => window.tasks.splice(0));
      for (let i = 0; i < WARM_UP + KEYS; i++) {
        // Each key at another place between two words, and taken back: sentences stay as long as they are, and none has been
        // read before.
        await area.evaluate((area, at) => area.setSelectionRange(at, at), at);
        at = text.indexOf(" ", at) + 1 || text.indexOf(" ") + 1;
        // A half-typed word waits for its end; the key sends it.
        await page.keyboard.press(String.fromCharCode(97 + (i % 26)));
        await page.waitForTimeout(REST);
        await page.keyboard.press(sign);
        await page.waitForFunction(isNoted, undefined, { timeout: 60_000 });
        if (i >= WARM_UP) keys.push(await page.evaluate(() => window.keys.at(-1)));
        await page.keyboard.press("Backspace");
        await page.keyboard.press("Backspace");
        await ready(page);
        await page.waitForTimeout(REST);
      }
      measured.push({ words, key, keys, long_tasks: await page.evaluate(() => window.tasks) });
    }
    await context.close();
  }
  return measured;
}
