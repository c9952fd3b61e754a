// What goes into <spanarc-annotator> by properties and methods, and what comes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startHost } from "./host.js";

const SENTENCE = "Mary Jones works for Acme Corp in Boston.";
const OTHER = "Peter Vance lives in Denver.";
const MODEL = "/models/news.safetensors";

const loaded = async (t, attributes = "") => {
  const { page } = await startHost(t, `<spanarc-annotator ${attributes}></spanarc-annotator>`);
  await page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  return page;
};

/** The message of the error that `act` throws, given the element. */
const thrownBy = (page, act) =>
  page.evaluate(`(() => {
    try { (${act})(document.querySelector("spanarc-annotator")) } catch (error) { return error.message }
  })()`);

test("what createAnnotator answers, in any unit of offsets, is set as a model's suggestions", async (t) => {
  const page = await loaded(t);
  const read = await page.evaluate(
    async ([model, text]) => {
      const { createAnnotator } = await import("/element/index.js");
      const urls = { workerUrl: "/element/worker_start.js", wasmUrl: "/worker_bg.wasm" };
      const annotator = await createAnnotator({ model, ...urls });
      const element = document.querySelector("spanarc-annotator");
      const read = [];
      for (const offsets of ["utf16", "char", "byte"]) {
        element.annotations = await annotator.annotate(text, { offsets });
        const { entities } = element.annotations;
        read.push(entities.map(({ start, end, origin, state }) => [text.slice(start, end), origin, state]));
      }
      annotator.close();
      return read;
    },
    [MODEL, `😀 Un café.\n${SENTENCE}`],
  );
  const expected = ["Mary Jones", "Acme Corp", "Boston"].map((words) => [words, "model", "suggested"]);
  assert.deepEqual(read, [expected, expected, expected]);
});

test("units of offsets and scores that are none are refused by name", async (t) => {
  const page = await loaded(t);
  const refused = (annotations) => thrownBy(page, `(element) => (element.annotations = ${JSON.stringify(annotations)})`);
  const entity = { type: "Person", start: 0, end: 3 };
  assert.match(await refused({ text: "Ann.", offsets: "words" }), /offsets.*words.*utf16/);
  assert.match(await refused({ text: "Ann.", offsets: "char", entities: [{ ...entity, end: 9 }] }), /entities\[0\].*char position 9/);
  assert.match(await refused({ text: "Ann.", entities: [{ ...entity, score: 98 }] }), /entities\[0\].*score.*98/);
});

test("properties that are set to null or undefined remove their attributes", async (t) => {
  const page = await loaded(t, `value="Ann." name="note" placeholder="Write" theme="dark"`);
  const left = await page.evaluate(async () => {
    const element = document.querySelector("spanarc-annotator");
    const left = [];
    for (const nothing of [null, undefined]) {
      const properties = { defaultValue: "Ann.", name: "note", placeholder: "Write", theme: "dark" };
      Object.assign(element, properties);
      for (const name of Object.keys(properties)) element[name] = nothing;
      left.push([...element.attributes].map(({ name }) => name));
    }
    return [...left, element.value, element.theme];
  });
  assert.deepEqual(left, [[], [], "", "auto"]);
});

test("a text that nobody can annotate is not set", async (t) => {
  const page = await loaded(t, `value="Keep me."`);
  const read = await page.evaluate(async (text) => {
    const element = document.querySelector("spanarc-annotator");
    const message = await element.annotate(text).catch((error) => error.message);
    return [message, element.value];
  }, OTHER);
  assert.deepEqual(read, ["spanarc-annotator: there is no model to annotate with", "Keep me."]);
});

test("of texts to be annotated at a time, the last is; what was promised of others is rejected", async (t) => {
  const page = await loaded(t, `model="${MODEL}"`);
  const read = await page.evaluate(async (texts) => {
    const element = document.querySelector("spanarc-annotator");
    const annotating = texts.map((text) => element.annotate(text).then(({ text }) => text, (error) => error.name));
    return Promise.all(annotating);
  }, [SENTENCE, OTHER, OTHER]);
  assert.deepEqual(read, ["AbortError", OTHER, OTHER]);
});

test("the detail of the event annotations has all that annotations have", async (t) => {
  const page = await loaded(t, `model="${MODEL}"`);
  const [detail, annotations] = await page.evaluate(async (text) => {
    const element = document.querySelector("spanarc-annotator");
    let detail;
    element.addEventListener("annotations", (event) => (detail = { ...event.detail }));
    element.annotations = { text, notes: { source: "us" } };
    await element.annotate();
    return [detail, element.annotations];
  }, SENTENCE);
  assert.deepEqual(annotations.notes, { source: "us" });
  assert.deepEqual(detail, { ...annotations, complete: true });
});

test("scrolling goes to an identity, a number too, or as in every element", async (t) => {
  const css = "spanarc-annotator { height: 300px; overflow: auto }";
  const { page } = await startHost(t, `<spanarc-annotator></spanarc-annotator>`, { css });
  const places = await page.evaluate(async () => {
    const element = document.querySelector("spanarc-annotator");
    await element.loaded;
    const text = "It rained.\n".repeat(300);
    element.annotations = { text: `${text}Ann`, entities: [{ id: 1, type: "Person", start: text.length, end: text.length + 3 }] };
    const scroller = inside("[data-scroller]");
    const isAway = async (...to) => {
      scroller.scrollTo(0, 0);
      element.scrollTo(...to);
      await new Promise((resolve) => setTimeout(resolve, 50));
      return scroller.scrollTop > 0;
    };
    // The text that was set is laid out a little later.
    const reached = async (id) => {
      const until = performance.now() + 20_000;
      while (performance.now() < until) if (await isAway(id)) return true;
      return false;
    };
    return [await reached(1), await reached("1"), await isAway(0, 0), await isAway({ top: 0 }), await isAway()];
  });
  assert.deepEqual(places, [true, true, false, false, false]);
});

test("what methods refuse is told by its field", async (t) => {
  const page = await loaded(t, `value="Ann met Bo."`);
  assert.match(await thrownBy(page, `(it) => it.addEntity({ type: "P", start: "0", end: 3 })`), /addEntity\.start.*"0"/);
  assert.match(await thrownBy(page, `(it) => it.addEntity({ start: 0, end: 3 })`), /addEntity\.type/);
  assert.match(await thrownBy(page, `(it) => it.replaceText(0, 1.5, "")`), /replaceText\.end/);
});

test("a schema takes null for absent, and refuses what is no object", async (t) => {
  const page = await loaded(t);
  const types = [{ name: "A", title: null, color: null, key: null }];
  const schema = { entityTypes: types, relationTypes: null, mapping: { entityTypes: null } };
  assert.equal(await thrownBy(page, `(it) => (it.schema = ${JSON.stringify(schema)})`), undefined);
  assert.equal(await thrownBy(page, `(it) => (it.schema = { relationTypes: [{ name: "R", head: null }] })`), undefined);
  assert.match(await thrownBy(page, `(it) => (it.schema = [])`), /a schema is an object/);
  assert.match(await thrownBy(page, `(it) => (it.schema = "A")`), /a schema is an object/);
});
