// Files of annotated documents: opened by picker and drop, exported in every format.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { becomes, eventually, ready, textOf } from "./annotations.js";
import { consoleErrors, foreignRequests, startPage } from "./harness.js";
import { startHost } from "./host.js";

const BRAT = {
  "visit.txt": "Ada Reed 👍 founded Corvane in Oslo.\nShe left.\n",
  "visit.ann":
    "T1\tPerson 0 8\tAda Reed\nT2\tFirm 19 26\tCorvane\nT3\tPlace 30 34\tOslo\nR1\tfounded Arg1:T1 Arg2:T2\nA1\tCertain T1\n",
};
const DOCCANO = {
  "all.jsonl":
    '{"id": 4, "text": "Ada met Bo 👍 in Rome.", "entities": [{"id": 1, "label": "P", "start_offset": 0, "end_offset": 3}, ' +
    '{"id": 2, "label": "L", "start_offset": 16, "end_offset": 20}], "relations": [{"id": 9, "from_id": 1, "to_id": 2, "type": "in"}]}\n' +
    '{"id": 5, "text": "Cy stayed.", "entities": [{"id": 3, "label": "P", "start_offset": 0, "end_offset": 2}], "relations": []}\n',
};
const region = (id, start, end, text, label) => ({
  id,
  from_name: "label",
  to_name: "text",
  type: "labels",
  value: { start, end, text, labels: [label] },
});
const LABEL_STUDIO = {
  "tasks.json": JSON.stringify([
    {
      id: 1,
      data: { text: "Bo owns Lumen." },
      annotations: [
        {
          result: [
            region("a", 0, 2, "Bo", "P"),
            region("b", 8, 13, "Lumen", "F"),
            { type: "relation", from_id: "a", to_id: "b", direction: "right", labels: ["owns"] },
          ],
        },
      ],
    },
  ]),
};
const XMI = {
  "letter.xmi": `<?xml version="1.0" encoding="UTF-8"?>
<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmlns:custom="http:///webanno/custom.ecore"
  xmlns:type2="http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore" xmi:version="2.0">
<cas:NULL xmi:id="0"/>
<type2:NamedEntity xmi:id="7" sofa="1" begin="0" end="3" value="PER"/>
<type2:NamedEntity xmi:id="8" sofa="1" begin="15" end="20" value="LOC"/>
<custom:Relation xmi:id="9" sofa="1" begin="15" end="20" Governor="7" Dependent="8" value="saw"/>
<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text" sofaString="Cyd saw 👍 new Ghent."/>
</xmi:XMI>
`,
};

/** Files as Playwright takes them. */
const payload = (files) =>
  Object.entries(files).map(([name, text]) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) }));

/** Chooses files in the annotator's picker. */
async function open(page, files) {
  const picking = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Open…" }).click();
  await (await picking).setFiles(payload(files));
}

/** An annotator without a model, so that there are no annotations but those of files. */
const startEmpty = async (t) => {
  const started = await startHost(t, `<spanarc-annotator panel="below"></spanarc-annotator>`);
  await started.page.evaluate(() => document.querySelector("spanarc-annotator").loaded);
  return started;
};

/** Text, entities and relations of the element, by words. */
const content = (page) =>
  page.evaluate(() => {
    const { text, entities, relations } = document.querySelector("spanarc-annotator").annotations;
    const words = new Map(entities.map(({ id, start, end, type }) => [id, `${type}: ${text.slice(start, end)}`]));
    return {
      text,
      entities: [...words.values()].sort(),
      relations: relations.map(({ type, head, tail }) => `${type}(${words.get(head)}, ${words.get(tail)})`).sort(),
    };
  });

const notice = (page) => page.getByTestId("files-notice");

const says = (page, pattern) => eventually(async () => pattern.test(await notice(page).textContent()), String(pattern));

for (const [name, files, expected] of [
  [
    "a text and its annotations of brat's",
    BRAT,
    {
      text: BRAT["visit.txt"],
      entities: ["Firm: Corvane", "Person: Ada Reed", "Place: Oslo"],
      relations: ["founded(Person: Ada Reed, Firm: Corvane)"],
    },
  ],
  [
    "tasks of Label Studio's",
    LABEL_STUDIO,
    { text: "Bo owns Lumen.", entities: ["F: Lumen", "P: Bo"], relations: ["owns(P: Bo, F: Lumen)"] },
  ],
  [
    "a CAS in XMI",
    XMI,
    { text: "Cyd saw 👍 new Ghent.", entities: ["LOC: Ghent", "PER: Cyd"], relations: ["saw(PER: Cyd, LOC: Ghent)"] },
  ],
  ["a text alone", { "a.txt": "Bo Lee\r\nwent." }, { text: "Bo Lee\nwent.", entities: [], relations: [] }],
]) {
  test(`${name}: chosen in the picker, shown in the element`, async (t) => {
    const { page } = await startEmpty(t);
    await open(page, files);
    await becomes(() => content(page), expected);
    assert.deepEqual(consoleErrors(page), []);
  });
}

test("of several documents one is chosen by keyboard, and undo goes back from it", async (t) => {
  const { page } = await startEmpty(t);
  await page.evaluate(() => (document.querySelector("spanarc-annotator").value = "My own words."));
  await open(page, DOCCANO);
  const list = page.getByTestId("documents");
  await list.waitFor();
  assert.match(await notice(page).textContent(), /There are 2 documents/);
  assert.deepEqual(await list.locator("option").allTextContents(), ["4: Ada met Bo 👍 in Rome.", "5: Cy stayed."]);
  assert.equal(await textOf(page), "My own words.");

  await list.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await becomes(() => content(page), { text: "Cy stayed.", entities: ["P: Cy"], relations: [] });
  await list.selectOption({ index: 0 });
  await notice(page).getByRole("button", { name: "Open" }).click();
  await becomes(async () => (await content(page)).relations, ["in(P: Ada, L: Rome)"]);

  const undo = () => page.evaluate(() => document.querySelector("spanarc-annotator").undo());
  await undo();
  assert.deepEqual(await content(page), { text: "Cy stayed.", entities: ["P: Cy"], relations: [] });
  await undo();
  assert.deepEqual(await content(page), { text: "My own words.", entities: [], relations: [] });
  await notice(page).getByRole("button", { name: "Close" }).click();
  await becomes(() => notice(page).count(), 0);
});

test("files that are dropped on the text are opened", async (t) => {
  const { page } = await startEmpty(t);
  await page.evaluate((files) => {
    const data = new DataTransfer();
    for (const [name, text] of Object.entries(files)) data.items.add(new File([text], name));
    const drag = (type) => {
      const event = new DragEvent(type, { dataTransfer: data, bubbles: true, composed: true, cancelable: true });
      return !inside("textarea").dispatchEvent(event);
    };
    window.taken = [drag("dragover"), drag("drop")];
  }, BRAT);
  assert.deepEqual(await page.evaluate(() => window.taken), [true, true]);
  await becomes(async () => (await content(page)).text, BRAT["visit.txt"]);
});

test("text that is dropped, and files on an element that is read only, are left to the browser", async (t) => {
  const { page } = await startEmpty(t);
  const taken = (isFile) =>
    page.evaluate((isFile) => {
      const data = new DataTransfer();
      if (isFile) data.items.add(new File(["x"], "x.txt"));
      else data.items.add("words", "text/plain");
      const event = new DragEvent("dragover", { dataTransfer: data, bubbles: true, composed: true, cancelable: true });
      return !inside("textarea").dispatchEvent(event);
    }, isFile);
  assert.equal(await taken(false), false);
  assert.equal(await taken(true), true);
  await page.evaluate(() => (document.querySelector("spanarc-annotator").readOnly = true));
  const openButton = page.getByRole("button", { name: "Open…" });
  await eventually(() => openButton.isDisabled());
  assert.equal(await taken(true), false);
});

test("what cannot be read is said by file and line, and the text stays", async (t) => {
  const { page } = await startEmpty(t);
  await page.evaluate(() => (document.querySelector("spanarc-annotator").value = "Stays."));
  await open(page, { "b.jsonl": '{"text": "a b", "entities": [], "relations": []}\n{"text": "a b", "entities": [}\n' });
  await notice(page).waitFor();
  assert.match(await notice(page).textContent(), /1 place could not be read:b\.jsonl, line 2: is not JSON/);
  assert.equal(await notice(page).getAttribute("role"), "alert");
  await open(page, { "c.ann": "T1\tP 0 1\ta\n" });
  await says(page, /c\.ann, line 1: a document of the format brat is two files/);
  await open(page, { "picture.png": "\u0089PNG\r\n\u001a\n" });
  await says(page, /picture\.png/);
  assert.equal(await textOf(page), "Stays.");
});

const GIVEN = {
  text: "😀 Ada Reed founded Corvane in Oslo .",
  entities: [
    { id: "a", type: "Person", start: 3, end: 11 },
    { id: "b", type: "Firm", start: 20, end: 27, origin: "model", model: "news", score: 0.75, state: "accepted" },
    { id: "c", type: "Place", start: 31, end: 35, origin: "model", model: "news", score: 0.5 },
  ],
  relations: [
    { type: "founded", head: "a", tail: "b" },
    { type: "based_in", head: "b", tail: "c", origin: "model", model: "news", score: 0.5 },
  ],
};

/** Chooses a format, exports, and gives the files, as many as there are to be, as name → text. */
async function exported(page, format, count) {
  await page.getByLabel("Format").selectOption(format);
  const downloads = [];
  const note = (download) => downloads.push(download);
  page.on("download", note);
  await page.getByRole("button", { name: "Export" }).click();
  await becomes(() => downloads.length, count);
  page.off("download", note);
  const files = downloads.map(async (download) => [download.suggestedFilename(), await readFile(await download.path(), "utf8")]);
  return Object.fromEntries(await Promise.all(files));
}

test("every format that is exported is opened again as the same", async (t) => {
  const { page } = await startEmpty(t);
  const formats = await page.getByLabel("Format").locator("option").evaluateAll((all) => all.map(({ value }) => value));
  assert.ok(formats.length >= 13, formats.join());
  for (const format of formats) {
    await page.evaluate((given) => (document.querySelector("spanarc-annotator").annotations = given), GIVEN);
    const expected = await content(page);
    const files = await exported(page, format, ["brat", "w3c", "cas-xmi"].includes(format) ? 2 : 1);
    await page.evaluate(() => (document.querySelector("spanarc-annotator").value = ""));
    await open(page, files);
    // Two have no place for relations, and say so.
    const relations = ["conll", "spacy"].includes(format) ? [] : expected.relations;
    await becomes(() => content(page), { ...expected, relations });
  }
  assert.deepEqual(consoleErrors(page), []);
});

test("what a format cannot hold is said in the element", async (t) => {
  const { page } = await startEmpty(t);
  await page.evaluate((given) => (document.querySelector("spanarc-annotator").annotations = given), GIVEN);
  await exported(page, "conll", 1);
  await says(page, /since CoNLL \(BIO\) cannot hold it:2 relations left out/);
});

test("JSON keeps pieces, states, scores, attributes and notes", async (t) => {
  const { page } = await startEmpty(t);
  const given = {
    text: "😀 Ada and Bo Reed, Cy",
    entities: [
      { id: "a", type: "P", start: 3, end: 18, spans: [[3, 6], [14, 18]], attributes: { sure: true }, origin: "person", state: "accepted" },
      { id: "b", type: "P", start: 11, end: 18, score: 0.9, origin: "model", state: "suggested", model: "news" },
      { id: "c", type: "P", start: 20, end: 22, score: 0.25, origin: "model", state: "rejected", model: "news" },
    ],
    relations: [{ id: "r", type: "kin", head: "a", tail: "b", origin: "person", state: "accepted", attributes: { since: [1, "x"] } }],
    notes: { source: "ours" },
  };
  const read = () =>
    page.evaluate(() => {
      const { entities, relations, ...rest } = document.querySelector("spanarc-annotator").annotations;
      const place = new Map(entities.map(({ id }, index) => [id, index]));
      return {
        ...rest,
        entities: entities.map(({ id, ...entity }) => entity),
        relations: relations.map(({ id, head, tail, ...relation }) => ({ ...relation, head: place.get(head), tail: place.get(tail) })),
      };
    });
  await page.evaluate((given) => (document.querySelector("spanarc-annotator").annotations = given), given);
  const before = await read();
  const files = await exported(page, "json", 1);
  await page.evaluate(() => (document.querySelector("spanarc-annotator").annotations = { text: "" }));
  await open(page, files);
  await becomes(read, before);
  assert.deepEqual(before.entities[0].spans, [[3, 6], [14, 18]]);
});

test("scripts import and export files, and a step of a person's is undone", async (t) => {
  const { page } = await startEmpty(t);
  const result = await page.evaluate(
    async ([brat, doccano]) => {
      const element = document.querySelector("spanarc-annotator");
      const heard = [];
      for (const name of ["input", "change"]) element.addEventListener(name, () => heard.push(name));
      const files = (all) => Object.entries(all).map(([name, text]) => new File([text], name));
      const { documents, notes, problems } = await element.importFiles(files(brat));
      const opened = element.value;
      const several = await element.importFiles(files(doccano), { open: false });
      const kept = element.value;
      element.annotations = several.documents[0];
      const written = await element.exportAs("brat", { name: "a/b" });
      const texts = await Promise.all(written.files.map((file) => file.text()));
      const faults = [];
      for (const fault of [element.exportAs("word"), element.importFiles([{ name: "x.xml", bytes: new TextEncoder().encode("<x/>") }])]) {
        faults.push(await fault.then(({ problems }) => problems, (error) => error.message));
      }
      return { documents, notes, problems, opened, kept, several, names: written.files.map(({ name }) => name), texts, faults, heard };
    },
    [BRAT, DOCCANO],
  );
  assert.equal(result.opened, BRAT["visit.txt"]);
  assert.equal(result.kept, result.opened);
  assert.deepEqual(result.heard, ["input", "change"]);
  assert.deepEqual([result.documents.length, result.problems], [1, []]);
  assert.deepEqual(result.documents[0].relations.map(({ type, head, tail }) => [type, head, tail]), [["founded", "e1", "e2"]]);
  assert.deepEqual(result.several.documents.map(({ id }) => id), ["4", "5"]);
  assert.deepEqual(result.names, ["a_b.txt", "a_b.ann"]);
  assert.equal(result.texts[0], "Ada met Bo 👍 in Rome.");
  assert.match(result.texts[1], /L 16 20\tRome/);
  assert.match(result.faults[0], /there is no format "word"/);
  assert.match(result.faults[1][0], /x\.xml: the format is none of .*XML, but no XMI/);
});

test("the page loads the program of the formats when a file is opened, within its policy, and not before", async (t) => {
  const { page, server } = await startPage(t);
  await ready(page);
  const own = await textOf(page);
  const loaded = () => server.requests.map(({ path }) => path).filter((path) => path.startsWith("/formats"));
  assert.deepEqual(loaded(), []);
  await open(page, BRAT);
  await becomes(() => textOf(page), BRAT["visit.txt"]);
  assert.deepEqual(loaded().sort(), ["/formats.js", "/formats_bg.wasm"]);
  await ready(page);
  await page.getByTestId("text").focus();
  await page.keyboard.press("Control+z");
  await becomes(() => textOf(page), own);
  assert.deepEqual([consoleErrors(page), foreignRequests(page)], [[], []]);
});

test("a program of the formats that cannot be loaded is said, and asked for again", async (t) => {
  const { page, server } = await startPage(t);
  await ready(page);
  server.replies.set("/formats_bg.wasm", { status: 404 });
  await open(page, BRAT);
  await says(page, /formats_bg\.wasm cannot be started: the server answered 404/);
  server.replies.delete("/formats_bg.wasm");
  await open(page, BRAT);
  await becomes(() => textOf(page), BRAT["visit.txt"]);
});
