// The annotator without an interface, in Node 20 or newer.

import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { startOnThisThread } from "./calling_thread.js";
import { readHere, writeHere } from "./formats_program.js";
import { create } from "./headless.js";

const WORKER = new URL("./worker.js", import.meta.url).href;
const WASM = new URL("./worker.wasm", import.meta.url).href;
const FORMATS = new URL("./formats.wasm", import.meta.url).href;

// Neither kind of module knows `require` and `import` both, and it depends on the process's own arguments which kind this is.
const BOOTSTRAP = `
  import("node:worker_threads")
    .then(({ parentPort, workerData }) => {
      globalThis.self = parentPort;
      return import(workerData);
    })
    .catch((error) => setImmediate(() => { throw error; }));
`;

/**
 * Loads a model and answers with an annotator once it is ready. Each call starts workers of its own, which do not keep the
 * process alive unless an answer is awaited.
 *
 *     const annotator = await createAnnotator({ model: "models/news.safetensors" });
 *     const { entities, relations } = await annotator.annotate("Mary Jones works for Acme Corp.");
 *
 * @param {import("./headless.js").Options} options
 * @returns {Promise<Annotator>}
 */
export function createAnnotator(options) {
  return create(options, {
    find: async (model) => {
      const url = address(model);
      if (url.protocol !== "file:") return { url: url.href };
      return { bytes: await contents(url, "model") };
    },
    startWorker: ({ workerUrl = WORKER, wasmUrl = WASM }, events) => startWorker(workerUrl, wasmUrl, events),
    startSecondary: ({ workerUrl = WORKER }, port, events) => {
      const worker = start(workerUrl, events);
      worker.unref();
      worker.postMessage({ kind: "attach" }, /** @type {any} */ ([port]));
      return { close: () => void worker.terminate() };
    },
    cores: availableParallelism,
    startHere: ({ wasmUrl = WASM }, events) => startOnThisThread(() => program(wasmUrl), new EventTarget(), events),
  });
}

/**
 * Reads files of annotated documents. A text and its annotations belong together by their names.
 *
 * @param {Iterable<import("./documents.js").DocumentFile>} files
 * @param {FormatOptions & {format?: string}} [options] The name of the format; told by names and content unless given.
 * @returns {Promise<import("./documents.js").ReadDocuments>}
 */
export function readDocuments(files, { format, formatsWasmUrl = FORMATS } = {}) {
  return readHere(() => program(formatsWasmUrl), files, format);
}

/**
 * Writes a document in a format: what `annotate`, `readDocuments` or the element gives.
 *
 * @param {import("./documents.js").WritableDocument} document
 * @param {string} format The format's name.
 * @param {FormatOptions} [options]
 * @returns {Promise<import("./documents.js").WrittenDocument>}
 */
export function writeDocument(document, format, { formatsWasmUrl = FORMATS } = {}) {
  return writeHere(() => program(formatsWasmUrl), document, format);
}

/** @typedef {{formatsWasmUrl?: string | URL}} FormatOptions Where `formats.wasm` is, if not beside the package's other files. */

/**
 * @param {string | URL} workerUrl
 * @param {string | URL} wasmUrl
 * @param {import("./conversation.js").Events} events
 * @returns {import("./conversation.js").Channel}
 */
function startWorker(workerUrl, wasmUrl, events) {
  const { died } = events;
  const worker = start(workerUrl, events);
  let isClosed = false;
  program(wasmUrl).then(
    (wasm) => isClosed || worker.postMessage({ kind: "start", wasm }),
    (error) => isClosed || died(error),
  );
  return {
    post: (request, transfer = []) => worker.postMessage(request, /** @type {any} */ (transfer)),
    hold: (isAwaited) => (isAwaited ? worker.ref() : worker.unref()),
    close: () => {
      isClosed = true;
      worker.terminate();
    },
  };
}

/**
 * A worker that waits for its first message.
 * @param {string | URL} workerUrl
 * @param {import("./conversation.js").Events} events
 */
function start(workerUrl, { heard, died }) {
  const worker = new Worker(BOOTSTRAP, { eval: true, workerData: address(workerUrl).href, name: "spanarc" });
  worker.on("message", heard);
  worker.on("messageerror", () => died(new Error("The annotator's answer cannot be read.")));
  worker.on("error", (error) => died(new Error(`The annotator's worker at ${workerUrl} has failed: ${error.message}`, { cause: error })));
  worker.on("exit", () => died(new Error(`The annotator's worker at ${workerUrl} has ended.`)));
  return worker;
}

/**
 * The program: its bytes where it is a file, else its address.
 * @param {string | URL} wasmUrl
 */
async function program(wasmUrl) {
  const url = address(wasmUrl);
  return url.protocol === "file:" ? contents(url, "program") : url.href;
}

/**
 * The address that a string stands for, which may be a path.
 * @param {string | URL} place
 */
function address(place) {
  const isAddress = place instanceof URL || /^(https?|file|data|blob):/i.test(place);
  return isAddress ? new URL(place) : pathToFileURL(place);
}

/**
 * @param {URL} url
 * @param {string} what
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function contents(url, what) {
  const path = fileURLToPath(url);
  try {
    return await readFile(path);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Error(`The annotator's ${what} at ${path} cannot be read: ${message}`, { cause: error });
  }
}

/** @typedef {import("./headless.js").Annotator} Annotator */
/** @typedef {import("./headless.js").AnnotateOptions} AnnotateOptions */
/** @typedef {import("./headless.js").Annotations} Annotations */
/** @typedef {import("./headless.js").Entity} Entity */
/** @typedef {import("./headless.js").Relation} Relation */
/** @typedef {import("./headless.js").Label} Label */
/** @typedef {import("./headless.js").Labels} Labels */
/** @typedef {import("./headless.js").Options} Options */
/** @typedef {import("./documents.js").DocumentFile} DocumentFile */
/** @typedef {import("./documents.js").FileDocument} FileDocument */
/** @typedef {import("./documents.js").ReadDocuments} ReadDocuments */
/** @typedef {import("./documents.js").WrittenDocument} WrittenDocument */
