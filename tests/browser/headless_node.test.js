// The annotator without an interface in Node, and beside the command line.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { DIST, startServer } from "./harness.js";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODEL = join(DIST, "models/news.safetensors");
// The command line: a program, or else what makes and runs it.
const COMMAND = process.env.SPANARC_COMMAND
  ? [process.env.SPANARC_COMMAND]
  : [process.env.CARGO ?? "cargo", "run", "--quiet", "--package", "spanarc-cli", "--"];
const SENTENCE = "Mary Jones works for Acme Corp in Boston.";

/** The files as Node finds them in a package, which says that they are modules. */
let folder;
let createAnnotator;
let readDocuments;
let writeDocument;
let places;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "spanarc node "));
  await cp(join(DIST, "element"), join(folder, "element"), { recursive: true });
  for (const name of ["worker.js", "worker_bg.wasm", "formats.js", "formats_bg.wasm"]) await copyFile(join(DIST, name), join(folder, name));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "element/worker_program.js"), 'export { default, listen, leave } from "../worker.js";');
  await writeFile(join(folder, "element/formats.js"), 'export { default, read, write } from "../formats.js";');
  ({ createAnnotator, readDocuments, writeDocument } = await import(pathToFileURL(join(folder, "element/node.js"))));
  places = {
    model: MODEL,
    workerUrl: pathToFileURL(join(folder, "element/worker_start.js")),
    wasmUrl: join(folder, "worker_bg.wasm"),
  };
});
after(() => rm(folder, { recursive: true }));

const create = (options) => createAnnotator({ ...places, ...options });
const message = (promise) => promise.then(() => "none", (error) => error.message);
const types = ({ entities }) => entities.map(({ type }) => type);

for (const worker of [true, false]) {
  const where = worker ? "in a worker" : "on the calling thread";

  test(`a text is annotated with a model that is a path, an address or bytes ${where}`, async (t) => {
    const server = await startServer();
    t.after(() => server.stop());
    const models = [MODEL, pathToFileURL(MODEL), `${server.origin}/models/news.safetensors`, await readFile(MODEL)];
    for (const model of models) {
      const annotator = await create({ worker, model });
      assert.deepEqual(types(await annotator.annotate(SENTENCE)), ["Peop", "Org", "Loc"]);
      annotator.close();
    }
  });

  test(`what is not there is told with its place ${where}`, async () => {
    assert.match(await message(create({ worker, model: "none.safetensors" })), /model at \S+none\.safetensors cannot be read/);
    // On the calling thread there is one program, which is there by now.
    if (worker) assert.match(await message(create({ wasmUrl: "none.wasm" })), /program at \S+none\.wasm cannot be read/);
    const nobody = "http://127.0.0.1:9/news.safetensors";
    assert.match(await message(create({ worker, model: nobody })), new RegExp(`${nobody} cannot be reached`));
    assert.equal(await message(create({ worker, model: undefined })), "There is no annotator without a model.");
  });

  test(`what is given up or closed is rejected ${where}`, async () => {
    const annotator = await create({ worker });
    const controller = new AbortController();
    const given = annotator.annotate(SENTENCE, { signal: controller.signal });
    controller.abort(new Error("enough"));
    assert.equal(await message(given), "enough");
    const pending = annotator.annotate(SENTENCE);
    annotator.close();
    assert.equal(await message(pending), "The annotator is closed.");
    assert.equal(await message(create({ worker, signal: AbortSignal.timeout(1) })), "The operation was aborted due to timeout");
  });

  for (const [how, last] of [["closes it", "annotator.close();"], ["forgets to close it", ""]]) {
    test(`a script that ${how} ends ${where}`, async () => {
      const script = `
        import { createAnnotator } from ${JSON.stringify(pathToFileURL(join(folder, "element/node.js")))};
        const places = ${JSON.stringify(places)};
        const annotator = await createAnnotator({ ...places, worker: ${worker} });
        console.log((await annotator.annotate(${JSON.stringify(SENTENCE)})).entities.length);
        ${last}`;
      const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { timeout: 60_000 });
      assert.equal(stdout, "3\n");
    });
  }
}

test("a worker that cannot start is told with its place", async () => {
  const script = join(folder, "element/none.js");
  assert.match(await message(create({ workerUrl: script })), /worker at .*none\.js has failed: Cannot find module/);
});

test("what browsers import can be imported where there is none", async () => {
  await import(pathToFileURL(join(folder, "element/index.js")));
});

test("the command line gives the same annotations", async () => {
  const text = [
    "Helena Marsh was named president of Corvane Systems in Seattle on Monday. \u{1f600}\u{1f469}\u200d\u{1f680} ",
    "Zoë Müller, née Dvořák, lives in 東京, Japan.\r\n",
    "A jury in Denver found Peter Vance guilty of killing Thomas Reed, a guard at the Northgate Museum.\n\n",
    "Dr. Okafor 𝒜 was born in Lagos. Boston",
  ].join("");
  const file = join(folder, "text.txt");
  await writeFile(file, text);
  const annotator = await create();
  for (const offsets of ["utf16", "char", "byte"]) {
    const found = await annotator.annotate(text, { offsets });
    const words = ["annotate", "--model", MODEL, "--offsets", offsets, file];
    const { stdout } = await run(COMMAND[0], [...COMMAND.slice(1), ...words], { cwd: ROOT });
    const expected = JSON.parse(stdout);
    assert.ok(expected.entities.length >= 8 && expected.relations.length >= 3);
    const ids = found.entities.map(({ id }) => id);
    const entities = found.entities.map(({ type, start, end }) => ({ type, start, end }));
    const relations = found.relations.map(({ type, head, tail }) => ({ type, head: ids.indexOf(head), tail: ids.indexOf(tail) }));
    assert.deepEqual(entities, expected.entities.map(({ type, start, end }) => ({ type, start, end })));
    assert.deepEqual(relations, expected.relations.map(({ type, head, tail }) => ({ type, head, tail })));
    for (const list of ["entities", "relations"]) {
      found[list].forEach(({ score }, i) => assert.ok(Math.abs(score - expected[list][i].score) < 1e-3));
    }
  }
  annotator.close();
});

test("files are read and written without a model, and what a model says goes into any format", async () => {
  const formats = { formatsWasmUrl: join(folder, "formats_bg.wasm") };
  const file = (name, text) => ({ name, bytes: new TextEncoder().encode(text) });
  assert.match(await message(readDocuments([], { formatsWasmUrl: "none.wasm" })), /program at \S+none\.wasm cannot be read/);
  const read = await readDocuments(
    [file("a.txt", "👍 Ada met Bo"), file("a.ann", "T1\tP 2 5\tAda\nT2\tP 10 12\tBo\nR1\tmet Arg1:T1 Arg2:T2\n"), file("b.ann", "")],
    formats,
  );
  assert.match(read.problems.join(), /^b\.ann, line 1: /);
  const made = { origin: "person", state: "accepted" };
  assert.deepEqual(read.documents, [
    {
      id: "a",
      text: "👍 Ada met Bo",
      entities: [
        { id: "e1", ...made, type: "P", start: 3, end: 6 },
        { id: "e2", ...made, type: "P", start: 11, end: 13 },
      ],
      relations: [{ id: "r1", ...made, type: "met", head: "e1", tail: "e2" }],
    },
  ]);
  const { files } = await writeDocument(read.documents[0], "doccano", formats);
  const again = await readDocuments(files, formats);
  assert.deepEqual([again.documents[0].entities, again.documents[0].relations.length], [read.documents[0].entities, 1]);

  const annotator = await create();
  for (const offsets of ["utf16", "byte"]) {
    const found = await annotator.annotate(`👍 ${SENTENCE}`, { offsets });
    const written = await writeDocument({ ...found, id: "news" }, "brat", formats);
    assert.deepEqual(written.files.map(({ name }) => name), ["news.txt", "news.ann"]);
    assert.match(await written.files[1].text(), /Peop 2 12\tMary Jones\n/);
  }
  annotator.close();
});
