// What the page of the benchmarks is made of, beside the built page: the rivals, their models, and the inputs.

import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder in which `cargo xtask bench` has put inputs and models. */
export const FOLDER = process.env.SPANARC_BENCH ?? fileURLToPath(new URL("../../target/bench/", import.meta.url));

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PAGE = `<!doctype html><meta charset="utf-8"><title>Benchmark</title>`;

export const json = async (name) => JSON.parse(await readFile(join(FOLDER, name), "utf8"));

/** The replies of a server (tests/browser/harness.js) for these files: addresses below /bench/ to paths. */
async function replies(files) {
  const entries = Object.entries(files).map(async ([path, file]) => [`/bench/${path}`, { body: await readFile(file) }]);
  return Object.fromEntries(await Promise.all(entries));
}

/** What the page needs to run our engine alone. */
export const ours = async () => ({
  "/bench/": { body: PAGE, headers: { "content-type": "text/html" } },
  // The package has this file; the page does not, since it always starts a worker.
  "/element/worker_program.js": {
    body: `export * from "../worker.js"; export { default } from "../worker.js";`,
    headers: { "content-type": "text/javascript" },
  },
  ...(await replies({ "engines.js": join(HERE, "page/engines.js") })),
});

/** What it needs to run the rivals as well. */
export const everything = async () => ({
  ...(await ours()),
  ...(await replies({
    "ort_worker.js": join(HERE, "page/ort_worker.js"),
    "candle_worker.js": join(HERE, "page/candle_worker.js"),
    "feeds.js": join(HERE, "page/feeds.js"),
    ...Object.fromEntries(
      ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"].map((name) => [
        `ort/${name}`,
        join(HERE, "node_modules/onnxruntime-web/dist", name),
      ]),
    ),
    ...Object.fromEntries(
      ["network", "encoder4", "encoder6"].map((name) => [`${name}.onnx`, join(FOLDER, "onnx", `${name}.int8.onnx`)]),
    ),
    "encoder.safetensors": join(FOLDER, "encoder.safetensors"),
    "candle_q8.js": join(FOLDER, "candle_q8/spanarc_candle_q8.js"),
    "candle_q8_bg.wasm": join(FOLDER, "candle_q8/spanarc_candle_q8_bg.wasm"),
    "peak.wasm": join(FOLDER, "peak.wasm"),
  })),
});

/** The machine, for the report. */
export const machine = (software) => ({
  processor: cpus()[0]?.model.trim() ?? "unknown processor",
  cores: cpus().length,
  date: new Date().toISOString().slice(0, 10),
  software,
});
