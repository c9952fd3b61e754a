// <spanarc-annotator> as a control of a form.

import { AttributeElement } from "./attribute_element.js";

/** @import { Annotations, GivenAnnotations } from "./types.js" */

/** An element that submits a text and its annotations. */
export class FormElement extends AttributeElement {
  static formAssociated = true;

  #internals = this.attachInternals();
  #customValidity = "";

  /** The text. @type {string} */
  get value() {
    return "";
  }

  set value(_text) {}

  /** @type {Annotations} */
  get annotations() {
    return { text: this.value, entities: [], relations: [] };
  }

  set annotations(/** @type {GivenAnnotations} */ _annotations) {}

  /** @protected */
  get annotationsJson() {
    return JSON.stringify(this.annotations);
  }

  /** Takes over attributes and labels, once for all that change in a row. @protected */
  configureSoon() {}

  /** What the page calls the text, in words or by a label. @protected */
  get textLabel() {
    const root = /** @type {Document | ShadowRoot} */ (this.getRootNode());
    const ids = this.getAttribute("aria-labelledby")?.split(/\s+/) ?? [];
    const named = ids.map((id) => root.getElementById?.(id)).filter((element) => element);
    const elements = named.length > 0 ? named : this.getAttribute("aria-label") ? [] : [...this.#internals.labels];
    const words = elements.map((element) => element?.textContent?.trim()).join(" ");
    return words || this.getAttribute("aria-label") || undefined;
  }

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
    this.updateForm();
  }

  /** Tells the form what there is to submit, to restore and to complain about. @protected */
  updateForm() {
    const missing = this.required && this.value === "";
    const message = this.#customValidity || (missing ? missingMessage() : "");
    const text = this.shadowRoot?.querySelector("textarea") ?? undefined;
    this.#internals.setValidity({ customError: this.#customValidity !== "", valueMissing: missing }, message, text);
    if (!this.form) return;
    const json = this.annotationsJson;
    const data = new FormData();
    if (this.name) {
      data.append(this.name, this.value);
      data.append(`${this.name}-annotations`, json);
    }
    this.#internals.setFormValue(data, json);
  }

  formAssociatedCallback() {
    this.configureSoon();
    this.updateForm();
  }

  formDisabledCallback() {
    this.configureSoon();
  }

  /** @param {string} state */
  formStateRestoreCallback(state) {
    try {
      this.annotations = JSON.parse(state);
    } catch {
      // Filled in by the browser, not restored.
      this.value = String(state);
    }
  }
}

/** What the browser says, in its own language, of a text that is missing. */
function missingMessage() {
  return Object.assign(document.createElement("textarea"), { required: true }).validationMessage;
}
