// The annotator without an interface, in browsers.

import { startOnThisThread } from "./calling_thread.js";
import { readHere, writeHere } from "./formats_program.js";
import { create } from "./headless.js";
import { startSecondary, startWorker } from "./worker_channel.js";

const WORKER = new URL("./worker.js", import.meta.url).href;
const WASM = new URL("./worker.wasm", import.meta.url).href;
const FORMATS = new URL("./formats.wasm", import.meta.url).href;

/**
 * Loads a model and answers with an annotator once it is ready. Each call starts workers of its own.
 *
 *     const annotator = await createAnnotator({ model: "/models/news.safetensors" });
 *     const { entities, relations } = await annotator.annotate("Mary Jones works for Acme Corp.");
 *
 * @param {import("./headless.js").Options} options
 * @returns {Promise<Annotator>}
 */
export function createAnnotator(options) {
  return create(options, {
    find: async (model) => ({ url: absolute(model) }),
    startWorker: ({ workerUrl = WORKER, wasmUrl = WASM }, events) =>
      startWorker(absolute(workerUrl), absolute(wasmUrl), events),
    startSecondary: ({ workerUrl = WORKER }, port, events) => startSecondary(absolute(workerUrl), port, events),
    cores: () => globalThis.navigator?.hardwareConcurrency,
    startHere: ({ wasmUrl = WASM }, events) =>
      startOnThisThread(async () => absolute(wasmUrl), globalThis.document ?? globalThis, events),
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
  return readHere(async () => absolute(formatsWasmUrl), files, format);
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
  return writeHere(async () => absolute(formatsWasmUrl), document, format);
}

/** @typedef {{formatsWasmUrl?: string | URL}} FormatOptions Where `formats.wasm` is, if not beside the package's other files. */

/**
 * An address relative to the page.
 * @param {string | URL} url
 */
function absolute(url) {
  return new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href).href;
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
