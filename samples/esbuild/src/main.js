import { configure } from "spanarc/element";

// esbuild puts no files beside the bundle that scripts name by `new URL`: build.js copies them there. They must be known
// before there is an annotator in the page.
configure({
  programUrl: "spanarc/program.js",
  programWasmUrl: "spanarc/program.wasm",
  workerUrl: "spanarc/worker.js",
  wasmUrl: "spanarc/worker.wasm",
});

const annotator = document.createElement("spanarc-annotator");
annotator.model = "models/news.safetensors";
annotator.placeholder = "Write about people and places.";
const output = document.querySelector("output");

function show() {
  const { text, entities } = annotator.annotations;
  const kept = entities.filter(({ state }) => state !== "rejected");
  output.textContent = kept.map(({ start, end, type }) => `${text.slice(start, end)}: ${type}`).join(", ");
}

annotator.addEventListener("annotations", show);
annotator.addEventListener("change", show);
output.before(annotator);
