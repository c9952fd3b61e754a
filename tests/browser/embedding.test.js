// Annotators in a page that is not ours: several, in shadow roots, moved, taken away, transformed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, eventually } from "./annotations.js";
import { consoleErrors, foreignRequests } from "./harness.js";
import { startHost } from "./host.js";

const SENTENCE = "Mary Jones works for Acme Corp in Boston.";
const OTHER = "Peter Vance lives in Denver.";

const names = (page, host) =>
  page.evaluate((host) => {
    const root = document.querySelector(host);
    const inside = (root.shadowRoot ?? root).querySelector("spanarc-annotator").shadowRoot;
    return [...inside.querySelectorAll("[data-entity] .item-text")].map((item) => item.textContent);
  }, host);

const PEOPLE = ["Mary Jones", "Acme Corp", "Boston"];

/** Two annotators, each in a shadow root of an element of the host's. */
async function two(t) {
  const started = await startHost(t, `<h1>Host</h1><div id="a"></div><div id="b"></div>`);
  await started.page.evaluate(
    ([first, second]) => {
      window.mounted = ["a", "b"].map((id, index) => {
        const inner = document.createElement("div");
        document.getElementById(id).attachShadow({ mode: "open" }).append(inner);
        return mount(inner, [first, second][index]);
      });
    },
    [SENTENCE, OTHER],
  );
  return started;
}

test("two annotators in two shadow roots annotate side by side with one worker and one model", async (t) => {
  const { page, server } = await two(t);
  await becomes(() => names(page, "#a"), PEOPLE, 60_000);
  await becomes(() => names(page, "#b"), ["Peter Vance", "Denver"]);
  assert.equal(page.workers().length, 1);
  assert.equal(server.requests.filter(({ path }) => path.endsWith(".safetensors")).length, 1);
  assert.deepEqual(consoleErrors(page), []);
  assert.deepEqual(foreignRequests(page), []);

  // Each has its own text, and a key in one does not touch the other.
  const areas = page.getByTestId("text");
  await areas.nth(1).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" Ann Lee met Tom Brown. ");
  await eventually(async () => (await names(page, "#b")).includes("Tom Brown"), "the second one goes on");
  assert.equal(await areas.nth(0).inputValue(), SENTENCE);
  assert.deepEqual(await names(page, "#a"), PEOPLE);
});

test("nothing of an annotator is outside of its shadow root", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`);
  const outside = () =>
    page.evaluate(() => ({
      sheets: document.styleSheets.length + document.adoptedStyleSheets.length,
      root: [...document.documentElement.attributes].map((it) => it.name),
      head: document.head.children.length,
      body: document.body.children.length,
      ids: [...document.querySelectorAll("[id]")].map((it) => it.id),
      stored: localStorage.length + sessionStorage.length,
      cookies: document.cookie,
      globals: Object.keys(window).length,
    }));
  const before = await outside();
  await page.evaluate((text) => {
    const { addEventListener, removeEventListener } = EventTarget.prototype;
    const outside = [window, document, document.body, document.fonts];
    window.heard = [];
    EventTarget.prototype.addEventListener = function (name, ...rest) {
      if (outside.includes(this)) heard.push(name);
      return addEventListener.call(this, name, ...rest);
    };
    EventTarget.prototype.removeEventListener = function (name, ...rest) {
      if (outside.includes(this) && heard.includes(name)) heard.splice(heard.indexOf(name), 1);
      return removeEventListener.call(this, name, ...rest);
    };
    window.mounted = mount(document.getElementById("a"), text);
  }, SENTENCE);
  await becomes(() => names(page, "#a"), PEOPLE, 60_000);
  // Two of the global names are the test's own.
  assert.deepEqual(await outside(), { ...before, globals: before.globals + 2 });
  assert.deepEqual(await page.evaluate(() => window.heard), []);
  // Nor are there identifiers inside, which labels of a host could mean.
  assert.deepEqual(await page.evaluate(() => insideAll(".annotator [id]").map((it) => it.id)), []);
});

test("an annotator that is moved keeps its text, its annotations and its history", async (t) => {
  const { page } = await two(t);
  await becomes(() => names(page, "#a"), PEOPLE, 60_000);
  await page.getByTestId("text").first().click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("!");
  await page.evaluate(() => {
    const section = document.createElement("section");
    document.body.prepend(section);
    section.append(document.getElementById("a"));
  });
  assert.equal(await page.getByTestId("text").first().inputValue(), `${SENTENCE}!`);
  assert.deepEqual(await names(page, "#a"), PEOPLE);
  await page.getByTestId("text").first().focus();
  await page.keyboard.press("Control+z");
  assert.equal(await page.getByTestId("text").first().inputValue(), SENTENCE);
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" Ann Lee met Tom Brown. ");
  await eventually(async () => (await names(page, "#a")).includes("Tom Brown"), "it goes on");
  assert.deepEqual(consoleErrors(page), []);
});

test("fifty annotators come and go and leave nothing behind", async (t) => {
  const { page, context } = await startHost(t, `<div id="a"></div><div id="b"></div>`);
  const devtools = await context.newCDPSession(page);
  await devtools.send("HeapProfiler.enable");
  const comeAndGo = (times) =>
    page.evaluate(
      async ([times, text]) => {
        for (let i = 0; i < times; i++) {
          const both = ["a", "b"].map((id) => mount(document.getElementById(id), text));
          await new Promise((resolve) => setTimeout(resolve, 40));
          both.forEach((one) => one.remove());
          document.getElementById(i % 2 ? "a" : "b").remove();
          const fresh = document.createElement("div");
          fresh.id = i % 2 ? "a" : "b";
          document.body.append(fresh);
        }
      },
      [times, SENTENCE],
    );
  const counted = async () => {
    await page.waitForTimeout(300);
    for (let i = 0; i < 3; i++) await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    const { nodes, jsEventListeners } = await devtools.send("Memory.getDOMCounters");
    return { nodes, jsEventListeners, heap: metrics.find(({ name }) => name === "JSHeapUsedSize").value };
  };
  await devtools.send("Performance.enable");
  // The first ones make what the program keeps for all, once it is loaded.
  await page.evaluate((text) => (window.first = mount(document.getElementById("a"), text)), SENTENCE);
  await becomes(() => names(page, "#a"), PEOPLE, 60_000);
  await page.evaluate(() => first.remove());
  await comeAndGo(5);
  const before = await counted();
  await comeAndGo(50);
  const after = await counted();
  assert.ok(after.nodes <= before.nodes + 20, `${before.nodes} → ${after.nodes} nodes`);
  assert.ok(after.jsEventListeners <= before.jsEventListeners + 5, `${before.jsEventListeners} → ${after.jsEventListeners} listeners`);
  assert.ok(after.heap <= before.heap + 500_000, `${before.heap} → ${after.heap} bytes`);
  await becomes(() => page.workers().length, 0);
  assert.deepEqual(consoleErrors(page), []);
});

test("an annotator that comes back soon finds its worker and its model again", async (t) => {
  const { page, server } = await startHost(t, `<div id="a"></div>`);
  const come = (text) => page.evaluate((text) => (window.mounted = mount(document.getElementById("a"), text)), text);
  const go = () => page.evaluate(() => mounted.remove());
  await come(SENTENCE);
  await becomes(() => names(page, "#a"), PEOPLE, 60_000);
  const [worker] = page.workers();
  await go();
  await page.waitForTimeout(1000);
  await come(OTHER);
  await becomes(() => names(page, "#a"), ["Peter Vance", "Denver"]);
  assert.deepEqual(page.workers(), [worker]);
  assert.equal(server.requests.filter(({ path }) => path.endsWith(".safetensors")).length, 1);
  await go();
  await becomes(() => page.workers().length, 0);
});

/** Where the last mark and its word are, in the viewport. */
const lastMark = (page, word) =>
  page.evaluate((word) => {
    const block = insideAll(".block").find((block) => block.textContent.includes(word)).firstChild;
    const range = document.createRange();
    range.setStart(block, block.data.lastIndexOf(word));
    range.setEnd(block, block.data.lastIndexOf(word) + word.length);
    const middle = (box) => [box.left + box.width / 2, box.top + box.height / 2];
    return {
      word: middle(range.getBoundingClientRect()),
      marks: insideAll(".mark-tint").map((mark) => middle(mark.getBoundingClientRect())),
    };
  }, word);

const distance = async (page, word) => {
  const { word: at, marks } = await lastMark(page, word);
  return Math.min(...marks.map(([x, y]) => Math.hypot(x - at[0], y - at[1])));
};

const surroundings = {
  "scaled": "transform: scale(0.6)",
  "turned": "transform: rotate(12deg)",
  "turned by a quarter and mirrored": "transform: rotate(90deg) scaleX(-1)",
  "zoomed": "zoom: 1.5",
  "with other fonts": "--spanarc-text-face: monospace; --spanarc-text-size: 30px; --spanarc-text-line: 80px",
  "from right to left": "direction: rtl",
};
for (const [how, style] of Object.entries(surroundings)) {
  test(`marks lie on their words in a host that is ${how}`, async (t) => {
    const { page } = await startHost(t, `<div id="a"></div>`, { css: `#a { width: 700px; height: 600px; ${style} }` });
    await page.evaluate((text) => (window.mounted = mount(document.getElementById("a"), text)), `${OTHER}\n${SENTENCE}`);
    await becomes(() => page.locator(".mark").count(), 5, 60_000);
    for (const word of ["Peter Vance", "Denver", "Mary Jones", "Boston"]) {
      await becomes(async () => (await distance(page, word)) < 4, true);
    }
  });
}

test("what a host's own scrollers bring on screen is drawn, also when a transform comes later", async (t) => {
  const css = "#outer { height: 400px; overflow: auto } #inner { height: 500px; overflow: auto } #a { height: auto }";
  const { page } = await startHost(t, `<div id="outer"><div id="inner"><div id="a"></div></div></div>`, { css });
  const text = Array.from({ length: 150 }, (_, i) => `It rained on day ${i}.`).join("\n");
  await page.evaluate(
    (text) => (window.mounted = mount(document.getElementById("a"), text)),
    `${text}\nMary Jones lives in Wellington.`,
  );
  await page.waitForFunction(() => inside("[data-testid=doing]")?.textContent === "Ready", undefined, { timeout: 60_000 });
  await page.evaluate(() => {
    for (const scroller of [...insideAll("[data-scroller]"), document.getElementById("inner"), document.getElementById("outer")])
      scroller.scrollTo(0, scroller.scrollHeight);
  });
  await becomes(async () => (await distance(page, "Wellington")) < 4, true);
  await page.evaluate(() => document.getElementById("a").style.setProperty("transform", "scale(0.8)"));
  await becomes(async () => (await distance(page, "Wellington")) < 4, true);
});

test("line breaks of other systems become the textarea's, and nothing is lost by undoing", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`);
  await page.evaluate(() => {
    window.mounted = mount(document.getElementById("a"), "It rained.\r\nMary Jones lives in Boston.");
  });
  const text = () => page.getByTestId("text").inputValue();
  await becomes(text, "It rained.\nMary Jones lives in Boston.");
  assert.equal(await page.evaluate(() => mounted.annotations.text), await text());
  await page.evaluate(() => mounted.replaceText(3, 3, "\r\nLee\r"));
  assert.equal(await text(), "It \nLee\nrained.\nMary Jones lives in Boston.");
  await page.getByTestId("text").focus();
  await page.keyboard.press("Control+z");
  assert.equal(await text(), "It rained.\nMary Jones lives in Boston.");
  assert.equal(await page.evaluate(() => mounted.annotations.text), await text());
});

test("scrolling fast draws what comes on screen", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`, { css: "#a { width: 700px; height: 500px }" });
  const text = Array.from({ length: 400 }, (_, i) => (i % 10 ? `It rained on day ${i}.` : "Mary Jones lives in Boston.")).join("\n");
  await page.evaluate((text) => (window.mounted = mount(document.getElementById("a"), text)), text);
  await page.waitForFunction(() => inside("[data-testid=doing]")?.textContent === "Ready", undefined, { timeout: 60_000 });
  const marked = () =>
    page.evaluate(() => {
      const seen = inside("[data-scroller]").getBoundingClientRect();
      return insideAll(".mark-tint").some((mark) => {
        const { top, bottom } = mark.getBoundingClientRect();
        return top > seen.top && bottom < seen.bottom;
      });
    });
  // A jump in every frame, each beyond what the last one drew.
  await page.evaluate(async () => {
    const scroller = inside("[data-scroller]");
    for (let i = 1; i <= 12; i++) {
      scroller.scrollTo(0, (scroller.scrollHeight * i) / 14);
      await new Promise(requestAnimationFrame);
    }
  });
  await becomes(marked, true);
});
