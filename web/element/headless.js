// The annotator without an interface: what is the same in browsers and in Node.

import { Conversation } from "./conversation.js";
import { converter } from "./offsets.js";
import { workersOn } from "./secondary_workers.js";

/** @typedef {import("./conversation.js").Channel} Channel */
/** @typedef {import("./conversation.js").Events} Events */
/** @typedef {import("./offsets.js").Unit} Unit */

/**
 * How to make an annotator.
 * @typedef {object} Options
 * @property {string | URL | Uint8Array | ArrayBuffer} model  The model's file: its address, which is relative to the page (in
 *   Node: or its path), or its bytes.
 * @property {string | URL} [workerUrl]  The script of the worker, instead of this package's `worker.js`.
 * @property {string | URL} [wasmUrl]  The worker's program, instead of this package's `worker.wasm`. On the calling thread there is
 *   one program, from where the first annotator had it.
 * @property {boolean} [worker]  Whether the model runs in a worker (default), or on the calling thread.
 * @property {number} [workers]  How many workers may share a long text, 1 to 4; unless given, as many as the device has cores to
 *   spare. Each holds the model; all but the first start when there is much to do, and end when there is nothing.
 * @property {string} [sha256]  The SHA-256 of the model's file in hexadecimal. Another file is refused.
 * @property {AbortSignal} [signal]  Stops loading.
 * @property {(progress: { received: number, total?: number }) => void} [onProgress]  Hears of the model's download, in bytes;
 *   `total` is missing when the server does not tell.
 */

/**
 * How to annotate a text.
 * @typedef {object} AnnotateOptions
 * @property {AbortSignal} [signal]  Stops annotating.
 * @property {Unit} [offsets]  What offsets count: UTF-16 code units, as JavaScript does ("utf16", the default), code points as
 *   Python does ("char"), or bytes of UTF-8 ("byte").
 * @property {number} [relationThreshold]  The score from which a relation holds, instead of the model's own. Relations that score
 *   less than 0.05 are never found.
 * @property {number} [entityThreshold]  The score from which an entity holds; 0 unless given. Relations of others go with them.
 */

/** @typedef {{ id: string, type: string, start: number, end: number, score: number }} Entity  `end` is exclusive. */
/** @typedef {{ id: string, type: string, head: string, tail: string, score: number }} Relation  `head` and `tail` are ids of entities. */

/**
 * The annotations of a text: entities in text order, never overlapping, and the relations between them.
 * @typedef {object} Annotations
 * @property {string} text
 * @property {Unit} offsets
 * @property {Entity[]} entities
 * @property {Relation[]} relations
 */

/** @typedef {{ name: string, color: string }} Label  A type with its colour, `#rrggbb`. */

/**
 * What a model can find.
 * @typedef {object} Labels
 * @property {string} name  The model's name.
 * @property {Label[]} entityTypes
 * @property {Label[]} relationTypes
 * @property {number} relationThreshold  The score from which a relation holds unless you say otherwise.
 */

/**
 * What differs between browsers and Node.
 * @typedef {object} Platform
 * @property {(model: string | URL) => Promise<import("./conversation.js").ModelSource>} find
 * @property {(options: Options, events: Events) => Channel} startWorker
 * @property {(options: Options, port: MessagePort, events: Events) => { close: () => void }} startSecondary  A worker that takes
 *   all further messages through a port.
 * @property {() => number | undefined} cores  How many the device has.
 * @property {(options: Options, events: Events) => Channel} startHere
 */

/**
 * Loads a model.
 * @param {Options} options
 * @param {Platform} platform
 * @returns {Promise<Annotator>}
 */
export async function create(options, platform) {
  const { model, worker = true, workers, sha256, signal, onProgress } = options;
  const secondaries = worker ? workersOn(workers, platform.cores()) - 1 : 0;
  signal?.throwIfAborted();
  const source = await found(model, platform);
  signal?.throwIfAborted();
  const open = (/** @type {Events} */ events) =>
    worker ? platform.startWorker(options, events) : platform.startHere(options, events);
  const startSecondary = (/** @type {MessagePort} */ port, /** @type {Events} */ events) =>
    platform.startSecondary(options, port, events);
  const conversation = new Conversation(open, { source, sha256, signal, onProgress, secondaries, startSecondary });
  return new Annotator(conversation, await conversation.ready);
}

/** A loaded model. `createAnnotator` makes it. */
export class Annotator {
  #conversation;
  #model;

  /**
   * @param {Conversation} conversation
   * @param {import("./messages.js").ModelSummary} model
   */
  constructor(conversation, model) {
    this.#conversation = conversation;
    this.#model = model;
  }

  /**
   * Finds the entities and relations in a text. Several calls at a time take turns, sentence by sentence.
   * @param {string} text
   * @param {AnnotateOptions} [options]
   * @returns {Promise<Annotations>}
   */
  async annotate(text, options = {}) {
    if (typeof text !== "string") throw new TypeError("The text to annotate is not a string.");
    const { signal, offsets = "utf16" } = options;
    const entityThreshold = options.entityThreshold ?? 0;
    const relationThreshold = options.relationThreshold ?? this.#model.relationThreshold;
    const at = converter(text, offsets);
    const sentences = await this.#conversation.ask(text, signal);
    /** @type {Entity[]} */
    const entities = [];
    /** @type {Relation[]} */
    const relations = [];
    for (const sentence of sentences) {
      const ids = sentence.entities.map(({ entityType, start, end, score }) => {
        if (score < entityThreshold) return undefined;
        const id = `e${entities.length + 1}`;
        const type = this.#model.entityTypes[entityType].name;
        entities.push({ id, type, start: at(sentence.start + start), end: at(sentence.start + end), score });
        return id;
      });
      for (const { relationType, score, ...ends } of sentence.relations) {
        const [head, tail] = [ids[ends.head], ids[ends.tail]];
        if (score < relationThreshold || head === undefined || tail === undefined) continue;
        const type = this.#model.relationTypes[relationType].name;
        relations.push({ id: `r${relations.length + 1}`, type, head, tail, score });
      }
    }
    return { text, offsets, entities, relations };
  }

  /**
   * What the model can find.
   * @returns {Labels}
   */
  labels() {
    const { name, entityTypes, relationTypes, relationThreshold } = this.#model;
    return structuredClone({ name, entityTypes, relationTypes, relationThreshold });
  }

  /** Frees the model and ends its worker. Whatever is being annotated is rejected. */
  close() {
    this.#conversation.end(new Error("The annotator is closed."));
  }
}

/**
 * @param {Options["model"]} model
 * @param {Platform} platform
 * @returns {Promise<import("./conversation.js").ModelSource>}
 */
async function found(model, platform) {
  if (model === undefined || model === null) throw new TypeError("There is no annotator without a model.");
  if (typeof model === "string" || model instanceof URL) return platform.find(model);
  if (model instanceof ArrayBuffer) return { bytes: new Uint8Array(model) };
  if (!ArrayBuffer.isView(model)) throw new TypeError("The model is neither an address nor bytes.");
  return { bytes: new Uint8Array(model.buffer, model.byteOffset, model.byteLength) };
}
