// The class of <spanarc-annotator>. It keeps attributes, properties, events and the form; the program in WebAssembly does the
// rest. Importing this file defines nothing, loads nothing, and works in Node.

import { lazily } from "./annotations_detail.js";
import { numberOf, oneOf } from "./attribute_element.js";
import { showFallback } from "./fallback.js";
import { FileElement } from "./file_element.js";
import { absolute, configuration, formats, program } from "./program_loader.js";

/**
 * @import {
 *   Annotations, AnnotationsDetail, ChangeDetail, ErrorDetail, GivenAnnotations, InputDetail, ProgressDetail,
 *   ReadyDetail, Schema, SelectDetail
 * } from "./types.js"
 */

export { configure } from "./program_loader.js";

/** Properties that a page may set before the class is defined. */
const PROPERTIES = [
  ..."annotations schema value model placeholder readOnly disabled required theme panel legend".split(" "),
  ..."entityThreshold relationThreshold workers name defaultValue".split(" "),
];

/**
 * A text with its entities and relations, annotated as it is typed.
 *
 * @tagname spanarc-annotator
 * @attr {string} model - Address of a model. Without one, only annotations that are set from outside are shown.
 * @attr {string} value - The text at first, and after a reset.
 * @attr {string} name - Name in a form: the text goes by it, the annotations as JSON by it and `-annotations`.
 * @attr {string} placeholder - Shown while there is no text.
 * @attr {boolean} readonly - The text can be selected and its annotations changed, but not typed.
 * @attr {boolean} disabled - Nothing reacts, and forms leave it out.
 * @attr {boolean} required - The text must not be empty.
 * @attr {"auto" | "light" | "dark"} theme - Colours; by the page's `color-scheme` unless light or dark.
 * @attr {number} entity-threshold - Score, 0 to 1, from which suggested entities count.
 * @attr {number} relation-threshold - Score, 0 to 1, from which suggested relations count; the model's own when absent.
 * @attr {"none" | "side" | "below"} panel - Where the lists stand; where there is room when absent.
 * @attr {"none"} legend - `none` leaves out the types above the text.
 * @attr {number} workers - How many workers may share a long text, 1 to 4; as many as the device has cores to spare when absent.
 *
 * @fires {CustomEvent<AnnotationsDetail>} annotations - The model has said something.
 * @fires {CustomEvent<ChangeDetail>} change - A person has changed annotations.
 * @fires {CustomEvent<InputDetail>} input - A person has changed the text.
 * @fires {CustomEvent<SelectDetail>} select - A person has selected text or moved the caret.
 * @fires {CustomEvent<ReadyDetail>} ready - The model is loaded. Does not bubble.
 * @fires {CustomEvent<ProgressDetail>} progress - More of the model has arrived. Does not bubble.
 * @fires {CustomEvent<ErrorDetail>} error - Something went wrong; it is shown inside, too. Does not bubble.
 *
 * @csspart sheet - The text with its legend and status.
 * @csspart text - The text itself.
 * @csspart legend - The types above the text.
 * @csspart status - The line below the text.
 * @csspart panel - The lists.
 * @csspart notice - What went wrong.
 *
 * @cssprop --spanarc-text-face - Font of the text.
 * @cssprop --spanarc-text-size - Size of the text.
 * @cssprop --spanarc-text-line - Least height of a line of text.
 * @cssprop --spanarc-interface-face - Font of all else.
 * @cssprop --spanarc-gutter - Space beside the text.
 * @cssprop --spanarc-above-text - Space above the text.
 * @cssprop --spanarc-panel-width - Width of the lists beside the text.
 * @cssprop --spanarc-sheet - Ground of text and lists.
 * @cssprop --spanarc-raised - Ground of what lies above them.
 * @cssprop --spanarc-wash - Ground of what is pointed at.
 * @cssprop --spanarc-ink - Text.
 * @cssprop --spanarc-ink-soft - Text of less weight.
 * @cssprop --spanarc-rule - Lines.
 * @cssprop --spanarc-rule-strong - Lines of more weight.
 * @cssprop --spanarc-accent - Focus and links.
 * @cssprop --spanarc-selection - Ground of selected text.
 * @cssprop --spanarc-danger - What went wrong.
 * @cssprop --spanarc-danger-wash - Its ground.
 * @cssprop --spanarc-shadow - Shadow of text and lists.
 * @cssprop --spanarc-shadow-raised - Shadow of what lies above them.
 */
export class SpanarcAnnotator extends FileElement {
  static observedAttributes = [
    ..."model value name placeholder readonly disabled required panel legend".split(" "),
    ..."entity-threshold relation-threshold workers".split(" "),
    ..."aria-label aria-labelledby aria-description aria-describedby".split(" "),
  ];

  /** The program's annotator, once the program is there. @type {any} */
  #core;
  /**
   * What was set, in order, as long as there is no program to refuse it. The first is a text alone, which none refuses.
   *
   * @type {GivenAnnotations[]}
   */
  #given = [{ text: "" }];
  /** @type {Schema} */
  #schema = {};
  /** Likewise. @type {Schema[]} */
  #givenSchemas = [];
  /** What the program refused of these. */
  #refusal = "";
  /** Whether the text is another than the attribute says. */
  #dirty = false;
  #starting = false;
  #loaded = deferred();
  /** Whether the last attempt to load the program failed. */
  #isUnloadable = false;
  #configuring = false;
  /** Why the model does not annotate. @type {Error | undefined} */
  #failure;
  /** Told when the model has spoken or failed. @type {Set<(failure?: Error) => void>} */
  #waiting = new Set();

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    for (const name of ["input", "change", "select"]) {
      // Those of the parts inside are not the element's.
      root.addEventListener(name, (event) => event.stopPropagation());
    }
    this.addEventListener("focusin", () => this.configureSoon());
    this.addEventListener("click", (event) => {
      // A label was clicked: browsers click its control.
      if (event.composedPath()[0] === this) this.focus();
    });
    this.addEventListener("invalid", () => setTimeout(() => this.matches(":focus-within") && this.focus()));
  }

  connectedCallback() {
    for (const name of Object.keys(this).filter((name) => PROPERTIES.includes(name))) {
      const self = /** @type {any} */ (this);
      const value = self[name];
      delete self[name];
      self[name] = value;
    }
    this.#start();
  }

  disconnectedCallback() {
    // One that is only moved comes back at once.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#core?.unmount();
      this.#tell(new Error("spanarc-annotator: the element was removed"));
    });
  }

  adoptedCallback() {
    // Style sheets do not move from document to document.
    this.#core?.unmount();
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (name === "model") {
      this.#failure = undefined;
      if (!now) this.#tell(new Error("spanarc-annotator: there is no model any more"));
    }
    if (name === "value" && !this.#dirty) this.#reset();
    this.configureSoon();
    this.updateForm();
  }

  async #start() {
    if (this.#starting) return;
    this.#starting = true;
    if (this.#isUnloadable) [this.#loaded, this.#isUnloadable, this.#failure] = [deferred(), false, undefined];
    try {
      if (this.#core) {
        this.#configureNow();
      } else {
        const { Annotator } = await program();
        this.#core = new Annotator(this.#given[0].text, SpanarcAnnotator.#listener(new WeakRef(this)), formats);
        this.shadowRoot?.replaceChildren();
        this.#takeOver();
      }
      // By then the program has rendered.
      setTimeout(this.#loaded.resolve);
      if (!this.isConnected) return;
      this.#core.mount(this.shadowRoot);
      this.updateForm();
      // Labels that come after the element in the document.
      requestAnimationFrame(() => this.configureSoon());
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#starting = false;
    }
  }

  /** Hands over what was set before there was a program to refuse it. What it refuses leaves what was good before. */
  #takeOver() {
    /** @type {ErrorDetail[]} */
    const refusals = [];
    const attempt = (/** @type {string} */ stage, /** @type {() => void} */ act) => {
      try {
        act();
      } catch (error) {
        refusals.push({ stage, message: messageOf(error) });
      }
    };
    const [schemas, given] = [this.#givenSchemas, this.#given];
    [this.#schema, this.#givenSchemas, this.#given] = [{}, [], [{ text: "" }]];
    this.#configureNow();
    // Schemas first: they decide what suggestions may be.
    for (const schema of schemas) attempt("schema", () => (this.schema = schema));
    for (const annotations of given) attempt("annotations", () => this.#core.setAnnotations(annotations));
    if (refusals.length === 0) return;
    this.#refusal = refusals.map(({ message }) => message).join("; ");
    this.#configureNow();
    for (const refusal of refusals) this.#hear("error", refusal);
  }

  /**
   * What the program holds is never collected: no strong reference, nor a closure that shares its scope with one.
   *
   * @param {WeakRef<SpanarcAnnotator>} element
   */
  static #listener(element) {
    return (/** @type {string} */ name, /** @type {any} */ detail) => {
      const alive = element.deref();
      if (alive) alive.#hear(name, detail);
    };
  }

  /** @param {unknown} error */
  #fail(error) {
    const message = messageOf(error);
    if (!this.#core) {
      const root = /** @type {ShadowRoot} */ (this.shadowRoot);
      showFallback(root, message, this.textLabel ?? "Text", (text) => {
        const removed = this.value.length;
        [this.#given, this.#dirty] = [[{ text }], true];
        this.updateForm();
        this.#dispatch("input", { start: 0, removed, inserted: text }, true);
      });
      this.#updateFallback();
      this.#isUnloadable = true;
      this.#loaded.reject(new Error(message));
    }
    this.#hear("error", { stage: "load", message });
  }

  /** Brings the text that stands in for the program's up to what was set. */
  #updateFallback() {
    const text = this.shadowRoot?.querySelector("textarea");
    if (!text) return;
    if (text.value !== this.value) text.value = this.value;
    Object.assign(text, { readOnly: this.readOnly, disabled: this.matches(":disabled") });
  }

  /** Hands attributes and properties over, once for all that are set in a row. @protected */
  configureSoon() {
    if (!this.#core) return this.#updateFallback();
    if (this.#configuring) return;
    this.#configuring = true;
    queueMicrotask(() => this.#configureIfDue());
  }

  #configureIfDue() {
    if (this.#configuring) this.#configureNow();
  }

  #configureNow() {
    this.#configuring = false;
    const number = (/** @type {string} */ name) => numberOf(this.getAttribute(name)) ?? undefined;
    this.#core.configure({
      placeholder: this.getAttribute("placeholder") ?? undefined,
      label: this.textLabel,
      description: this.textDescription,
      invalid: this.isInvalid,
      notice: this.#refusal || undefined,
      readOnly: this.readOnly,
      disabled: this.matches(":disabled"),
      required: this.required,
      panel: oneOf(this.panel, ["none", "side", "below"]),
      noLegend: this.legend === "none",
      entityThreshold: number("entity-threshold"),
      relationThreshold: number("relation-threshold"),
      schema: this.#schema,
      model: this.model || undefined,
      workerUrl: absolute(configuration.workerUrl),
      wasmUrl: absolute(configuration.wasmUrl),
      workers: this.workers ?? undefined,
    });
  }

  /**
   * Something has happened in the program.
   *
   * @param {string} name
   * @param {any} detail
   */
  #hear(name, detail) {
    if (name === "input" || name === "change") this.#dirty = true;
    if (name === "ready" || name === "progress") this.#failure = undefined;
    if (name === "annotations" || name === "input" || name === "change") this.updateForm();
    if (name === "annotations") {
      if (detail.complete) this.#tell();
      this.#dispatch(name, lazily(() => this.annotations, detail.complete), true);
    } else if (name === "error" || name === "ready" || name === "progress") {
      if (name === "error" && detail.stage === "load") this.#tell((this.#failure = new Error(detail.message)));
      this.#dispatch(name, detail, false);
    } else {
      this.#dispatch(name, detail, true);
    }
  }

  /** @param {Error} [failure] */
  #tell(failure) {
    for (const waiting of [...this.#waiting]) waiting(failure);
  }

  /**
   * @param {string} name
   * @param {any} detail
   * @param {boolean} bubbles Out of the shadow roots of the host, too.
   */
  #dispatch(name, detail, bubbles) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles, composed: bubbles }));
  }

  // The text and its annotations.

  /**
   * Fulfilled when the element's program is there: from then on its methods work. Rejected when it cannot be loaded, until the
   * element, put into a document again, makes another attempt. Properties need not wait.
   */
  get loaded() {
    return this.#loaded.promise;
  }

  /**
   * The text. Setting it puts a text in the place of all there is; annotations in what both begin and end with stay.
   *
   * @type {string}
   */
  get value() {
    return this.#core ? this.#core.text() : withBreaks(last(this.#given).text);
  }

  set value(text) {
    this.#dirty = true;
    this.#setText(String(text ?? ""));
    this.updateForm();
  }

  /** @param {string} text */
  #setText(text) {
    if (this.#core) {
      this.#core.setText(text);
      return this.#forgetRefusal();
    }
    const plain = { text: withBreaks(text) };
    // Annotations of this very text stay; if they prove bad, the text does.
    this.#given = plain.text === this.value ? [plain, last(this.#given)] : [plain];
    this.#updateFallback();
  }

  #forgetRefusal() {
    if (!this.#refusal) return;
    this.#refusal = "";
    this.configureSoon();
  }

  /** @protected */
  get annotationsJson() {
    this.#configureIfDue();
    if (this.#core) return this.#core.annotations();
    const given = last(this.#given);
    return JSON.stringify({ ...given, entities: given.entities ?? [], relations: given.relations ?? [] });
  }

  /**
   * Text and annotations. Setting them sets the text, too, and forgets the history; what is there already is left alone. What does
   * not fit is refused: by an error, or by the event of that name where there is no program yet.
   *
   * @type {Annotations}
   */
  get annotations() {
    return JSON.parse(this.annotationsJson);
  }

  set annotations(/** @type {GivenAnnotations} */ annotations) {
    const given = copied(annotations);
    if (typeof given?.text !== "string") throw new TypeError("spanarc-annotator: annotations have no text");
    if (this.#core) {
      this.#core.setAnnotations(given);
      this.#forgetRefusal();
    } else {
      this.#given.push(given);
      this.#updateFallback();
    }
    this.#dirty = true;
    this.updateForm();
  }

  /** The types: names, titles, colours, keys, signatures, and how the model's are called. */
  get schema() {
    return copied(this.#schema);
  }

  set schema(/** @type {Schema} */ schema) {
    const [before, given] = [this.#schema, copied(schema ?? {})];
    if (typeof given !== "object" || Array.isArray(given)) throw new TypeError("spanarc-annotator: a schema is an object");
    this.#schema = given;
    if (!this.#core) {
      this.#givenSchemas.push(given);
      return;
    }
    try {
      this.#configureNow();
    } catch (error) {
      this.#schema = before;
      throw error;
    }
    this.#forgetRefusal();
    this.updateForm();
  }

  /**
   * Annotates the text, or another one in its place, and gives the annotations once the model has read all of it. Another text
   * rejects with an `AbortError` what was promised before.
   *
   * @param {string} [text]
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<Annotations>}
   */
  async annotate(text, { signal } = {}) {
    signal?.throwIfAborted();
    if (!this.model) throw new Error("spanarc-annotator: there is no model to annotate with");
    if (!this.isConnected) throw new Error("spanarc-annotator: an element annotates only while it is in a document");
    const before = this.value;
    if (text !== undefined) this.value = text;
    if (this.value !== before) this.#tell(new DOMException("spanarc-annotator: another text is to be annotated", "AbortError"));
    this.#configureIfDue();
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#waiting.delete(look);
        signal?.removeEventListener("abort", abort);
      };
      const abort = () => (done(), reject(signal?.reason));
      const look = (/** @type {Error | undefined} */ failure) => {
        if (failure) return done(), reject(failure);
        if (this.#core?.isRead()) return done(), resolve(this.annotations);
      };
      this.#waiting.add(look);
      signal?.addEventListener("abort", abort);
      look(this.#failure);
    });
  }

  /** Takes the last step back. @returns {boolean} Whether there was one. */
  undo() {
    return this.#core?.undo() ?? false;
  }

  /** Takes the step again that was last undone. @returns {boolean} Whether there was one. */
  redo() {
    return this.#core?.redo() ?? false;
  }

  /** @protected */
  get ready() {
    return this.#loaded.promise.then(() => this.#core);
  }

  /** @protected @param {object} action */
  perform(action) {
    if (!this.#core) throw new Error("spanarc-annotator: the element's program is not loaded yet");
    return this.#core.perform(action);
  }

  // Where the reader is.

  /** Puts the keyboard into the text. @param {FocusOptions} [options] */
  focus(options) {
    const text = this.shadowRoot?.querySelector("textarea");
    if (text) text.focus(options);
    else super.focus(options);
  }

  /**
   * Selects a part of the text, all of it by default, puts the keyboard there and scrolls to it.
   *
   * @param {number} [start] UTF-16 code units.
   * @param {number} [end]
   */
  select(start = 0, end) {
    const select = () => this.#core.select(start, end ?? this.value.length);
    if (this.#core) select();
    // By then there may be another text, without that part.
    else void this.#loaded.promise.then(select).catch(() => {});
  }

  /**
   * Scrolls to the annotation of an identity. Other arguments are those of every element's `scrollTo`.
   *
   * @param {any} [id]
   * @param {any} [y]
   */
  scrollTo(id, y) {
    if (typeof id === "string" || (typeof id === "number" && y === undefined)) this.#core?.scrollTo(String(id));
    else if (y === undefined) super.scrollTo(id);
    else super.scrollTo(id, y);
  }

  formResetCallback() {
    super.formResetCallback();
    this.#reset();
  }

  /** Back to the text of the attribute, without annotations and history. */
  #reset() {
    this.annotations = { text: this.defaultValue };
    this.#dirty = false;
  }
}

function deferred() {
  let [resolve, reject] = [() => {}, (/** @type {Error} */ _error) => {}];
  const promise = /** @type {Promise<void>} */ (new Promise((...both) => ([resolve, reject] = both)));
  // Nobody need wait for it.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/**
 * Plain data of plain data, or of the proxies that frameworks put around it.
 *
 * @template T
 * @param {T} data
 * @returns {T}
 */
const copied = (data) => JSON.parse(JSON.stringify(data) ?? "null");

/** The text with line breaks as a textarea has them. @param {string} text */
const withBreaks = (text) => text.replace(/\r\n?/g, "\n");

/** @template T @param {T[]} list One that is not empty. */
const last = (list) => list[list.length - 1];

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));
