// Starts the page's program. Trunk's own starter is an inline script, which the page's Content-Security-Policy forbids;
// `pattern_script` in trunk.toml puts this file in its place and tells it the hashed names.
import { SpanarcAnnotator, configure } from "./element/annotator_element.js";
import { withinPolicy } from "./element/worker_channel.js";

const { program, wasm } = document.querySelector("script[data-program]").dataset;
const loaded = await import(program);
configure({
  loadProgram: async () => loaded,
  workerUrl: withinPolicy(new URL("element/worker_start.js", import.meta.url).href),
  wasmUrl: "worker_bg.wasm",
  formatsUrl: "formats.js",
  formatsWasmUrl: "formats_bg.wasm",
});
await loaded.default({ module_or_path: wasm });
customElements.define("spanarc-annotator", SpanarcAnnotator);
