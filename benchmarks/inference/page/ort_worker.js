// In a worker: a model in onnxruntime-web, on one thread.

import * as ort from "/bench/ort/ort.wasm.min.mjs";
import { encoderFeeds, networkFeeds } from "/bench/feeds.js";

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = "/bench/ort/";

let session;
let feeds;

async function run(sentence) {
  const tensors = Object.entries(feeds(sentence)).map(([name, [type, data, shape]]) => [name, new ort.Tensor(type, data, shape)]);
  const inputs = Object.fromEntries(tensors);
  const start = performance.now();
  await session.run(inputs);
  return performance.now() - start;
}

self.onmessage = async ({ data: { options, sentence } }) => {
  try {
    if (sentence) return self.postMessage({ milliseconds: await run(sentence) });
    feeds = options.model === "network" ? networkFeeds : encoderFeeds;
    session = await ort.InferenceSession.create(`/bench/${options.model}.onnx`, { executionProviders: ["wasm"] });
    self.postMessage({});
  } catch (error) {
    self.postMessage({ error: `onnxruntime-web: ${error.message ?? error}` });
  }
};
