// The element <spanarc-annotator> on the platform's terms: attributes, properties, events, forms.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { becomes, eventually, fallBehind } from "./annotations.js";
import { DIST, consoleErrors } from "./harness.js";
import { startHost } from "./host.js";

const SENTENCE = "Mary Jones works for Acme Corp in Boston.";
const MODEL = "/models/news.safetensors";

/** The words of the element's entities, with their types. */
const found = (page, selector = "spanarc-annotator") =>
  page.evaluate((selector) => {
    const { text, entities } = document.querySelector(selector).annotations;
    return entities.map(({ type, start, end }) => `${type}: ${text.slice(start, end)}`);
  }, selector);

const PEOPLE = ["Peop: Mary Jones", "Org: Acme Corp", "Loc: Boston"];

/** Records the element's events from now on as [name, detail]. */
const listen = (page, names = ["annotations", "change", "input", "select", "ready", "progress", "error"]) =>
  page.evaluate((names) => {
    window.heard = [];
    for (const name of names) {
      document.querySelector("spanarc-annotator").addEventListener(name, ({ detail, bubbles, composed }) => {
        heard.push({ name, detail: JSON.parse(JSON.stringify(detail)), bubbles, composed });
      });
    }
  }, names);

const heard = (page, name) => page.evaluate((name) => window.heard.filter((event) => event.name === name), name);

const annotated = (page) => page.evaluate(() => document.querySelector("spanarc-annotator").annotate());

test("a text in an attribute is annotated, and what is found can be read", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator model="${MODEL}" value="${SENTENCE}"></spanarc-annotator>`);
  const { text, entities, relations } = await annotated(page);
  assert.equal(text, SENTENCE);
  assert.deepEqual(await found(page), PEOPLE);
  for (const { id, score, origin, state, model } of entities) {
    assert.equal(typeof id, "string");
    assert.ok(score > 0.5 && score <= 1 && String(score).length < 12, String(score));
    assert.deepEqual([origin, state, model], ["model", "suggested", "news"]);
  }
  assert.ok(relations.length > 0);
  for (const { head, tail } of relations) {
    assert.ok(entities.some(({ id }) => id === head) && entities.some(({ id }) => id === tail));
  }
  assert.deepEqual(consoleErrors(page), []);
});

test("properties set before the class is defined hold, and so do those set before the program is there", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`);
  const read = await page.evaluate(async (text) => {
    const { SpanarcAnnotator } = await import("/element/annotator_element.js");
    const early = document.createElement("early-annotator");
    const given = { text, entities: [{ id: "mine", type: "Person", start: 0, end: 10 }] };
    early.annotations = given;
    early.placeholder = "Write";
    early.schema = { entityTypes: [{ name: "Person", title: "Human being" }] };
    document.getElementById("a").append(early);
    customElements.define("early-annotator", class extends SpanarcAnnotator {});
    const before = [early.value, early.annotations.entities[0].id, early.getAttribute("placeholder")];
    early.select(5, 10);
    await early.loaded;
    return { before, after: early.annotations };
  }, SENTENCE);
  assert.deepEqual(read.before, [SENTENCE, "mine", "Write"]);
  assert.deepEqual(read.after, {
    text: SENTENCE,
    entities: [{ id: "mine", type: "Person", start: 0, end: 10, origin: "person", state: "accepted" }],
    relations: [],
  });
  await becomes(() => page.evaluate(() => insideAll(".mark-label").map((it) => it.textContent)), ["HUMAN BEING"]);
  assert.equal(await page.getByTestId("text").getAttribute("placeholder"), "Write");
  await becomes(() => page.getByTestId("text").evaluate((text) => [text.selectionStart, text.selectionEnd]), [5, 10]);
});

test("setters fire nothing; what a person types and what the model says does, out of shadow roots too", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator model="${MODEL}"></spanarc-annotator>`);
  await page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  await annotated(page);
  await page.evaluate(() => {
    const annotator = document.querySelector("spanarc-annotator");
    annotator.value = "Nobody came.";
    annotator.select(3, 5);
  });
  await becomes(() => page.evaluate(() => inside("textarea").selectionEnd), 5);
  await listen(page);
  await page.evaluate((text) => {
    const annotator = document.querySelector("spanarc-annotator");
    annotator.value = "One.";
    annotator.annotations = { text, entities: [] };
    annotator.schema = {};
    annotator.relationThreshold = 0.5;
    annotator.placeholder = "Write";
  }, "Two.");
  await annotated(page);
  await page.waitForTimeout(200);
  // The model has read the new text: it alone has spoken.
  const spoken = await page.evaluate(() => heard.splice(0).map(({ name }) => name));
  assert.deepEqual([...new Set(spoken)], ["annotations"]);
  await page.getByTestId("text").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(` ${SENTENCE} `);
  await eventually(async () => (await heard(page, "annotations")).at(-1)?.detail.entities.length === 3, "three entities");
  const inputs = await heard(page, "input");
  assert.equal(inputs.length, SENTENCE.length + 2);
  assert.deepEqual(inputs[1], { name: "input", detail: { start: 5, removed: 0, inserted: "M" }, bubbles: true, composed: true });
  const [answer] = (await heard(page, "annotations")).slice(-1);
  assert.deepEqual([answer.bubbles, answer.composed, answer.detail.complete], [true, true, true]);
  assert.equal(answer.detail.text, `Two. ${SENTENCE} `);
  assert.deepEqual(await heard(page, "change"), []);
});

test("the events of a model and of a failure do not bubble, and its message is shown inside", async (t) => {
  const { page, server } = await startHost(t, `<div id="a"></div>`);
  await page.evaluate(() => {
    const annotator = document.createElement("spanarc-annotator");
    document.getElementById("a").append(annotator);
  });
  await listen(page);
  await page.evaluate(() => document.addEventListener("error", () => (window.bubbled = true)));
  await page.evaluate(() => (document.querySelector("spanarc-annotator").model = "/models/none.safetensors"));
  await eventually(async () => (await heard(page, "error")).length === 1, "an error");
  const [{ detail, bubbles }] = await heard(page, "error");
  assert.deepEqual([detail.stage, bubbles], ["load", false]);
  assert.match(detail.message, /none\.safetensors could not be downloaded: the server answered 404/);
  await becomes(async () => (await page.getByRole("alert").textContent()).includes(detail.message), true);
  const rejected = await page.evaluate(() => document.querySelector("spanarc-annotator").annotate().catch(String));
  assert.match(rejected, /404/);
  await page.evaluate((model) => (document.querySelector("spanarc-annotator").model = model), MODEL);
  await eventually(async () => (await heard(page, "ready")).length === 1, "the other model is ready");
  assert.equal((await heard(page, "ready"))[0].detail.name, "news");
  assert.ok((await heard(page, "progress")).every(({ bubbles }) => !bubbles));
  assert.equal(await page.evaluate(() => window.bubbled), undefined);
  assert.ok(server.requests.some(({ path }) => path === "/models/none.safetensors"));
});

test("annotations go in and come out with the host's identities, and are edited by methods", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator></spanarc-annotator>`);
  await page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  await listen(page, ["change"]);
  const given = {
    text: "😀 Ann met Bo.",
    entities: [
      { id: "a", type: "Person", start: 3, end: 6, score: 0.75, origin: "model", state: "suggested", model: "x" },
      { id: 7, type: "Person", start: 11, end: 13 },
    ],
    relations: [{ id: "r", type: "met", head: "a", tail: 7 }],
  };
  const read = await page.evaluate((given) => {
    const annotator = document.querySelector("spanarc-annotator");
    annotator.annotations = given;
    return annotator.annotations;
  }, given);
  const person = { origin: "person", state: "accepted" };
  assert.deepEqual(read, {
    text: given.text,
    entities: [given.entities[0], { id: "7", type: "Person", start: 11, end: 13, ...person }],
    relations: [{ id: "r", type: "met", head: "a", tail: "7", ...person }],
  });
  const edited = await page.evaluate(() => {
    const annotator = document.querySelector("spanarc-annotator");
    const place = annotator.addEntity({ type: "Thing", start: 0, end: 2 });
    annotator.accept("a");
    annotator.updateEntity("7", { type: "Dog", end: 14 });
    const relation = annotator.addRelation({ type: "sees", head: "7", tail: place });
    annotator.removeRelation("r");
    annotator.replaceText(0, 0, "So: ");
    return [annotator.annotations, place, relation];
  });
  const [after, place, relation] = edited;
  assert.deepEqual(
    after.entities.map(({ id, type, start, end, state }) => [id, type, start, end, state]),
    [
      [place, "Thing", 4, 6, "accepted"],
      ["a", "Person", 7, 10, "accepted"],
      ["7", "Dog", 15, 18, "accepted"],
    ],
  );
  assert.deepEqual(after.relations.map(({ id, head, tail }) => [id, head, tail]), [[relation, "7", place]]);
  const actions = (await heard(page, "change")).map(({ detail: { action, created, updated, deleted } }) => [
    action,
    ...[created, updated, deleted].map(({ entities, relations }) => [...entities, ...relations].map(({ id }) => id).join()),
  ]);
  assert.deepEqual(actions, [
    ["command", place, "", ""],
    ["command", "", "a", ""],
    ["command", "", "7", ""],
    ["command", relation, "", ""],
    ["command", "", "", "r"],
  ]);
  const undone = await page.evaluate(() => {
    const annotator = document.querySelector("spanarc-annotator");
    while (annotator.undo());
    return annotator.annotations;
  });
  assert.deepEqual(undone, read);
  assert.deepEqual(await page.evaluate(() => [0, 1].map(() => document.querySelector("spanarc-annotator").redo())), [true, true]);
});

test("annotations that are none are refused with place and reason, and nothing changes", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator value="Ann met Bo."></spanarc-annotator>`);
  await page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  const refused = (annotations) =>
    page.evaluate((annotations) => {
      try {
        document.querySelector("spanarc-annotator").annotations = annotations;
      } catch (error) {
        return error.message;
      }
    }, annotations);
  const text = "Ann 😀.";
  const entity = { type: "Person", start: 0, end: 3 };
  const cases = [
    [{ entities: [] }, /annotations have no text/],
    [{ text, entities: [{ ...entity, start: "0" }] }, /entities\[0\]\.start.*invalid type/],
    [{ text, entities: [{ ...entity, end: 99 }] }, /entities\[0\].*99/],
    [{ text, entities: [{ ...entity, end: 5 }] }, /entities\[0\].*5/],
    [{ text, entities: [{ ...entity, end: 0 }] }, /entities\[0\]/],
    [{ text, entities: [{ ...entity, id: "a" }, { ...entity, id: "a" }] }, /identity "a"/],
    [{ text, entities: [{ ...entity, id: "a" }], relations: [{ type: "x", head: "a", tail: "b" }] }, /relations\[0\]\.tail.*"b"/],
    [{ text, entities: [{ ...entity, state: "maybe" }] }, /maybe/],
    [{ text, entities: [{ ...entity, id: 1 }], relations: [{ type: "x", head: 1, tail: 1 }] }, /relations\[0\].*itself/],
    [
      { text, entities: [{ ...entity, id: 1, state: "rejected" }, { ...entity, id: 2 }], relations: [{ type: "x", head: 1, tail: 2 }] },
      /relations\[0\].*rejected/,
    ],
    [null, /./],
  ];
  for (const [annotations, message] of cases) {
    assert.match((await refused(annotations)) ?? "not refused", message);
  }
  const method = (call) => page.evaluate(`(() => { try { return ${call} } catch (error) { return error.message } })()`);
  const annotator = `document.querySelector("spanarc-annotator")`;
  assert.match(await method(`${annotator}.removeEntity("none")`), /there is no entity "none"/);
  assert.match(await method(`${annotator}.addEntity({ type: "X", start: 3, end: 3 })`), /empty|span/);
  assert.match(await method(`${annotator}.addEntity({ start: 3, end: 4 })`), /type/);
  assert.match(await method(`${annotator}.schema = { entityTypes: [{ name: "A", color: "red" }] }`), /colour "red"/);
  assert.equal(await page.evaluate(() => document.querySelector("spanarc-annotator").value), "Ann met Bo.");
});

test("a page that sets what it is told, as frameworks do, changes nothing by it", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator model="${MODEL}" value="${SENTENCE}"></spanarc-annotator>`);
  await annotated(page);
  await page.evaluate(() => {
    const annotator = document.querySelector("spanarc-annotator");
    window.times = 0;
    annotator.addEventListener("annotations", ({ detail }) => {
      times++;
      // Frameworks put proxies around what they keep.
      annotator.annotations = new Proxy(detail, {});
    });
    annotator.schema = new Proxy({ mapping: { entityTypes: new Proxy({ Peop: "person" }, {}) } }, {});
  });
  await annotated(page);
  await page.getByTestId("text").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" Ann Lee met Tom Brown. ");
  await eventually(async () => (await found(page)).includes("person: Tom Brown"), "what was typed is annotated");
  await annotated(page);
  const times = await page.evaluate(() => window.times);
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate(() => window.times), times);
  await page.keyboard.press("Control+z");
  assert.ok((await page.getByTestId("text").inputValue()).length < SENTENCE.length + 24);
});

test("a document that a listener puts in the place of another does not change what the step before it was", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator></spanarc-annotator>`);
  const { deleted, left } = await page.evaluate(async () => {
    const annotator = document.querySelector("spanarc-annotator");
    await annotator.loaded;
    const of = (id) => ({ text: "Ann met Bo.", entities: [{ id, type: "Person", start: 0, end: 3 }] });
    annotator.annotations = of("ann");
    let deleted;
    annotator.addEventListener("input", () => (annotator.annotations = of("zed")));
    annotator.addEventListener("change", ({ detail }) => (deleted = detail.deleted.entities.map(({ id }) => id)));
    annotator.replaceText(0, 4, "");
    return { deleted, left: annotator.annotations.entities.map(({ id }) => id) };
  });
  assert.deepEqual([deleted, left], [["ann"], ["zed"]]);
});

test("in a text that is read only, keys take back annotations and never the text", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator readonly></spanarc-annotator>`);
  await page.evaluate(async (text) => {
    const annotator = document.querySelector("spanarc-annotator");
    annotator.schema = { entityTypes: [{ name: "Person", key: "p" }] };
    annotator.value = "Ann.";
    await annotator.loaded;
    annotator.value = text;
    annotator.replaceText(0, 0, "So: ");
    annotator.select(4, 14);
  }, SENTENCE);
  await becomes(() => page.evaluate(() => focused().selectionEnd), 14);
  await page.keyboard.press("p");
  assert.deepEqual(await found(page), ["Person: Mary Jones"]);
  for (let i = 0; i < 3; i++) await page.keyboard.press("Control+z");
  assert.deepEqual(await found(page), []);
  assert.equal(await page.getByTestId("text").inputValue(), `So: ${SENTENCE}`);
  await page.keyboard.press("Control+y");
  assert.deepEqual(await found(page), ["Person: Mary Jones"]);
  // What a host sets before anyone has done anything is where the history begins.
  assert.deepEqual(
    await page.evaluate(() => [0, 1, 2].map(() => document.querySelector("spanarc-annotator").undo())),
    [true, true, false],
  );
  assert.equal(await page.getByTestId("text").inputValue(), SENTENCE);
});

test("attributes that are set to what they are, and a name set later, lose nothing", async (t) => {
  const { page } = await startHost(t, `<form><spanarc-annotator value="Ann met Bo."></spanarc-annotator></form>`);
  const { kept, names } = await page.evaluate(async () => {
    const annotator = document.querySelector("spanarc-annotator");
    await annotator.loaded;
    annotator.addEntity({ type: "Person", start: 0, end: 3 });
    annotator.setAttribute("value", "Ann met Bo.");
    annotator.setAttribute("value", "Another default.");
    annotator.name = "note";
    return { kept: annotator.annotations.entities.length, names: [...new FormData(document.forms[0]).keys()] };
  });
  assert.deepEqual([kept, names], [1, ["note", "note-annotations"]]);
});

test("a schema that is none is told once, and all else works", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`);
  const failures = await page.evaluate(async (model) => {
    const failures = [];
    const annotator = document.createElement("spanarc-annotator");
    annotator.addEventListener("error", ({ detail }) => failures.push(detail));
    Object.assign(annotator, { schema: { entityTypes: 5 }, model, value: "Mary Jones lives in Boston." });
    document.getElementById("a").append(annotator);
    await annotator.loaded;
    annotator.placeholder = "Write";
    await annotator.annotate();
    return failures;
  }, MODEL);
  assert.deepEqual(failures.map(({ stage }) => stage), ["schema"]);
  assert.match(failures[0].message, /entityTypes/);
  assert.deepEqual(await found(page), ["Peop: Mary Jones", "Loc: Boston"]);
  assert.deepEqual(consoleErrors(page), []);
});

test("a schema renames, leaves out and colours the model's types, and its signatures bind model and methods", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator model="${MODEL}" value="${SENTENCE}"></spanarc-annotator>`);
  await annotated(page);
  await page.evaluate(() => {
    document.querySelector("spanarc-annotator").schema = {
      entityTypes: [
        { name: "person", title: "Person", color: "#aa3366", key: "p" },
        { name: "firm", title: "Firm" },
      ],
      relationTypes: [{ name: "employs", head: ["firm"], tail: ["person"] }],
      mapping: { entityTypes: { Peop: "person", Org: "firm" }, relationTypes: { Work_For: "employs" } },
    };
  });
  await annotated(page);
  assert.deepEqual(await found(page), ["person: Mary Jones", "firm: Acme Corp"]);
  // The model's relation leads from the person to the firm, which the schema does not allow.
  assert.deepEqual(await page.evaluate(() => document.querySelector("spanarc-annotator").annotations.relations), []);
  await becomes(() => page.evaluate(() => insideAll(".mark-label").map((it) => it.textContent)), ["PERSON", "FIRM"]);
  const refused = await page.evaluate(() => {
    const annotator = document.querySelector("spanarc-annotator");
    const [person, firm] = annotator.annotations.entities;
    try {
      annotator.addRelation({ type: "employs", head: person.id, tail: firm.id });
    } catch (error) {
      annotator.addRelation({ type: "employs", head: firm.id, tail: person.id });
      return error.message;
    }
  });
  assert.match(refused, /"employs" does not lead from "person" to "firm"/);

  // A key labels what is selected, without the space beside it.
  await page.evaluate(() => document.querySelector("spanarc-annotator").select(33, 41));
  await page.keyboard.press("Alt+p");
  assert.deepEqual((await found(page)).at(-1), "person: Boston.");
});

test("suggestions of the host's stay when there is no model to make them again", async (t) => {
  const { page } = await startHost(t, `<div id="a"></div>`);
  const states = await page.evaluate(async () => {
    const annotator = document.createElement("spanarc-annotator");
    const schema = { entityTypes: [{ name: "Person" }] };
    annotator.annotations = { text: "Ann.", entities: [{ type: "Person", start: 0, end: 3, origin: "model", score: 0.5 }] };
    annotator.schema = schema;
    document.getElementById("a").append(annotator);
    await annotator.loaded;
    annotator.select(1, 3);
    annotator.schema = { ...schema, relationTypes: [{ name: "knows" }] };
    return annotator.annotations.entities.map(({ state }) => state);
  });
  assert.deepEqual(states, ["suggested"]);
  // What is to be selected waits until the text is on screen.
  await becomes(() => page.evaluate(() => [focused().selectionStart, focused().selectionEnd]), [1, 3]);
});

test("what is done to a document before it is on screen is shown", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator></spanarc-annotator><div id="a"></div>`);
  await page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  await fallBehind(page);
  await page.evaluate(async () => {
    const second = document.createElement("spanarc-annotator");
    second.value = "Ann met Bo.";
    document.getElementById("a").append(second);
    // As soon as it is rendered, and so before its effects have run.
    new MutationObserver((_, observer) => {
      if (!second.shadowRoot.querySelector("textarea")) return;
      observer.disconnect();
      second.addEntity({ type: "Person", start: 0, end: 3 });
    }).observe(second.shadowRoot, { childList: true, subtree: true });
  });
  await becomes(() => page.locator(".mark").count(), 1);
});

test("an address that is none, and a program that is not there, are told", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator value="Ann."></spanarc-annotator>`);
  const { message, model } = await page.evaluate(async () => {
    const annotator = document.querySelector("spanarc-annotator");
    await annotator.loaded;
    annotator.model = "http://[";
    return { message: await annotator.annotate().catch((error) => error.message), model: annotator.model };
  });
  assert.match(message, /http:\/\/\[/);
  assert.equal(model, "http://[");
  const removed = await page.evaluate(async (model) => {
    const annotator = document.querySelector("spanarc-annotator");
    annotator.model = model;
    const annotating = annotator.annotate("Mary Jones lives in Boston.").catch((error) => error.message);
    annotator.remove();
    return annotating;
  }, MODEL);
  assert.match(removed, /removed/);
});

test("thresholds decide what counts, at once", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator model="${MODEL}" value="${SENTENCE}"></spanarc-annotator>`);
  await annotated(page);
  const counts = (entity, relation) =>
    page.evaluate(
      ([entity, relation]) => {
        const annotator = document.querySelector("spanarc-annotator");
        [annotator.entityThreshold, annotator.relationThreshold] = [entity, relation];
        const { entities, relations } = annotator.annotations;
        return [entities.length, relations.length];
      },
      [entity, relation],
    );
  const [all, many] = await counts(0, 0.05);
  assert.equal(all, 3);
  assert.deepEqual(await counts(0, 1.1), [3, 0]);
  assert.deepEqual(await counts(1.1, 0.05), [0, 0]);
  assert.deepEqual(await counts(0, 0.05), [all, many]);
  assert.ok(many > 0);
});

test("selecting tells what is there", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator></spanarc-annotator>`);
  await page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  await page.evaluate(() => {
    document.querySelector("spanarc-annotator").annotations = {
      text: "Ann met Bo.",
      entities: [
        { id: "ann", type: "Person", start: 0, end: 3 },
        { id: "bo", type: "Person", start: 8, end: 10 },
      ],
      relations: [{ id: "met", type: "met", head: "ann", tail: "bo" }],
    };
  });
  await listen(page, ["select"]);
  await page.getByTestId("text").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Shift+ArrowLeft");
  const last = async () => (await heard(page, "select")).at(-1)?.detail;
  await becomes(last, { start: 9, end: 11, entities: ["bo"], relations: [] });
  await page.locator("[data-relation]").first().click();
  await becomes(last, { start: 0, end: 10, entities: [], relations: ["met"] });
  assert.equal((await heard(page, "select")).every(({ bubbles, composed }) => bubbles && composed), true);
});

test("annotating another text gives its annotations, and can be given up", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator model="${MODEL}"></spanarc-annotator>`);
  const words = await page.evaluate(async (text) => {
    const { text: read, entities } = await document.querySelector("spanarc-annotator").annotate(text);
    return entities.map(({ start, end }) => read.slice(start, end));
  }, "Peter Vance lives in Denver.");
  assert.deepEqual(words, ["Peter Vance", "Denver"]);
  const reason = await page.evaluate(async (text) => {
    const giveUp = new AbortController();
    const annotating = document.querySelector("spanarc-annotator").annotate(text.repeat(50), { signal: giveUp.signal });
    giveUp.abort(new Error("enough"));
    return annotating.catch((error) => error.message);
  }, SENTENCE);
  assert.equal(reason, "enough");
});

test("in a form it submits, complains, resets, and is disabled with its fieldset", async (t) => {
  const { page } = await startHost(
    t,
    `<form><label for="note">Clinical <b>note</b></label><fieldset>
       <spanarc-annotator id="note" name="note" required value="Ann met Bo."></spanarc-annotator>
     </fieldset><button>Save</button></form>`,
  );
  await page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  const text = page.getByTestId("text");
  await becomes(() => text.getAttribute("aria-label"), "Clinical note");
  assert.equal(await text.getAttribute("aria-required"), "true");
  const submitted = () =>
    page.evaluate(() => {
      const data = new FormData(document.forms[0]);
      return { note: data.get("note"), annotations: JSON.parse(data.get("note-annotations")) };
    });
  await page.evaluate(() => document.querySelector("#note").addEntity({ type: "Person", start: 0, end: 3 }));
  const { note, annotations } = await submitted();
  assert.equal(note, "Ann met Bo.");
  assert.deepEqual(annotations, await page.evaluate(() => document.querySelector("#note").annotations));

  await page.locator("label").click();
  assert.equal(await page.evaluate(() => focused().dataset.testid), "text");
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  assert.deepEqual(await page.evaluate(() => [document.forms[0].checkValidity(), document.querySelector("#note").validity.valueMissing]), [false, true]);
  await page.evaluate(() => document.activeElement.blur());
  await page.locator("button", { hasText: "Save" }).click();
  await becomes(() => page.evaluate(() => focused().dataset.testid), "text");

  await page.evaluate(() => document.forms[0].reset());
  assert.deepEqual((await submitted()).annotations, { text: "Ann met Bo.", entities: [], relations: [] });
  assert.equal(await text.inputValue(), "Ann met Bo.");
  assert.equal(await page.evaluate(() => document.forms[0].checkValidity()), true);

  await page.evaluate(() => (document.querySelector("form > fieldset").disabled = true));
  await becomes(() => text.isDisabled(), true);
  assert.deepEqual(await page.evaluate(() => [...new FormData(document.forms[0]).keys()]), []);
  await page.evaluate(() => (document.querySelector("form > fieldset").disabled = false));
  await becomes(() => text.isDisabled(), false);
  await page.evaluate(() => (document.querySelector("#note").readOnly = true));
  await becomes(() => text.isEditable(), false);
});

test("what a browser restores is its text and annotations", async (t) => {
  const { page } = await startHost(t, `<form><spanarc-annotator name="note" value="Ann."></spanarc-annotator></form>`);
  await page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  await page.evaluate(() => {
    const annotator = document.querySelector("spanarc-annotator");
    const state = JSON.stringify({ text: "Bo.", entities: [{ id: "b", type: "Dog", start: 0, end: 2 }] });
    annotator.formStateRestoreCallback(state, "restore");
  });
  assert.deepEqual(await found(page), ["Dog: Bo"]);
  assert.equal(await page.evaluate(() => new FormData(document.forms[0]).get("note")), "Bo.");
});

test("removed and added again, and moved to another document, it keeps text, annotations and history", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator model="${MODEL}" value="${SENTENCE}"></spanarc-annotator>`);
  await annotated(page);
  const id = await page.evaluate(() => {
    const annotator = (window.one = document.querySelector("spanarc-annotator"));
    return annotator.addEntity({ type: "Thing", start: 11, end: 16 });
  });
  for (let i = 0; i < 3; i++) {
    await page.evaluate(async () => {
      one.remove();
      await new Promise((resolve) => setTimeout(resolve, 50));
      document.body.append(one);
    });
    assert.equal(await page.getByTestId("text").inputValue(), SENTENCE);
  }
  await becomes(async () => (await found(page)).length, 4);
  await page.evaluate(() => one.removeEntity(one.annotations.entities.find(({ type }) => type === "Thing").id));
  await page.evaluate(() => one.undo());
  assert.ok(await page.evaluate((id) => one.annotations.entities.some((entity) => entity.id === id), id));

  const frame = await page.evaluate(async () => {
    const frame = document.body.appendChild(document.createElement("iframe"));
    frame.contentDocument.body.append(one);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { value: one.value, display: frame.contentWindow.getComputedStyle(one.shadowRoot.querySelector(".sheet")).display };
  });
  assert.deepEqual(frame, { value: SENTENCE, display: "flex" });
  assert.deepEqual(consoleErrors(page), []);
});

test("theme, panel, legend and direction follow their attributes", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator dir="rtl" readonly value="שלום עולם"></spanarc-annotator>`);
  await page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  await page.locator(".panel").waitFor();
  const set = (name, value) =>
    page.evaluate(([name, value]) => (document.querySelector("spanarc-annotator")[name] = value), [name, value]);
  const ground = () => page.evaluate(() => getComputedStyle(inside(".sheet")).backgroundColor);
  assert.equal(await ground(), "rgb(255, 255, 255)");
  await set("theme", "dark");
  assert.equal(await ground(), "rgb(29, 32, 38)");
  const places = async () => {
    const [sheet, panel] = [await page.locator(".sheet").boundingBox(), await page.locator(".panel").boundingBox()];
    return panel.y >= sheet.y + sheet.height ? "below" : panel.x + panel.width <= sheet.x ? "left" : "right";
  };
  // In a text that goes from right to left, the lists are on the left.
  await becomes(places, "left");
  await set("panel", "below");
  await becomes(places, "below");
  await set("panel", "none");
  await page.locator(".panel").waitFor({ state: "detached" });
  await page.locator(".legend").waitFor();
  await set("legend", "none");
  await page.locator(".legend").waitFor({ state: "detached" });
  assert.equal(await page.getByTestId("text").isEditable(), false);
});

test("a program that cannot be loaded shows why, and leaves a text that can be typed and submitted", async (t) => {
  const { page } = await startHost(t, `<form><div id="a"></div></form>`);
  await page.route(/\.wasm$/, (route) => route.fulfill({ status: 404 }));
  await page.evaluate(() => {
    window.failures = [];
    const annotator = document.createElement("spanarc-annotator");
    annotator.addEventListener("error", ({ detail }) => failures.push(detail));
    annotator.setAttribute("name", "note");
    window.refusal = annotator.loaded.catch(String);
    document.getElementById("a").append(annotator);
  });
  await page.getByRole("alert").waitFor();
  assert.match(await page.getByRole("alert").textContent(), /The annotator's program at .*\.wasm cannot be started: the server answered 404/);
  assert.equal((await page.evaluate(() => failures)).length, 1);
  assert.match(await page.evaluate(() => window.refusal), /404/);
  await page.evaluate(() => (document.querySelector("spanarc-annotator").disabled = true));
  assert.equal(await page.locator("textarea").isDisabled(), true);
  await page.evaluate(() => (document.querySelector("spanarc-annotator").disabled = false));
  await page.locator("textarea").fill("Still here.");
  assert.equal(await page.evaluate(() => new FormData(document.forms[0]).get("note")), "Still here.");
  assert.equal(await page.evaluate(() => document.querySelector("spanarc-annotator").value), "Still here.");
});

test("importing it twice defines it once, and importing it in Node defines nothing and throws nothing", async (t) => {
  const { page } = await startHost(t, `<spanarc-annotator value="Ann."></spanarc-annotator>`);
  const [first, second] = await page.evaluate(async () => {
    const before = customElements.get("spanarc-annotator");
    await import("/element/element.js");
    await import("/element/element.js?another copy");
    return [before === customElements.get("spanarc-annotator"), document.querySelector("spanarc-annotator").value];
  });
  assert.deepEqual([first, second], [true, "Ann."]);
  const { SpanarcAnnotator, configure } = await import(pathToFileURL(join(DIST, "element/element.js")));
  assert.deepEqual([typeof SpanarcAnnotator, typeof configure], ["function", "function"]);
  assert.equal(globalThis.customElements, undefined);
});

test("parts and custom properties style it, and nothing else of the page's does", async (t) => {
  const css = `
    textarea, button, span, h2 { color: rgb(1, 2, 3) !important; font-size: 40px !important }
    spanarc-annotator { --spanarc-text-size: 22px }
    spanarc-annotator::part(text) { color: rgb(9, 8, 7) }
    spanarc-annotator::part(status) { display: none }
  `;
  const { page } = await startHost(t, `<spanarc-annotator value="Ann."></spanarc-annotator>`, { css });
  await page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  const style = (selector, name) =>
    page.evaluate(([selector, name]) => getComputedStyle(inside(selector))[name], [selector, name]);
  await page.locator(".panel").waitFor();
  await becomes(() => style("textarea", "color"), "rgb(9, 8, 7)");
  assert.equal(await style("textarea", "fontSize"), "22px");
  assert.equal(await style(".status-line", "display"), "none");
  assert.notEqual(await style(".status-item", "fontSize"), "40px");
});
