// What a worker starts with: waits for the message `start`, starts the program that holds the model, and lets it listen.
// crates/protocol describes the conversation. In Node, whoever starts the worker makes `self` its port.

import init, { listen } from "../worker.js";
import { startProgram } from "./start_program.js";

/** @type {MessageEvent[]} */
const early = [];

self.onmessage = (event) => {
  if (event.data?.kind === "start") start(event.data.wasm);
  else early.push(event);
};

/** @param {import("./start_program.js").Wasm} wasm */
async function start(wasm) {
  try {
    await startProgram(init, wasm, self);
  } catch (error) {
    self.postMessage({ kind: "failed", stage: "load", message: /** @type {Error} */ (error).message });
    return;
  }
  listen(/** @type {any} */ (self));
  for (const event of early.splice(0)) self.onmessage?.(event);
}
