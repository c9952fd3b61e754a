// The program on the calling thread: the same conversation through a MessageChannel.

import { startProgram } from "./start_program.js";

/**
 * @param {Promise<import("./start_program.js").Wasm>} wasm
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
    await startProgram(program.default, await wasm, place);
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
