// The lists beside the text: complete however long, one tab stop each, never at odds with the text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, entities, eventually, found, paste, ready, relations, row, setThreshold, write } from "./annotations.js";
import { consoleErrors, startPage } from "./harness.js";
import { sentences } from "./texts.js";

const SENTENCE = "Mary Jones works for Acme Corp in Boston.";

const rendered = (page) => page.locator(".item").count();
const count = async (page, name) => Number(await page.getByRole("region", { name }).locator(".count").textContent());

/** Text and place of the row that has the keyboard. */
const focused = (page) =>
  page.evaluate(() => {
    const item = focused().closest(".item");
    return item && [item.querySelector(".item-text").textContent, Number(item.ariaPosInSet)];
  });

/** Whether the row that has the keyboard is on screen. */
const focusedIsVisible = (page) =>
  page.evaluate(() => {
    const row = focused().getBoundingClientRect();
    const list = focused().closest(".items").getBoundingClientRect();
    return row.top >= list.top - 1 && row.bottom <= list.bottom + 1;
  });

/** Enters the list of entities as Tab does. */
const enter = (page) => page.locator("[data-testid=entities] button[tabindex='0']").focus();

test("five thousand pasted words are listed in full, and few rows are rendered", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, sentences(5000));
  await ready(page);
  const all = await entities(page);
  assert.ok(all.length > 1000, `${all.length} entities`);
  assert.equal(await count(page, "Entities"), all.length);
  assert.equal(await count(page, "Relations"), (await relations(page)).length);
  assert.ok((await rendered(page)) < 150, `${await rendered(page)} rows are rendered`);
  const marks = await page.locator(".mark").count();
  assert.ok(marks > 0 && marks <= all.length);
  // No row is on another, and none is higher than the others.
  const boxesOf = (all) => all.map((item) => item.getBoundingClientRect().toJSON());
  const boxes = await page.locator("[data-entity]").evaluateAll(boxesOf);
  boxes.slice(1).forEach((box, i) => assert.ok(box.top >= boxes[i].bottom - 0.1 && box.height === boxes[0].height));
  assert.deepEqual(consoleErrors(page), []);
});

test("the lists say at once what the text says, also after a change of model and a cleared text", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, sentences(2000));
  await ready(page);
  await page.getByTestId("model-menu").selectOption("adverse-events");
  await becomes(async () => (await page.getByTestId("entity-types").locator("button").count()) > 0, true);
  await ready(page);
  const total = async (id) =>
    (await page.getByTestId(id).locator(".switch-count").allTextContents()).reduce((sum, n) => sum + Number(n), 0);
  assert.equal(await count(page, "Entities"), await total("entity-types"));
  assert.equal((await entities(page)).length, await total("entity-types"));
  await page.getByRole("button", { name: "Clear" }).click();
  await ready(page);
  await becomes(() => rendered(page), 0);
  assert.equal(await page.getByText("None found.").count(), 2);
});

test("scrolling a long list shows its rows, each told its place", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, sentences(2000));
  await ready(page);
  const all = await entities(page);
  const scroller = page.locator(".items").first();
  await scroller.evaluate((it) => (it.scrollTop = it.scrollHeight / 2));
  const visible = () =>
    scroller.evaluate((it) => {
      const { top, bottom } = it.getBoundingClientRect();
      return [...it.querySelectorAll(".item")]
        .filter((row) => row.getBoundingClientRect().bottom > top && row.getBoundingClientRect().top < bottom)
        .map((row) => [Number(row.ariaPosInSet), Number(row.ariaSetSize), row.dataset.id]);
    });
  await eventually(async () => (await visible()).length > 3, "rows are shown in the middle");
  for (const [place, size, id] of await visible()) {
    assert.equal(size, all.length);
    assert.equal(id, all[place - 1].id);
  }
});

test("a long text stays on one line, its whole in a title", async (t) => {
  const { page } = await startPage(t, { context: { viewport: { width: 1200, height: 720 } } });
  await write(page, "The Very Long Name Of The International Association Of Northern Harbor Trusts And Banks is in Boston.");
  const rows = await page.locator("[data-entity]").evaluateAll((all) =>
    all.map((item) => [item.getBoundingClientRect().height, item.querySelector(".item-text").title]),
  );
  assert.deepEqual(rows.map(([, title]) => title), (await entities(page)).map((e) => e.text));
  assert.equal(new Set(rows.map(([height]) => height)).size, 1);
});

test("each list is one stop on the way from the text to the buttons", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, sentences(1000));
  await ready(page);
  await page.getByTestId("text").focus();
  const stops = [];
  for (let i = 0; i < 9; i++) {
    await page.keyboard.press("Tab");
    stops.push(await page.evaluate(() => focused().closest("[data-testid]")?.dataset.testid ?? focused().textContent));
    if (stops.at(-1) === "Export") break;
  }
  assert.deepEqual(stops, ["entity-types", "relation-types", "entities", "threshold", "relations", "Open…", "Copy as JSON", "Export"]);
});

test("keys move within a list, and Enter leads to the place in the text", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, sentences(2000));
  await ready(page);
  const all = (await entities(page)).map((e) => e.text);
  const press = async (key, place) => {
    await page.keyboard.press(key);
    await becomes(() => focused(page), [all[place], place + 1]);
    assert.ok(await focusedIsVisible(page), `${key} shows its row`);
  };
  await enter(page);
  await press("ArrowDown", 1);
  await press("ArrowDown", 2);
  await press("ArrowUp", 1);
  await press("End", all.length - 1);
  await press("ArrowDown", all.length - 1);
  await press("Home", 0);
  await page.keyboard.press("PageDown");
  await eventually(async () => (await focused(page))[1] > 2, "a page down is some rows down");
  assert.ok(await focusedIsVisible(page));
  // Only the list scrolls for it.
  assert.equal(await page.evaluate(() => document.scrollingElement.scrollTop), 0);
  const [text] = await focused(page);
  await page.keyboard.press("Enter");
  const selected = (area) => area.value.slice(area.selectionStart, area.selectionEnd);
  await becomes(() => page.locator("textarea:focus").evaluate(selected), text);
});

test("letters lead to the row that begins with them", async (t) => {
  const { page } = await startPage(t);
  await write(page, `${SENTENCE} Peter Vance lives in Denver. Ana Silva lives in Boston.`);
  await enter(page);
  await page.keyboard.type("de");
  await becomes(async () => (await focused(page))?.[0], "Denver");
  await page.waitForTimeout(800);
  await page.keyboard.type("mary j");
  await becomes(async () => (await focused(page))?.[0], "Mary Jones");
  await page.waitForTimeout(800);
  // A space alone chooses.
  await page.keyboard.press("Space");
  await becomes(() => page.getByTestId("text").evaluate((area) => [area.selectionStart, area.selectionEnd]), [0, 10]);
});

test("the row that has the keyboard is lit up, keeps the keyboard while the list changes, and leaves it to its neighbour", async (t) => {
  const { page } = await startPage(t);
  await write(page, `${SENTENCE} Peter Vance lives in Denver.`);
  await enter(page);
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  await becomes(async () => (await focused(page))?.[0], "Peter Vance");
  await becomes(() => page.locator(".item.is-active .item-text").allTextContents(), ["Peter Vance"]);
  const change = (from, to) =>
    page.getByTestId("text").evaluate(
      (area, [from, to]) => {
        area.value = area.value.replace(from, to);
        area.dispatchEvent(new InputEvent("input", { bubbles: true }));
      },
      [from, to],
    );
  await change("Mary Jones", "Somebody");
  await ready(page);
  await becomes(async () => (await focused(page))?.[0], "Peter Vance");
  await change("Peter Vance", "Somebody");
  await ready(page);
  await becomes(async () => (await focused(page))?.[0], "Denver");
  await change("Denver", "a house");
  await ready(page);
  await eventually(async () => (await focused(page)) !== null, "the neighbour has the keyboard");
});

test("the row that has the keyboard stays when it is scrolled out of sight", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, sentences(2000));
  await ready(page);
  await enter(page);
  await page.keyboard.press("ArrowDown");
  await becomes(async () => (await focused(page))?.[1], 2);
  await page.locator(".items").first().evaluate((it) => (it.scrollTop = it.scrollHeight));
  const last = page.locator("[data-testid=entities] > :last-child");
  await becomes(async () => Number(await last.getAttribute("aria-posinset")), await count(page, "Entities"));
  assert.equal((await focused(page))[1], 2);
  await page.keyboard.press("ArrowDown");
  await becomes(async () => (await focused(page))?.[1], 3);
  await becomes(() => focusedIsVisible(page), true);
});

test("a key in a long text leaves the elements of rows that stay", async (t) => {
  const { page } = await startPage(t);
  await ready(page);
  await paste(page, sentences(2000));
  await ready(page);
  await page.locator("[data-entity]").evaluateAll((items) => items.forEach((item) => (item.seen = true)));
  const before = await page.locator("[data-entity]").count();
  await page.getByTestId("text").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" It rained.");
  await ready(page);
  assert.equal(await page.locator("[data-entity]").evaluateAll((items) => items.filter((item) => item.seen).length), before);
});

test("on a narrow page a long list scrolls within itself", async (t) => {
  const { page } = await startPage(t, { context: { viewport: { width: 390, height: 800 } } });
  await ready(page);
  await paste(page, sentences(2000));
  await ready(page);
  assert.ok((await rendered(page)) < 150);
  const all = await entities(page);
  assert.ok(all.length > 300);
  await (await row(page, all.at(-1))).click();
  await becomes(() => page.getByTestId("text").evaluate((area) => area.selectionStart), all.at(-1).start);
});

test("nothing is dimmed once what the pointer was on is gone", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  const box = await page.locator(".mark-tint").first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.locator(".has-active").waitFor();
  // The pointer stays where it is.
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText("Peter Vance lives in Denver.");
  await ready(page);
  await becomes(() => found(page), ["Peop: Peter Vance", "Loc: Denver"]);
  await becomes(() => page.locator(".has-active, .is-active, .tooltip").count(), 0);
});

test("nothing is dimmed once what the finger tapped is gone", async (t) => {
  const { page } = await startPage(t, { context: { hasTouch: true } });
  await write(page, SENTENCE);
  const box = await page.locator(".mark-tint").first().boundingBox();
  await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
  await page.locator(".has-active").waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await page.keyboard.type("Peter Vance lives in Denver.");
  await ready(page);
  await becomes(() => page.locator(".has-active, .is-active, .tooltip").count(), 0);
});

test("no room is left below a text that became shorter after a far row was chosen", async (t) => {
  const { page } = await startPage(t, { context: { reducedMotion: "reduce", viewport: { width: 1000, height: 720 } } });
  await ready(page);
  await paste(page, sentences(2000));
  await ready(page);
  const last = (await entities(page)).at(-1);
  await (await row(page, last)).click();
  const scroller = page.locator("[data-scroller]");
  await eventually(() => scroller.evaluate((it) => it.scrollTop > 1000), "the text is scrolled");
  const bottom = () => scroller.evaluate((it) => it.scrollHeight - it.querySelector(".surface").offsetHeight);
  await page.setViewportSize({ width: 1900, height: 720 });
  await becomes(bottom, 0);
  await page.getByRole("button", { name: "Clear" }).click();
  await ready(page);
  await becomes(() => scroller.evaluate((it) => it.scrollHeight <= it.clientHeight), true);
});

test("a change that leaves the counts is announced once, by name", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  const summary = page.getByTestId("summary");
  await eventually(async () => /^3 entities, \d+ relations?$/.test(await summary.textContent()), "the summary is told");
  await summary.evaluate((it) => {
    window.told = [];
    const told = new MutationObserver(() => window.told.push(it.textContent));
    told.observe(it, { childList: true, characterData: true, subtree: true });
  });
  await page.keyboard.press("Control+End");
  for (let i = 0; i < "Boston.".length; i++) await page.keyboard.press("Backspace");
  await page.keyboard.type("Denver.", { delay: 20 });
  await ready(page);
  await becomes(() => page.evaluate(() => window.told), ["Denver: Loc added. Boston: Loc removed."]);
  // What changes nothing is not told.
  await page.keyboard.type(" It rained.");
  await ready(page);
  await page.waitForTimeout(1500);
  assert.equal(await page.evaluate(() => window.told.length), 1);
});

test("rows read in the direction of their text", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  await setThreshold(page, 5);
  const without = await page.locator("[data-entity] .item-text:not([dir=auto]), .argument:not([dir=auto])").count();
  assert.equal(without, 0);
  assert.ok((await page.locator(".argument[dir=auto]").count()) > 0);
});

/** Puts other elements around every text that may be translated, as browsers do; with `translated` other texts too. */
const translate = (page, translated) =>
  page.evaluate((translated) => {
    const texts = [];
    for (const root of [document.body, ...insideAll(".annotator")]) {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) => {
        if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
        const isSkipped = node.translate === false || node.matches("script, textarea, noscript, font");
        return isSkipped ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
      });
      while (walker.nextNode()) texts.push(walker.currentNode);
    }
    for (const text of texts.filter((text) => text.data.trim() !== "")) {
      const font = document.createElement("font");
      text.replaceWith(font);
      font.append(translated ? text.data.toUpperCase() : text);
    }
    return texts.length;
  }, translated);

for (const [how, translated] of [["wraps", false], ["replaces", true]]) {
  test(`a browser that ${how} the page's words leaves the text, its marks and its lists alone`, async (t) => {
    const { page } = await startPage(t);
    await write(page, SENTENCE);
    assert.ok((await translate(page, translated)) > 10);
    assert.equal(await page.locator("[translate=no] font").count(), 0);
    await page.keyboard.type(" Peter Vance lives in Denver.");
    await ready(page);
    const expected = ["Peop: Mary Jones", "Org: Acme Corp", "Loc: Boston", "Peop: Peter Vance", "Loc: Denver"];
    await becomes(() => found(page), expected);
    await becomes(() => page.locator(".mark").count(), 5);
    await becomes(() => count(page, "Entities"), 5);
    await becomes(() => page.getByTestId("words").textContent(), "13 words");
    await translate(page, translated);
    await page.getByTestId("entity-types").getByRole("button").first().click();
    await becomes(() => page.locator(".mark").count(), 3);
    await page.getByRole("button", { name: "Clear", exact: false }).click();
    await becomes(() => rendered(page), 0);
    await page.getByTestId("text").click();
    await page.keyboard.type(SENTENCE);
    await ready(page);
    await page.getByTestId("model-menu").selectOption("adverse-events");
    await becomes(() => page.getByTestId("entity-types").locator("button").count(), 2);
    await ready(page);
    assert.deepEqual(consoleErrors(page), []);
  });
}

test("no element of the annotator has an id, so that several fit on a page, and every control has a name", async (t) => {
  const { page } = await startPage(t);
  await write(page, SENTENCE);
  assert.equal(await page.locator(".workbench [id]").count(), 0);
  for (const name of ["Entities", "Relations", "Text"]) {
    assert.equal(await page.getByRole("region", { name, exact: true }).count(), 1);
  }
  const slider = page.getByRole("slider", { name: "Show relations from" });
  assert.match(await slider.getAttribute("aria-valuetext"), /^\d+%$/);
});
