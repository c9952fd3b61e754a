// A conversation with the program that holds the model, in the messages of crates/protocol.

import { SecondaryWorkers } from "./secondary_workers.js";

/** @typedef {import("./messages.js").Request} Request */
/** @typedef {import("./messages.js").Reply} Reply */
/** @typedef {import("./messages.js").ModelSummary} ModelSummary */
/** @typedef {import("./messages.js").SentenceAnswer} SentenceAnswer */

/**
 * What the way to the program tells.
 * @typedef {object} Events
 * @property {(reply: Reply) => void} heard
 * @property {(error: Error) => void} died  The program cannot be started, or has ended.
 */

/**
 * The way to the program.
 * @typedef {object} Channel
 * @property {(request: Request, transfer?: Transferable[]) => void} post
 * @property {(isAwaited: boolean) => void} hold  Says whether an answer is awaited; while none is, a process may end.
 * @property {() => void} close  Ends the program's part.
 */

/** @typedef {{ url: string } | { bytes: Uint8Array }} ModelSource */

/**
 * @typedef {object} Loading
 * @property {ModelSource} source
 * @property {string} [sha256]
 * @property {AbortSignal} [signal]
 * @property {(progress: { received: number, total?: number }) => void} [onProgress]
 * @property {number} [secondaries]  How many further workers there may be, if `startSecondary` starts them.
 * @property {import("./secondary_workers.js").StartSecondary} [startSecondary]
 */

export class Conversation {
  /** @type {Channel} */
  #channel;
  /** @type {Loading} */
  #loading;
  /** @type {Map<number, { sentences: SentenceAnswer[], resolve: (found: SentenceAnswer[]) => void, reject: (error: unknown) => void }>} */
  #asked = new Map();
  #lastSurface = 0;
  /** @type {unknown} Why nothing can be asked any more. */
  #over;
  /** @type {SecondaryWorkers | undefined} */
  #secondaries;
  /** @type {(model: ModelSummary) => void} */
  #isReady = () => {};
  /** @type {(error: unknown) => void} */
  #isLost = () => {};
  /** @type {Promise<ModelSummary>} */
  ready;

  /**
   * Starts the program through `open`, and has it load a model.
   * @param {(events: Events) => Channel} open
   * @param {Loading} loading
   */
  constructor(open, loading) {
    this.#loading = loading;
    this.ready = new Promise((resolve, reject) => {
      const { signal } = loading;
      const abort = () => this.end(signal?.reason);
      signal?.addEventListener("abort", abort);
      const settle = () => signal?.removeEventListener("abort", abort);
      this.#isReady = (model) => (settle(), resolve(model));
      this.#isLost = (error) => (settle(), reject(error));
    });
    this.#channel = open({ heard: (reply) => this.#hear(reply), died: (error) => this.end(error) });
    this.#channel.hold(true);
    const { startSecondary } = loading;
    if (startSecondary) this.#secondaries = new SecondaryWorkers(startSecondary, this.#channel.post);
  }

  /**
   * The answers to all sentences of `text`, in text order.
   * @param {string} text
   * @param {AbortSignal} [signal]
   * @returns {Promise<SentenceAnswer[]>}
   */
  async ask(text, signal) {
    signal?.throwIfAborted();
    if (this.#over !== undefined) throw this.#over;
    const surface = ++this.#lastSurface;
    let abort = () => {};
    try {
      return await new Promise((resolve, reject) => {
        abort = () => reject(signal?.reason);
        signal?.addEventListener("abort", abort);
        this.#asked.set(surface, { sentences: [], resolve, reject });
        this.#channel.hold(true);
        this.#channel.post({ kind: "open", surface, revision: 1, text });
      });
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#asked.delete(surface);
      if (this.#over === undefined) {
        this.#channel.post({ kind: "close", surface });
        this.#channel.hold(this.#asked.size > 0);
      }
    }
  }

  /**
   * Ends the program's part: what was asked is rejected, and so is whatever will be.
   * @param {unknown} reason
   */
  end(reason) {
    if (this.#over !== undefined) return;
    this.#over = reason;
    this.#secondaries?.stopAll();
    this.#channel.close();
    this.#isLost(reason);
    for (const { reject } of this.#asked.values()) reject(reason);
  }

  /** @param {Reply} reply */
  #hear(reply) {
    if (this.#over !== undefined) return;
    switch (reply.kind) {
      case "started":
        return this.#load();
      case "progress":
        return this.#loading.onProgress?.({ received: reply.received, total: reply.total });
      case "ready":
        this.#channel.hold(this.#asked.size > 0);
        return this.#isReady(reply.model);
      case "annotations": {
        const call = this.#asked.get(reply.surface);
        // One by one: a long text's are too many arguments for one call.
        for (const sentence of reply.sentences) call?.sentences.push(sentence);
        if (reply.done >= reply.total) call?.resolve(call.sentences.sort((a, b) => a.start - b.start));
        return;
      }
      case "startSecondary":
        return this.#secondaries?.start(reply.secondary);
      case "stopSecondary":
        return void this.#secondaries?.stop(reply.secondary);
      case "failed": {
        const error = new Error(reply.message);
        if (reply.surface === undefined) return this.end(error);
        return this.#asked.get(reply.surface)?.reject(error);
      }
    }
  }

  #load() {
    const { source, sha256, secondaries } = this.#loading;
    if ("url" in source) return this.#channel.post({ kind: "load", url: source.url, sha256, secondaries });
    // A copy of no more than these bytes; the caller's stay where they are.
    const bytes = source.bytes.slice();
    this.#channel.post({ kind: "load", bytes, sha256, secondaries }, [bytes.buffer]);
  }
}
