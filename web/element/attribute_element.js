// Attributes of <spanarc-annotator> as properties.

import { absolute } from "./program_loader.js";
import { clamped } from "./secondary_workers.js";

const HTMLElementOrNone = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/** An element whose attributes are properties, too. */
export class AttributeElement extends HTMLElementOrNone {
  get model() {
    const model = this.getAttribute("model");
    if (!model) return "";
    try {
      return absolute(model) ?? "";
    } catch {
      // No address: loading it fails, and says so.
      return model;
    }
  }

  set model(/** @type {string | URL | null} */ address) {
    this.#reflect("model", address || null);
  }

  get defaultValue() {
    return this.getAttribute("value") ?? "";
  }

  set defaultValue(text) {
    this.#reflect("value", text);
  }

  get name() {
    return this.getAttribute("name") ?? "";
  }

  set name(name) {
    this.#reflect("name", name);
  }

  get placeholder() {
    return this.getAttribute("placeholder") ?? "";
  }

  set placeholder(words) {
    this.#reflect("placeholder", words);
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
    this.#reflect("theme", theme);
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

  /** @type {number | null} */
  get workers() {
    const workers = numberOf(this.getAttribute("workers"));
    return workers === null ? null : clamped(workers);
  }

  set workers(workers) {
    this.#reflect("workers", workers);
  }

  /** @param {string} name @param {unknown} value */
  #reflect(name, value) {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }
}

/** @param {string | null} text */
export function numberOf(text) {
  const number = text === null || text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

/**
 * @template {string} T
 * @param {string | null | undefined} text
 * @param {T[]} words
 */
export function oneOf(text, words) {
  return words.find((word) => word === text?.toLowerCase());
}
