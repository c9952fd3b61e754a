// The program in a worker of the browser's. The crate `annotator` does the same for the element.

import { concerns, forbidden } from "./start_program.js";
import { BOOTSTRAP } from "./worker_bootstrap.js";

/** Directives that can forbid a worker's script. */
const DIRECTIVES = /^(worker|child|script|default)-src/;

/** How long the report of a violation may come after the error that it causes, in milliseconds. */
const REPORT_MS = 50;

/**
 * @param {string} workerUrl  Absolute.
 * @param {string} wasmUrl  Absolute.
 * @param {import("./conversation.js").Events} events
 * @returns {import("./conversation.js").Channel}
 */
export const startWorker = (workerUrl, wasmUrl, events) => start(workerUrl, { kind: "start", wasm: wasmUrl }, [], events);

/**
 * Starts a worker that takes all further messages, the program's too, through `port`.
 * @param {string} workerUrl  Absolute.
 * @param {MessagePort} port
 * @param {import("./conversation.js").Events} events
 */
export const startSecondary = (workerUrl, port, events) => start(workerUrl, { kind: "attach" }, [port], events);

/**
 * @param {string} workerUrl  Absolute.
 * @param {object} first  The first message.
 * @param {Transferable[]} transfer
 * @param {import("./conversation.js").Events} events
 * @returns {import("./conversation.js").Channel}
 */
function start(workerUrl, first, transfer, { heard, died }) {
  const script = startable(workerUrl);
  const place = globalThis.document ?? globalThis;
  const lost = (/** @type {string} */ why) =>
    died(new Error(`The annotator's worker at ${workerUrl} cannot be started: ${why}`));
  const note = (/** @type {Event} */ event) => {
    const violation = /** @type {SecurityPolicyViolationEvent} */ (event);
    if (concerns(violation, DIRECTIVES, script)) lost(forbidden(violation));
  };
  place.addEventListener("securitypolicyviolation", note);
  let isStarting = true;
  const settle = () => {
    isStarting = false;
    place.removeEventListener("securitypolicyviolation", note);
    if (script !== workerUrl) URL.revokeObjectURL(script);
  };
  const fail = (/** @type {string} */ why) => setTimeout(() => lost(why), REPORT_MS);

  /** @type {Worker | undefined} */
  let worker;
  try {
    // In a sandboxed frame Chromium makes no module worker of a blob; ours needs no module.
    worker = new Worker(trusted(script), { type: script === workerUrl ? "module" : "classic" });
    worker.postMessage(first, transfer);
    worker.onmessage = ({ data }) => {
      if (isStarting) settle();
      heard(data);
    };
    worker.onmessageerror = () => died(new Error("The annotator's answer cannot be read."));
    worker.onerror = ({ message }) => {
      if (isStarting) fail(message || "its script cannot be loaded");
      else died(new Error(`The annotator's worker has failed: ${message}`));
    };
  } catch (error) {
    fail(isForbidden ? "the Content-Security-Policy lacks trusted-types spanarc" : /** @type {Error} */ (error).message);
  }
  return {
    post: (request, transfer = []) => worker?.postMessage(request, transfer),
    hold: () => {},
    close: () => {
      settle();
      worker?.terminate();
    },
  };
}

/**
 * A script that a worker can be made of: only those of the page's own origin can be.
 * @param {string} workerUrl
 */
function startable(workerUrl) {
  const { protocol, origin } = new URL(workerUrl);
  return protocol === "blob:" || origin === globalThis.origin ? workerUrl : withinPolicy(workerUrl);
}

/**
 * The address of a blob that starts a worker's script. A worker made from an address has the Content-Security-Policy that the
 * server sends with it, and a static server sends none; one made from a blob has the page's, so that the model can send nothing
 * elsewhere either.
 * @param {string} workerUrl  Absolute.
 */
export function withinPolicy(workerUrl) {
  const script = `const WORKER = ${JSON.stringify(workerUrl)};${BOOTSTRAP}`;
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
}

/** @type {any} The Trusted Types policy. */
let policy;
/** Whether the page forbids it. That matters only where the page demands Trusted Types. */
let isForbidden = false;

/** @param {string} script */
function trusted(script) {
  try {
    policy ??= /** @type {any} */ (globalThis).trustedTypes?.createPolicy("spanarc", {
      createScriptURL: (/** @type {string} */ url) => url,
    });
  } catch {
    isForbidden = true;
  }
  return policy?.createScriptURL(script) ?? script;
}
