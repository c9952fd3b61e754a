// The element <spanarc-annotator>, defined.

import { SpanarcAnnotator, configure } from "./annotator_element.js";

configure({
  programUrl: new URL("./program.js", import.meta.url).href,
  programWasmUrl: new URL("./program.wasm", import.meta.url).href,
  formatsUrl: new URL("./formats.js", import.meta.url).href,
  formatsWasmUrl: new URL("./formats.wasm", import.meta.url).href,
  workerUrl: new URL("./worker.js", import.meta.url).href,
  wasmUrl: new URL("./worker.wasm", import.meta.url).href,
});

// Not in Node, and not twice: another copy of the package may have come before.
if (globalThis.customElements && !customElements.get("spanarc-annotator")) {
  customElements.define("spanarc-annotator", SpanarcAnnotator);
}

export { SpanarcAnnotator, configure };
