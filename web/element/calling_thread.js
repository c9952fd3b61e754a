// The program on the calling thread: the same conversation through a MessageChannel.

import { startProgram } from "./start_program.js";

/** @type {Promise<void> | undefined} The start of the program, of which there is one: whoever comes first says from where. */
let started;

/**
 * @param {() => Promise<import("./start_program.js").Wasm>} wasm
 * @param {EventTarget} place  Where violations of the Content-Security-Policy are reported.
 * @param {import("./conversation.js").Events} events
 * @returns {import("./conversation.js").Channel}
 */
export function startOnThisThread(wasm, place, { heard, died }) {
  const { port1: near, port2: far } = new MessageChannel();
  let isClosed = false;
  let leave = () => {};
  near.onmessage = ({ data }) => heard(data);
  const start = async () => {
    const program = await import("./worker_program.js");
    started ??= wasm().then((wasm) => startProgram(program.default, wasm, place));
    await started.catch((error) => {
      started = undefined;
      throw error;
    });
    if (isClosed) return;
    leave = () => program.leave(far);
    program.listen(far);
  };
  start().catch((error) => isClosed || died(error));
  return {
    post: (request, transfer = []) => near.postMessage(request, transfer),
    hold: (isAwaited) => {
      // Ports keep a process of Node's alive.
      for (const port of /** @type {any[]} */ ([near, far])) port[isAwaited ? "ref" : "unref"]?.();
    },
    close: () => {
      isClosed = true;
      leave();
      near.close();
    },
  };
}
