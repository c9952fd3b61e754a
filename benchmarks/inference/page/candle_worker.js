// In a worker: the encoder in Candle's Q8_0.

import init, { Encoder } from "/bench/candle_q8.js";

let encoder;

self.onmessage = async ({ data: { options, sentence } }) => {
  try {
    if (sentence) {
      const ids = Uint32Array.from(sentence.ids);
      const start = performance.now();
      encoder.run(ids);
      return self.postMessage({ milliseconds: performance.now() - start });
    }
    await init({ module_or_path: "/bench/candle_q8_bg.wasm" });
    const weights = await (await fetch("/bench/encoder.safetensors")).arrayBuffer();
    encoder = new Encoder(new Uint8Array(weights), options.layers);
    self.postMessage({});
  } catch (error) {
    self.postMessage({ error: `Candle: ${error.message ?? error}` });
  }
};
