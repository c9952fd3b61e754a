// The workers that share a long text with the first one. crates/protocol describes how.

/** The most workers that share a text. */
const MAX_WORKERS = 4;

/** @param {number} workers */
export const clamped = (workers) => Math.min(MAX_WORKERS, Math.max(1, Math.trunc(workers)));

/**
 * How many workers may share a text: those that are wanted, or what the device has cores for, of which one is left to the page.
 * @param {number | undefined} wanted
 * @param {number | undefined} cores
 */
export function workersOn(wanted, cores) {
  if (wanted !== undefined && !Number.isFinite(wanted)) throw new TypeError("The number of workers is no number.");
  return clamped(wanted ?? (cores ?? 1) - 1);
}

/**
 * Starts a worker that takes all further messages through `port`.
 * @typedef {(port: MessagePort, events: import("./conversation.js").Events) => { close: () => void }} StartSecondary
 */

export class SecondaryWorkers {
  /** @type {Map<number, { close: () => void }>} */
  #running = new Map();
  #start;
  #post;

  /**
   * @param {StartSecondary} start
   * @param {import("./conversation.js").Channel["post"]} post  To the first worker.
   */
  constructor(start, post) {
    this.#start = start;
    this.#post = post;
  }

  /**
   * The first worker wants another one.
   * @param {number} secondary  Its number.
   */
  start(secondary) {
    const { port1, port2 } = new MessageChannel();
    const died = () => this.#lost(secondary);
    const heard = (/** @type {import("./messages.js").Reply} */ reply) => reply.kind === "failed" && died();
    this.#running.set(secondary, this.#start(port2, { heard, died }));
    this.#post({ kind: "secondaryStarted", secondary }, [port1]);
  }

  /** @param {number} secondary */
  stop(secondary) {
    const worker = this.#running.get(secondary);
    this.#running.delete(secondary);
    worker?.close();
    return worker !== undefined;
  }

  stopAll() {
    for (const secondary of [...this.#running.keys()]) this.stop(secondary);
  }

  /** @param {number} secondary */
  #lost(secondary) {
    if (this.stop(secondary)) this.#post({ kind: "secondaryLost", secondary });
  }
}
