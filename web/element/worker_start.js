// What a worker starts with: waits for the message `start`, starts the program that holds the model, and lets it listen. A
// secondary worker does so at the port that comes with the message `attach`. crates/protocol describes the conversation. In Node,
// whoever starts the worker makes `self` its port.

import init, { listen } from "../worker.js";
import { startProgram } from "./start_program.js";

/**
 * Waits for the first message.
 * @param {Pick<MessagePort, "onmessage" | "postMessage">} port
 */
function wait(port) {
  /** @type {MessageEvent[]} */
  const early = [];
  port.onmessage = (event) => {
    const { kind, wasm } = event.data ?? {};
    if (kind === "start") start(wasm, port, early);
    else if (kind === "attach") {
      wait(event.ports[0]);
      port.postMessage({ kind: "started" });
    } else early.push(event);
  };
}

/**
 * @param {import("./start_program.js").Wasm} wasm
 * @param {Pick<MessagePort, "onmessage" | "postMessage">} port
 * @param {MessageEvent[]} early  What has come before the program listens.
 */
async function start(wasm, port, early) {
  try {
    await startProgram(init, wasm, self);
  } catch (error) {
    port.postMessage({ kind: "failed", stage: "load", message: /** @type {Error} */ (error).message });
    return;
  }
  listen(/** @type {any} */ (port));
  for (const event of early.splice(0)) port.onmessage?.call(/** @type {any} */ (port), event);
}

wait(/** @type {any} */ (self));
