// The element <spanarc-annotator>, defined.

import { SpanarcAnnotator, configure } from "./annotator_element.js";

const beside = (/** @type {string | URL} */ url) => String(url);

configure({
  programUrl: beside(new URL("./program.js", import.meta.url)),
  programWasmUrl: beside(new URL("./program.wasm", import.meta.url)),
  workerUrl: beside(new URL("./worker.js", import.meta.url)),
  wasmUrl: beside(new URL("./worker.wasm", import.meta.url)),
});

// Not in Node, and not twice: another copy of the package may have come before.
if (globalThis.customElements && !customElements.get("spanarc-annotator")) {
  customElements.define("spanarc-annotator", SpanarcAnnotator);
}

export { SpanarcAnnotator, configure };
