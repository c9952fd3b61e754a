// In the page: the engines behind one interface. Each has a worker of its own and answers one sentence at a time;
// `run(sentence)` gives milliseconds.

import { createAnnotator } from "/element/index.js";

/** From the request for a text to its annotations. */
export async function spanarc(worker = true) {
  const annotator = await createAnnotator({
    model: "/models/news.safetensors",
    workerUrl: "/element/worker_start.js",
    wasmUrl: "/worker_bg.wasm",
    worker,
  });
  return async ({ text }) => {
    const start = performance.now();
    await annotator.annotate(text);
    return performance.now() - start;
  };
}

/** A rival: its worker keeps the time of inference alone. */
export async function rival(script, options) {
  const worker = new Worker(script, { type: "module" });
  const reply = (message) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.milliseconds));
      worker.onerror = ({ message }) => reject(new Error(`${script}: ${message}`));
      worker.postMessage(message);
    });
  await reply({ options });
  return (sentence) => reply({ sentence });
}

/** Integer operations a second of simd128: the best of many short tries, of which some are not interrupted. */
export async function peak() {
  const { instance } = await WebAssembly.instantiateStreaming(fetch("/bench/peak.wasm"));
  const { peak, operations_of_a_round } = instance.exports;
  const rounds = 500_000;
  let best = Infinity;
  for (let i = 0; i < 500; i++) {
    const start = performance.now();
    peak(rounds);
    best = Math.min(best, performance.now() - start);
  }
  return (operations_of_a_round() * rounds) / (best / 1000);
}
