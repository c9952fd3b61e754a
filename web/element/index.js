// The annotator without an interface, in browsers.

import { startOnThisThread } from "./calling_thread.js";
import { create } from "./headless.js";
import { startSecondary, startWorker } from "./worker_channel.js";

const WORKER = new URL("./worker.js", import.meta.url).href;
const WASM = new URL("./worker.wasm", import.meta.url).href;

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
