import { configure } from "spanarc/element";

// esbuild does not find files that scripts name by `new URL`: build.js copies them.
configure({
  programUrl: "spanarc/program.js",
  programWasmUrl: "spanarc/program.wasm",
  formatsUrl: "spanarc/formats.js",
  formatsWasmUrl: "spanarc/formats.wasm",
  workerUrl: "spanarc/worker.js",
  wasmUrl: "spanarc/worker.wasm",
});

const annotator = document.querySelector("spanarc-annotator");
const output = document.querySelector("output");

function show() {
  const { text, entities } = annotator.annotations;
  const kept = entities.filter(({ state }) => state !== "rejected");
  output.textContent = kept.map(({ start, end, type }) => `${text.slice(start, end)}: ${type}`).join(", ");
}

annotator.addEventListener("annotations", show);
annotator.addEventListener("change", show);
