// The class of <spanarc-annotator>. It keeps attributes, properties, events and the form; the program in WebAssembly does the
// rest. Importing this file defines nothing, loads nothing, and works in Node.

import { absolute, configuration, program } from "./program_loader.js";

/**
 * @import {
 *   Annotations, AnnotationsDetail, ChangeDetail, Entity, ErrorDetail, GivenAnnotations, InputDetail, ProgressDetail,
 *   ReadyDetail, Schema, SelectDetail
 * } from "./types.js"
 */

export { configure } from "./program_loader.js";

const HTMLElementOrNone = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/** Properties that a page may set before the class is defined. */
const PROPERTIES = [
  ..."annotations schema value model placeholder readOnly disabled required theme panel legend".split(" "),
  ..."entityThreshold relationThreshold name defaultValue".split(" "),
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
export class SpanarcAnnotator extends HTMLElementOrNone {
  static formAssociated = true;

  static observedAttributes = [
    ..."model value placeholder readonly disabled required panel legend".split(" "),
    ..."entity-threshold relation-threshold aria-label aria-labelledby".split(" "),
  ];

  #internals = this.attachInternals();
  /** The program's annotator, once the program is there. @type {any} */
  #core;
  /** The text, as long as there is no program. */
  #text = "";
  /** Annotations that were set, as long as there is no program. @type {GivenAnnotations | undefined} */
  #given;
  /** @type {Schema} */
  #schema = {};
  /** Whether the text is another than the attribute says. */
  #dirty = false;
  #starting = false;
  #loaded = deferred();
  #configuring = false;
  #customValidity = "";
  /** Told when the model has spoken or failed. @type {Set<(failure?: string) => void>} */
  #waiting = new Set();

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    for (const name of ["input", "change", "select"]) {
      // Those of the parts inside are not the element's.
      root.addEventListener(name, (event) => event.stopPropagation());
    }
    this.addEventListener("focusin", () => this.#configure());
    this.addEventListener("click", (event) => {
      // A label was clicked: browsers click its control.
      if (event.composedPath()[0] === this) this.focus();
    });
    this.addEventListener("invalid", () => setTimeout(() => this.matches(":focus-within") && this.focus()));
  }

  connectedCallback() {
    for (const name of PROPERTIES) {
      if (!Object.hasOwn(this, name)) continue;
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
      if (!this.isConnected) this.#core?.unmount();
    });
  }

  adoptedCallback() {
    // Style sheets do not move from document to document.
    this.#core?.unmount();
  }

  /**
   * @param {string} name
   */
  attributeChangedCallback(name) {
    if (name === "value" && !this.#dirty) this.#reset();
    this.#configure();
    this.#submit();
  }

  async #start() {
    if (this.#starting) return;
    this.#starting = true;
    try {
      if (!this.#core) {
        const { Annotator } = await program();
        this.#core = new Annotator(this.#text, SpanarcAnnotator.#listener(new WeakRef(this)));
        this.shadowRoot?.replaceChildren();
        if (this.#given) this.#core.setAnnotations(this.#given);
        this.#given = undefined;
        this.#loaded.resolve();
      }
      if (!this.isConnected) return;
      this.#configureNow();
      this.#core.mount(this.shadowRoot);
      this.#submit();
      // Labels that come after the element in the document.
      requestAnimationFrame(() => this.#configure());
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#starting = false;
    }
  }

  /**
   * What the program holds is never collected: no strong reference, nor a closure that shares its scope with one.
   *
   * @param {WeakRef<SpanarcAnnotator>} element
   */
  static #listener(element) {
    return (/** @type {string} */ name, /** @type {any} */ detail) => element.deref()?.#hear(name, detail);
  }

  /** @param {unknown} error */
  #fail(error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!this.#core) {
      const notice = Object.assign(document.createElement("p"), { textContent: message, part: "notice" });
      notice.setAttribute("role", "alert");
      // The text can be typed and submitted all the same.
      const text = document.createElement("textarea");
      Object.assign(text, { part: "text", rows: 8, value: this.#text, readOnly: this.readOnly, disabled: this.disabled });
      text.setAttribute("aria-label", this.#label() ?? "Text");
      text.addEventListener("input", () => {
        const removed = this.#text.length;
        [this.#text, this.#dirty, this.#given] = [text.value, true, undefined];
        this.#submit();
        this.#dispatch("input", { start: 0, removed, inserted: text.value }, true);
      });
      this.shadowRoot?.replaceChildren(notice, text);
    }
    this.#hear("error", { stage: "load", message });
  }

  /** Hands attributes and properties over, once for all that are set in a row. */
  #configure() {
    if (!this.#core || this.#configuring) return;
    this.#configuring = true;
    queueMicrotask(() => {
      this.#configuring = false;
      this.#configureNow();
    });
  }

  #configureNow() {
    const number = (/** @type {string} */ name) => numberOf(this.getAttribute(name)) ?? undefined;
    this.#core.configure({
      placeholder: this.getAttribute("placeholder") ?? undefined,
      label: this.#label(),
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
    });
  }

  /** What the page calls the text, in words or by a label. */
  #label() {
    const root = /** @type {Document | ShadowRoot} */ (this.getRootNode());
    const ids = this.getAttribute("aria-labelledby")?.split(/\s+/) ?? [];
    const named = ids.map((id) => root.getElementById?.(id)).filter((element) => element);
    const elements = named.length > 0 ? named : this.getAttribute("aria-label") ? [] : [...this.#internals.labels];
    const words = elements.map((element) => element?.textContent?.trim()).join(" ");
    return words || this.getAttribute("aria-label") || undefined;
  }

  /**
   * Something has happened in the program.
   *
   * @param {string} name
   * @param {any} detail
   */
  #hear(name, detail) {
    if (name === "input") this.#dirty = true;
    if (name === "annotations" || name === "input" || name === "change") this.#submit();
    if (name === "annotations") {
      if (detail.complete) this.#tell();
      this.#dispatch(name, lazily(() => this.annotations, detail.complete), true);
    } else if (name === "select") {
      this.#dispatch(name, this.#selected(detail), true);
    } else if (name === "error" || name === "ready" || name === "progress") {
      if (name === "error") this.#tell(detail.message);
      this.#dispatch(name, detail, false);
    } else {
      this.#dispatch(name, detail, true);
    }
  }

  /** @param {string} [failure] */
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

  /**
   * @param {{start: number, end: number, chosen?: string}} selection
   * @returns {SelectDetail}
   */
  #selected({ start, end, chosen }) {
    const { entities, relations } = this.annotations;
    // A caret is in the entity that it stands in or beside.
    const there = (/** @type {Entity} */ entity) =>
      start === end ? entity.start <= start && end <= entity.end : entity.start < end && start < entity.end;
    const chosenRelation = relations.find(({ id }) => id === chosen);
    return {
      start,
      end,
      entities: chosen === undefined ? ids(entities.filter(there)) : chosenRelation ? [] : [chosen],
      relations: chosenRelation ? [chosenRelation.id] : [],
    };
  }

  // The text and its annotations.

  /** Settled when the element's program is there: from then on its methods work. Properties need not wait. */
  get loaded() {
    return this.#loaded.promise;
  }

  /** The text. Setting it puts a text in the place of all there is; annotations in what both begin and end with stay. */
  get value() {
    return this.#core ? this.#core.text() : this.#text;
  }

  set value(text) {
    this.#dirty = true;
    this.#setText(String(text ?? ""));
    this.#submit();
  }

  /** @param {string} text */
  #setText(text) {
    if (this.#core) this.#core.setText(text);
    else [this.#text, this.#given] = [text.replace(/\r\n?/g, "\n"), undefined];
  }

  /**
   * Text and annotations. Setting them sets the text, too, and forgets the history; what is there already is left alone.
   *
   * @type {Annotations}
   */
  get annotations() {
    if (this.#core) return this.#core.annotations();
    return /** @type {any} */ (structuredClone(this.#given ?? { text: this.#text, entities: [], relations: [] }));
  }

  set annotations(/** @type {any} */ annotations) {
    if (this.#core) {
      if (isSame(annotations, this.annotations)) return;
      this.#core.setAnnotations(annotations);
    } else {
      this.#given = structuredClone(annotations);
      this.#text = String(annotations.text);
    }
    this.#dirty = true;
    this.#submit();
  }

  /** The types: names, titles, colours, keys, signatures, and how the model's are called. */
  get schema() {
    return structuredClone(this.#schema);
  }

  set schema(/** @type {Schema} */ schema) {
    const before = this.#schema;
    this.#schema = structuredClone(schema ?? {});
    if (!this.#core) return;
    try {
      this.#configureNow();
    } catch (error) {
      this.#schema = before;
      throw error;
    }
  }

  /**
   * Annotates the text, or another one in its place, and gives the annotations once the model has read all of it.
   *
   * @param {string} [text]
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<Annotations>}
   */
  async annotate(text, { signal } = {}) {
    signal?.throwIfAborted();
    if (text !== undefined) this.value = text;
    if (!this.model) throw new Error("spanarc-annotator: there is no model to annotate with");
    if (!this.isConnected) throw new Error("spanarc-annotator: an element annotates only while it is in a document");
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#waiting.delete(look);
        signal?.removeEventListener("abort", abort);
      };
      const abort = () => (done(), reject(signal?.reason));
      const look = (/** @type {string} */ failure = "") => {
        if (failure) return done(), reject(new Error(failure));
        if (this.#core?.isRead()) return done(), resolve(this.annotations);
      };
      this.#waiting.add(look);
      signal?.addEventListener("abort", abort);
      look();
    });
  }

  /**
   * Adds an entity, or accepts the same one.
   *
   * @param {{type: string, start: number, end: number}} entity UTF-16 code units.
   * @returns {string} Its identity.
   */
  addEntity({ type, start, end }) {
    return this.#perform({ action: "addEntity", type, start, end });
  }

  /**
   * Gives an entity another type or place.
   *
   * @param {string} id
   * @param {{type?: string, start?: number, end?: number}} changed UTF-16 code units.
   */
  updateEntity(id, { type, start, end }) {
    this.#perform({ action: "updateEntity", id, type, start, end });
  }

  /** Removes an entity and its relations. @param {string} id */
  removeEntity(id) {
    this.#perform({ action: "removeEntity", id });
  }

  /**
   * Adds a relation, or accepts the same one.
   *
   * @param {{type: string, head: string, tail: string}} relation
   * @returns {string} Its identity.
   */
  addRelation({ type, head, tail }) {
    return this.#perform({ action: "addRelation", type, head, tail });
  }

  /** Gives a relation another type. @param {string} id @param {{type: string}} changed */
  updateRelation(id, { type }) {
    this.#perform({ action: "updateRelation", id, type });
  }

  /** Removes a relation. @param {string} id */
  removeRelation(id) {
    this.#perform({ action: "removeRelation", id });
  }

  /** Accepts a suggested entity, or a relation with its ends. @param {string} id */
  accept(id) {
    this.#perform({ action: "accept", id });
  }

  /** Rejects an entity with its relations, or a relation: no model suggests it again. @param {string} id */
  reject(id) {
    this.#perform({ action: "reject", id });
  }

  /**
   * Replaces a part of the text, as one step to undo.
   *
   * @param {number} start First UTF-16 code unit that goes.
   * @param {number} end First one after them.
   * @param {string} text What comes.
   */
  replaceText(start, end, text) {
    this.#perform({ action: "replaceText", start, end, text });
  }

  /** Takes the last step back. @returns {boolean} Whether there was one. */
  undo() {
    return this.#core?.undo() ?? false;
  }

  /** Takes the step again that was last undone. @returns {boolean} Whether there was one. */
  redo() {
    return this.#core?.redo() ?? false;
  }

  /** @param {object} action */
  #perform(action) {
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
  select(start = 0, end = this.value.length) {
    this.#core?.select(start, end);
  }

  /**
   * Scrolls to the annotation of an identity. Other arguments are those of every element's `scrollTo`.
   *
   * @param {any} [id]
   * @param {...any} others
   */
  scrollTo(id, ...others) {
    if (typeof id === "string") this.#core?.scrollTo(id);
    else super.scrollTo(id, ...others);
  }

  // Attributes as properties.

  get model() {
    const model = this.getAttribute("model");
    return model === null ? "" : (absolute(model) ?? "");
  }

  set model(/** @type {string | URL | null} */ address) {
    this.#reflect("model", address || null);
  }

  get defaultValue() {
    return this.getAttribute("value") ?? "";
  }

  set defaultValue(text) {
    this.setAttribute("value", text);
  }

  get name() {
    return this.getAttribute("name") ?? "";
  }

  set name(name) {
    this.setAttribute("name", name);
  }

  get placeholder() {
    return this.getAttribute("placeholder") ?? "";
  }

  set placeholder(words) {
    this.setAttribute("placeholder", words);
  }

  get readOnly() {
    return this.hasAttribute("readonly");
  }

  set readOnly(on) {
    this.toggleAttribute("readonly", Boolean(on));
  }

  get disabled() {
    return this.hasAttribute("disabled");
  }

  set disabled(on) {
    this.toggleAttribute("disabled", Boolean(on));
  }

  get required() {
    return this.hasAttribute("required");
  }

  set required(on) {
    this.toggleAttribute("required", Boolean(on));
  }

  /** @type {"auto" | "light" | "dark"} */
  get theme() {
    return oneOf(this.getAttribute("theme"), ["light", "dark"]) ?? "auto";
  }

  set theme(theme) {
    this.setAttribute("theme", theme);
  }

  /** @type {"" | "none" | "side" | "below"} */
  get panel() {
    return oneOf(this.getAttribute("panel"), ["none", "side", "below"]) ?? "";
  }

  set panel(panel) {
    this.#reflect("panel", panel || null);
  }

  /** @type {"" | "none"} */
  get legend() {
    return oneOf(this.getAttribute("legend"), ["none"]) ?? "";
  }

  set legend(legend) {
    this.#reflect("legend", legend || null);
  }

  /** @type {number | null} */
  get entityThreshold() {
    return numberOf(this.getAttribute("entity-threshold"));
  }

  set entityThreshold(score) {
    this.#reflect("entity-threshold", score);
  }

  /** @type {number | null} */
  get relationThreshold() {
    return numberOf(this.getAttribute("relation-threshold"));
  }

  set relationThreshold(score) {
    this.#reflect("relation-threshold", score);
  }

  /** @param {string} name @param {unknown} value */
  #reflect(name, value) {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }

  // The form.

  get type() {
    return this.localName;
  }

  get form() {
    return this.#internals.form;
  }

  get labels() {
    return this.#internals.labels;
  }

  get validity() {
    return this.#internals.validity;
  }

  get validationMessage() {
    return this.#internals.validationMessage;
  }

  get willValidate() {
    return this.#internals.willValidate;
  }

  checkValidity() {
    return this.#internals.checkValidity();
  }

  reportValidity() {
    return this.#internals.reportValidity();
  }

  /** @param {string} message */
  setCustomValidity(message) {
    this.#customValidity = String(message);
    this.#submit();
  }

  /** Tells the form what there is to submit, to restore and to complain about. */
  #submit() {
    const missing = this.required && this.value === "";
    const message = this.#customValidity || (missing ? missingMessage() : "");
    const text = this.shadowRoot?.querySelector("textarea") ?? undefined;
    this.#internals.setValidity({ customError: this.#customValidity !== "", valueMissing: missing }, message, text);
    if (!this.form) return;
    const json = JSON.stringify(this.annotations);
    const data = new FormData();
    if (this.name) {
      data.append(this.name, this.value);
      data.append(`${this.name}-annotations`, json);
    }
    this.#internals.setFormValue(data, json);
  }

  formAssociatedCallback() {
    this.#configure();
    this.#submit();
  }

  formDisabledCallback() {
    this.#configure();
  }

  formResetCallback() {
    this.#reset();
  }

  /** Back to the text of the attribute, without annotations and history. */
  #reset() {
    this.annotations = { text: this.defaultValue };
    this.#dirty = false;
  }

  /** @param {string} state */
  formStateRestoreCallback(state) {
    this.annotations = JSON.parse(state);
  }
}

function deferred() {
  let resolve = () => {};
  const promise = /** @type {Promise<void>} */ (new Promise((done) => (resolve = done)));
  return { promise, resolve };
}

/** @param {string | null} text */
function numberOf(text) {
  const number = text === null || text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

/**
 * @template {string} T
 * @param {string | null | undefined} text
 * @param {T[]} words
 */
function oneOf(text, words) {
  return words.find((word) => word === text?.toLowerCase());
}

/** @param {{id: string}[]} annotations */
const ids = (annotations) => annotations.map(({ id }) => id);

/**
 * Annotations that are put together when they are read first.
 *
 * @param {() => Annotations} read
 * @param {boolean} complete
 * @returns {AnnotationsDetail}
 */
function lazily(read, complete) {
  /** @type {Annotations | undefined} */
  let known;
  const annotations = () => (known ??= read());
  return {
    get text() {
      return annotations().text;
    },
    get entities() {
      return annotations().entities;
    },
    get relations() {
      return annotations().relations;
    },
    complete,
  };
}

/** @param {any} given @param {any} present */
function isSame(given, present) {
  if (typeof given !== "object" || given === null || typeof present !== "object") return given === present;
  const names = Object.keys(given);
  return names.length === Object.keys(present).length && names.every((name) => isSame(given[name], present[name]));
}

/** What the browser says, in its own language, of a text that is missing. */
function missingMessage() {
  return Object.assign(document.createElement("textarea"), { required: true }).validationMessage;
}
