// <spanarc-annotator> as a control of a form.

import { AttributeElement } from "./attribute_element.js";

/** @import { Annotations, GivenAnnotations } from "./types.js" */

/** An element that submits a text and its annotations. */
export class FormElement extends AttributeElement {
  static formAssociated = true;

  #internals = this.attachInternals();
  #customValidity = "";
  /** Whether anyone was told that the text is invalid. */
  #isReported = false;
  /** @protected Whether the text is shown as invalid: from the first report on, as long as it is. */
  isInvalid = false;

  constructor() {
    super();
    this.addEventListener("invalid", () => {
      this.#isReported = true;
      this.#showValidity();
    });
  }

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
    const label = this.#referred("aria-labelledby") || this.getAttribute("aria-label");
    return label || words([...this.#internals.labels]) || undefined;
  }

  /** What the page says of the text beyond that. @protected */
  get textDescription() {
    return this.#referred("aria-describedby") || this.getAttribute("aria-description") || undefined;
  }

  /** The words of the elements that an attribute refers to. @param {string} attribute */
  #referred(attribute) {
    const root = /** @type {Document | ShadowRoot} */ (this.getRootNode());
    const ids = this.getAttribute(attribute)?.split(/\s+/) ?? [];
    return words(ids.map((id) => root.getElementById?.(id)));
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
    this.#showValidity();
    if (!this.form) return;
    const json = this.annotationsJson;
    const data = new FormData();
    if (this.name) {
      data.append(this.name, this.value);
      data.append(`${this.name}-annotations`, json);
    }
    this.#internals.setFormValue(data, json);
  }

  #showValidity() {
    const isInvalid = this.#isReported && !this.validity.valid;
    if (isInvalid === this.isInvalid) return;
    this.isInvalid = isInvalid;
    this.configureSoon();
  }

  formResetCallback() {
    this.#isReported = false;
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

/** @param {(Node | null | undefined)[]} elements */
const words = (elements) => elements.map((element) => element?.textContent?.trim()).filter(Boolean).join(" ");
