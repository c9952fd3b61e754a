// The annotator without an interface, in a page of somebody else's.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { becomes } from "./annotations.js";
import { consoleErrors, DIST, foreignRequests, startPage, startServer } from "./harness.js";

const SENTENCE = "Mary Jones works for Acme Corp in Boston.";
const MODEL = "/models/news.safetensors";

const policy = (changes = {}) => {
  const directives = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self'",
    "connect-src": "'self'",
    ...changes,
  };
  const lines = Object.entries(directives).filter(([, sources]) => sources !== undefined);
  return lines.map((line) => line.join(" ")).join("; ");
};

/** Opens a page in which `create(options)` makes an annotator, and `attempt(promise)` is the message of its error. `headers` go
 *  with every file. */
async function startHost(t, { csp = policy(), headers = {}, replies = {} } = {}) {
  const script = `
    import { createAnnotator } from "/element/index.js";
    const places = { model: "${MODEL}", workerUrl: "/element/worker_start.js", wasmUrl: "/worker_bg.wasm" };
    window.create = async (options) => (window.annotator = await createAnnotator({ ...places, ...options }));
    window.attempt = (promise) => Promise.resolve(promise).then(() => "none", (error) => error.message);
  `;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>
    <meta http-equiv="Content-Security-Policy" content="${csp}">
    <script type="module" src="/host.js"></script></head><body></body></html>`;
  const all = {
    "/host.html": { body: html, headers: { "content-type": "text/html; charset=utf-8" } },
    "/host.js": { body: script, headers: { "content-type": "text/javascript" } },
    // In the package, the glue lies beside the sources.
    "/element/worker_program.js": { body: 'export { default, listen, leave } from "../worker.js";' },
    ...replies,
  };
  const started = await startPage(t, { path: "/host.html", server: { replies: all, headers } });
  await started.page.waitForFunction(() => window.create);
  return started;
}

const FOUND = {
  text: SENTENCE,
  offsets: "utf16",
  entities: [
    { id: "e1", type: "Peop", start: 0, end: 10 },
    { id: "e2", type: "Org", start: 21, end: 30 },
    { id: "e3", type: "Loc", start: 34, end: 40 },
  ],
};

/** Entities without their scores. */
const withoutScores = (entities) => entities.map(({ score, ...entity }) => (assert.ok(score > 0 && score <= 1), entity));

for (const worker of [true, false]) {
  const where = worker ? "in a worker" : "on the calling thread";

  test(`a text is annotated ${where}`, async (t) => {
    const { page } = await startHost(t);
    const { found, labels, progress } = await page.evaluate(
      async ([worker, text]) => {
        const progress = [];
        const annotator = await create({ worker, onProgress: (step) => progress.push(step) });
        return { found: await annotator.annotate(text), labels: annotator.labels(), progress };
      },
      [worker, SENTENCE],
    );
    const { relations, entities, ...rest } = found;
    assert.deepEqual({ ...rest, entities: withoutScores(entities) }, FOUND);
    const works = relations.find(({ type }) => type === "Work_For");
    assert.deepEqual([works.head, works.tail], ["e1", "e2"]);
    assert.ok(relations.every(({ score }) => score >= labels.relationThreshold));
    assert.deepEqual(labels.entityTypes.map(({ name }) => name), ["Loc", "Org", "Other", "Peop"]);
    assert.match(labels.relationTypes[0].color, /^#[0-9a-f]{6}$/);
    assert.equal(progress.at(-1).received, progress.at(-1).total);
    assert.equal(page.workers().length, worker ? 1 : 0);
    assert.deepEqual(consoleErrors(page), []);
    assert.deepEqual(foreignRequests(page), []);
  });

  test(`a model whose bytes are there needs no request, and they stay ${where}`, async (t) => {
    const { page, server } = await startHost(t);
    const { types, bytes } = await page.evaluate(
      async ([worker, url, text]) => {
        const file = await (await fetch(url)).arrayBuffer();
        const around = new Uint8Array(file.byteLength + 10);
        around.set(new Uint8Array(file), 5);
        const types = [];
        for (const model of [file, around.subarray(5, 5 + file.byteLength)]) {
          const annotator = await create({ worker, model });
          types.push((await annotator.annotate(text)).entities.map(({ type }) => type));
          annotator.close();
        }
        return { types, bytes: [file.byteLength, around.byteLength] };
      },
      [worker, MODEL, SENTENCE],
    );
    assert.deepEqual(types, [["Peop", "Org", "Loc"], ["Peop", "Org", "Loc"]]);
    assert.equal(bytes[1], bytes[0] + 10);
    assert.equal(server.requests.filter(({ path }) => path === MODEL).length, 1);
    await becomes(() => page.workers().length, 0);
  });

  test(`several texts at a time take turns ${where}, and one that is given up stops`, async (t) => {
    const { page } = await startHost(t);
    const outcome = await page.evaluate(
      async ([worker, text]) => {
        const annotator = await create({ worker });
        const long = Array.from({ length: 400 }, (_, i) => `Ann Lee number ${i} met Tom Brown in Boston.`).join(" ");
        const controller = new AbortController();
        const order = [];
        const note = (name, promise) => promise.then(() => order.push(name), (error) => order.push(`${name}: ${error.message}`));
        const all = [
          note("long", annotator.annotate(long, { signal: controller.signal })),
          note("short", annotator.annotate(text).then(() => controller.abort(new Error("enough")))),
          note("aborted before", annotator.annotate(text, { signal: AbortSignal.abort(new Error("no")) })),
        ];
        await Promise.all(all);
        const begun = performance.now();
        await annotator.annotate("It rained.");
        return { order, milliseconds: performance.now() - begun };
      },
      [worker, SENTENCE],
    );
    assert.deepEqual(outcome.order, ["aborted before: no", "short", "long: enough"]);
    assert.ok(outcome.milliseconds < 2000, "the rest of the long text is not annotated first");
  });

  test(`after close nothing is answered ${where}`, async (t) => {
    const { page } = await startHost(t);
    const errors = await page.evaluate(
      async ([worker, text]) => {
        const annotator = await create({ worker });
        const pending = attempt(annotator.annotate(text));
        annotator.close();
        annotator.close();
        return [await pending, await attempt(annotator.annotate(text))];
      },
      [worker, SENTENCE],
    );
    assert.deepEqual(errors, ["The annotator is closed.", "The annotator is closed."]);
    await becomes(() => page.workers().length, 0);
  });

  test(`a model that is not there is told with its address ${where}`, async (t) => {
    const { page, server } = await startHost(t);
    const attempts = (model) => page.evaluate(([worker, model]) => attempt(create({ worker, model })), [worker, model]);
    assert.match(await attempts("/models/none.safetensors"), new RegExp(`${server.origin}/models/none.safetensors.*404`));
    assert.match(await attempts("/index.html"), new RegExp(`${server.origin}/index.html: `));
    const refused = await page.evaluate((worker) => attempt(create({ worker, sha256: "00" })), worker);
    assert.match(refused, /news\.safetensors is not the expected file: its SHA-256 is [0-9a-f]{64}, expected 00/);
    const empty = await page.evaluate((worker) => attempt(create({ worker, model: new Uint8Array(3) })), worker);
    assert.match(empty, /^The model: /);
    await becomes(() => page.workers().length, 0);
  });

  test(`loading stops when it is given up ${where}`, async (t) => {
    const { page, server } = await startHost(t, { replies: { [MODEL]: { delay: 3000 } } });
    const message = await page.evaluate(
      (worker) => attempt(create({ worker, signal: AbortSignal.timeout(500) })),
      worker,
    );
    assert.match(message, /timed out/);
    await becomes(() => page.workers().length, 0);
    assert.ok(server.requests.length > 0);
  });

  test(`a program that is not there is told with its address ${where}`, async (t) => {
    const { page, server } = await startHost(t);
    const attempts = (options) => page.evaluate(([worker, options]) => attempt(create({ worker, ...options })), [worker, options]);
    const program = `${server.origin}/none.wasm`;
    assert.equal(
      await attempts({ wasmUrl: "/none.wasm" }),
      `The annotator's program at ${program} cannot be started: the server answered 404 Not Found`,
    );
    if (worker) {
      const script = `${server.origin}/none.js`;
      assert.equal(
        await attempts({ workerUrl: "/none.js" }),
        `The annotator's worker at ${script} cannot be started: its script cannot be loaded`,
      );
    }
    // The next attempt is not spoilt by this one.
    assert.equal(await attempts({}), "none");
  });

  test(`a directive that is missing is told ${where}`, async (t) => {
    const attempts = async (changes) => {
      // The worker's policy is the one that comes with its script.
      const csp = policy(changes);
      const { page, server } = await startHost(t, { csp, headers: { "content-security-policy": csp } });
      return { message: await page.evaluate((worker) => attempt(create({ worker })), worker), origin: server.origin };
    };
    const wasm = await attempts({ "script-src": "'self'" });
    assert.equal(
      wasm.message,
      `The annotator's program at ${wasm.origin}/worker_bg.wasm cannot be started: the Content-Security-Policy lacks script-src 'wasm-unsafe-eval'`,
    );
    const connect = await attempts({ "connect-src": "'none'" });
    assert.equal(
      connect.message,
      `The annotator's program at ${connect.origin}/worker_bg.wasm cannot be started: the Content-Security-Policy lacks connect-src ${connect.origin}/worker_bg.wasm`,
    );
  });

  test(`a model that the policy forbids is told with the directive ${where}`, async (t) => {
    const elsewhere = await startServer({ headers: { "access-control-allow-origin": "*" } });
    t.after(() => elsewhere.stop());
    const model = `${elsewhere.origin}${MODEL}`;
    const csp = policy();
    const { page } = await startHost(t, { csp, headers: { "content-security-policy": csp } });
    const message = await page.evaluate(([worker, model]) => attempt(create({ worker, model })), [worker, model]);
    assert.equal(message, `The model at ${model} cannot be reached: the Content-Security-Policy lacks connect-src ${model}`);
  });
}

test("offsets count UTF-16 units, code points or bytes, lone surrogates too", async (t) => {
  const { page } = await startHost(t);
  const text = `\u{1f600} é\n${SENTENCE} \ud800 日本 Peter Vance lives in Denver.`;
  const cut = await page.evaluate(async (text) => {
    const annotator = await create();
    const spans = async (offsets) => (await annotator.annotate(text, { offsets })).entities.map(({ start, end }) => [start, end]);
    const [utf16, char, byte] = await Promise.all(["utf16", "char", "byte"].map(spans));
    const points = [...text];
    const bytes = new TextEncoder().encode(text);
    return {
      utf16: utf16.map((span) => text.slice(...span)),
      char: char.map((span) => points.slice(...span).join("")),
      byte: byte.map((span) => new TextDecoder().decode(bytes.slice(...span))),
      error: await attempt(annotator.annotate(text, { offsets: "words" })),
    };
  }, text);
  const names = ["Mary Jones", "Acme Corp", "Boston", "Peter Vance", "Denver"];
  assert.deepEqual(cut, { utf16: names, char: names, byte: names, error: 'Offsets cannot count "words": utf16, char or byte' });
});

test("thresholds choose what holds, and a relation goes with its entities", async (t) => {
  const { page } = await startHost(t);
  const [all, few, none] = await page.evaluate(async (text) => {
    const annotator = await create();
    const options = [{ relationThreshold: 0.05 }, { relationThreshold: 0.999999 }, { relationThreshold: 0.05, entityThreshold: 1.1 }];
    return Promise.all(options.map((options) => annotator.annotate(text, options)));
  }, SENTENCE);
  assert.ok(all.relations.length > few.relations.length);
  assert.deepEqual([all.entities.length, few.entities.length], [3, 3]);
  assert.deepEqual([none.entities, none.relations], [[], []]);
});

test("a text of 300,000 characters is annotated in order, and an empty one is too", async (t) => {
  const { page } = await startHost(t);
  const { entities, empty, error } = await page.evaluate(async () => {
    const annotator = await create();
    // Sentences that are alike are annotated once.
    const text = "Mary Jones lives in Boston. It rained all day and nobody cared.\n".repeat(4700);
    const { entities } = await annotator.annotate(text);
    return { entities, empty: await annotator.annotate(""), error: await attempt(annotator.annotate(undefined)) };
  });
  assert.equal(entities.length, 9400);
  assert.ok(entities.every(({ start }, i) => i === 0 || start > entities[i - 1].start));
  assert.deepEqual(empty, { text: "", offsets: "utf16", entities: [], relations: [] });
  assert.equal(error, "The text to annotate is not a string.");
});

test("more sentences than a call takes arguments may be answered at a time", async (t) => {
  const { page } = await startHost(t);
  const text = await page.evaluate(async () => {
    const annotator = await create();
    // What is known is answered at once.
    await annotator.annotate("It rained.\nIt rained.\n");
    return (await annotator.annotate("It rained.\n".repeat(200_000))).text;
  });
  assert.equal(text.length, 2_200_000);
});

const [MONDAY, TUESDAY] = ["Mon, 01 Jan 2024 00:00:00 GMT", "Tue, 02 Jan 2024 00:00:00 GMT"];
const NEWS = ["Loc", "Org", "Other", "Peop"];
const ADVERSE_EVENTS = ["Adverse-Effect", "Drug"];

/** Loads a model in place of the one before; the types of its entities. */
const load = (page, model) =>
  page.evaluate(async (model) => {
    window.annotator?.close();
    const annotator = await create({ model });
    return annotator.labels().entityTypes.map(({ name }) => name);
  }, model);

/** The date of the model that the browser keeps of an address. */
const kept = (page, url) =>
  page.evaluate(async (url) => {
    const cache = await caches.open("spanarc-models-1");
    return (await cache.match(url))?.headers.get("last-modified");
  }, url);

for (const isElsewhere of [false, true]) {
  const where = isElsewhere ? "another origin" : "the page's origin";

  test(`a model that is kept of ${where} is asked for on each load, and read anew once it has changed`, async (t) => {
    const elsewhere = await startServer();
    t.after(() => elsewhere.stop());
    const { page, server } = await startHost(t, { csp: policy({ "connect-src": `'self' ${elsewhere.origin}` }) });
    const { origin, replies, requests } = isElsewhere ? elsewhere : server;
    const url = `${origin}/kept`;
    // All that a plain server says: it allows no request headers of ours.
    const allowed = { "access-control-allow-origin": "*" };
    const serve = async (name, date) => {
      const body = await readFile(join(DIST, "models", `${name}.safetensors`));
      replies.set("/kept", { body, headers: { ...allowed, "cache-control": "max-age=3600", "last-modified": date } });
    };
    await serve("news", MONDAY);
    assert.deepEqual(await load(page, url), NEWS);
    await becomes(() => kept(page, url), MONDAY);

    // The same date: the other file is not read.
    await serve("adverse-events", MONDAY);
    const before = requests.length;
    assert.deepEqual(await load(page, url), NEWS);
    assert.ok(requests.length > before);

    await serve("adverse-events", TUESDAY);
    assert.deepEqual(await load(page, url), ADVERSE_EVENTS);
    await becomes(() => kept(page, url), TUESDAY);

    for (const failure of [{ status: 404 }, { status: 500 }, { destroy: true }]) {
      replies.set("/kept", { ...failure, headers: allowed });
      assert.deepEqual(await load(page, url), ADVERSE_EVENTS);
    }
    assert.ok(requests.every(({ method }) => method === "GET"), "nothing needs a preflight");
  });
}

test("models whose addresses differ in the query only are kept side by side", async (t) => {
  const { page, server } = await startHost(t);
  const urls = ["a", "b"].map((name) => `${server.origin}${MODEL}?name=${name}`);
  server.replies.set(MODEL, { headers: { "last-modified": MONDAY } });
  for (const url of urls) {
    assert.deepEqual(await load(page, url), NEWS);
    await becomes(() => kept(page, url), MONDAY);
  }
  server.replies.set(MODEL, { status: 500 });
  for (const url of urls) assert.deepEqual(await load(page, url), NEWS);
});

test("a worker that dies rejects what was asked, and whatever is asked later", async (t) => {
  const { page } = await startHost(t);
  await page.evaluate(() => create());
  const errors = page.evaluate(async (text) => {
    // Sentences that differ: what was read before is answered from memory.
    const long = Array.from({ length: 300 }, (_, i) => text.replace("Boston", `Boston ${i}`)).join("");
    const annotate = () => attempt(annotator.annotate(long));
    return [await annotate(), await annotate()];
  }, `${SENTENCE} `);
  await page.waitForTimeout(50);
  await page.workers()[0].evaluate(() => setTimeout(() => { throw new Error("killed by a test"); }));
  for (const error of await errors) assert.match(error, /^The annotator's worker has failed: .*killed by a test/);
  await becomes(() => page.workers().length, 0);
});

test("a worker's files may come from another origin, and a missing directive is told", async (t) => {
  const elsewhere = await startServer({ headers: { "access-control-allow-origin": "*" } });
  t.after(() => elsewhere.stop());
  const { origin } = elsewhere;
  const options = { workerUrl: `${origin}/element/worker_start.js`, wasmUrl: `${origin}/worker_bg.wasm`, model: `${origin}${MODEL}` };
  const enough = { "script-src": `'self' 'wasm-unsafe-eval' ${origin}`, "worker-src": "blob:", "connect-src": `'self' ${origin}` };
  const attempts = async (changes) => {
    const { page } = await startHost(t, { csp: policy({ ...enough, ...changes }) });
    return page.evaluate((options) => attempt(create(options)), options);
  };
  assert.equal(await attempts({}), "none");
  const worker = `The annotator's worker at ${options.workerUrl} cannot be started: the Content-Security-Policy lacks`;
  assert.equal(await attempts({ "worker-src": "'self'" }), `${worker} worker-src blob:`);
  assert.equal(
    await attempts({ "script-src": "'self' 'wasm-unsafe-eval'" }),
    `${worker} script-src-elem ${options.workerUrl}`,
  );
  assert.match(await attempts({ "script-src": `'self' ${origin}` }), /lacks script-src 'wasm-unsafe-eval'$/);
  assert.match(await attempts({ "connect-src": "'self'" }), new RegExp(`lacks connect-src ${options.wasmUrl}$`));
});

test("a page that demands Trusted Types allows the annotator by the name of its policy", async (t) => {
  const attempts = async (name) => {
    const csp = policy({ "require-trusted-types-for": "'script'", "trusted-types": name });
    const { page, server } = await startHost(t, { csp });
    return { message: await page.evaluate(() => attempt(create())), origin: server.origin };
  };
  assert.equal((await attempts("spanarc")).message, "none");
  const { message, origin } = await attempts("other");
  const script = `${origin}/element/worker_start.js`;
  assert.equal(message, `The annotator's worker at ${script} cannot be started: the Content-Security-Policy lacks trusted-types spanarc`);
});

test("no message to a worker is lost, however early, and its program may be sent along", async (t) => {
  const { page } = await startHost(t, { csp: policy({ "worker-src": "'self' blob:" }) });
  const kinds = await page.evaluate(async ([model, text]) => {
    const { BOOTSTRAP } = await import("/element/worker_bootstrap.js");
    const script = new URL("/element/worker_start.js", location).href;
    const blob = new Blob([`const WORKER = ${JSON.stringify(script)};${BOOTSTRAP}`], { type: "text/javascript" });
    const wasm = new URL("/worker_bg.wasm", location).href;
    const bytes = await (await fetch(wasm)).arrayBuffer();
    const url = new URL(model, location).href;
    const answers = [];
    for (const [place, program] of [[script, wasm], [URL.createObjectURL(blob), bytes], [script, await WebAssembly.compile(bytes)]]) {
      const worker = new Worker(place, { type: "module" });
      const answer = new Promise((resolve) => {
        worker.onmessage = ({ data }) => ["annotations", "failed"].includes(data.kind) && resolve(data);
      });
      worker.postMessage({ kind: "open", surface: 7, revision: 3, text });
      worker.postMessage({ kind: "start", wasm: program });
      worker.postMessage({ kind: "load", url });
      answers.push(await answer);
      worker.terminate();
    }
    return answers.map(({ kind, surface, revision, sentences }) => [kind, surface, revision, sentences?.[0].entities.length]);
  }, [MODEL, SENTENCE]);
  assert.deepEqual(kinds, Array.from({ length: 3 }, () => ["annotations", 7, 3, 3]));
});

test("annotators that come and go on the calling thread leave nothing behind", async (t) => {
  const { page } = await startHost(t);
  const memory = await page.evaluate(async ([url, text]) => {
    const model = await (await fetch(url)).arrayBuffer();
    const { default: init } = await import("/element/worker_program.js");
    const sizes = [];
    for (let i = 0; i < 8; i++) {
      const annotator = await create({ worker: false, model });
      await annotator.annotate(text);
      annotator.close();
      sizes.push((await init()).memory.buffer.byteLength);
    }
    return sizes;
  }, [MODEL, SENTENCE]);
  assert.equal(memory.at(-1), memory[1], memory.join(" "));
});
