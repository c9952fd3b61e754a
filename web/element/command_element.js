// What a person can do to the annotations of <spanarc-annotator>, for the host's own controls.

import { FormElement } from "./form_element.js";

/** An element whose annotations change by commands. Each is one step to undo, and the person's. */
export class CommandElement extends FormElement {
  /**
   * @protected
   * @param {object} _action
   * @returns {any} The identity of what was added.
   */
  perform(_action) {}

  /**
   * Adds an entity, or accepts the same one.
   *
   * @param {{type: string, start: number, end: number}} entity UTF-16 code units.
   * @returns {string} Its identity.
   */
  addEntity({ type, start, end }) {
    return this.perform({ action: "addEntity", type, start, end });
  }

  /**
   * Gives an entity another type or place.
   *
   * @param {string} id
   * @param {{type?: string, start?: number, end?: number}} changed UTF-16 code units.
   */
  updateEntity(id, { type, start, end }) {
    this.perform({ action: "updateEntity", id, type, start, end });
  }

  /** Removes an entity and its relations. @param {string} id */
  removeEntity(id) {
    this.perform({ action: "removeEntity", id });
  }

  /**
   * Adds a relation, or accepts the same one.
   *
   * @param {{type: string, head: string, tail: string}} relation
   * @returns {string} Its identity.
   */
  addRelation({ type, head, tail }) {
    return this.perform({ action: "addRelation", type, head, tail });
  }

  /** Gives a relation another type. @param {string} id @param {{type: string}} changed */
  updateRelation(id, { type }) {
    this.perform({ action: "updateRelation", id, type });
  }

  /** Removes a relation. @param {string} id */
  removeRelation(id) {
    this.perform({ action: "removeRelation", id });
  }

  /** Accepts a suggested entity, or a relation with its ends. @param {string} id */
  accept(id) {
    this.perform({ action: "accept", id });
  }

  /** Rejects an entity with its relations, or a relation: no model suggests it again. @param {string} id */
  reject(id) {
    this.perform({ action: "reject", id });
  }

  /**
   * Replaces a part of the text, as one step to undo.
   *
   * @param {number} start First UTF-16 code unit that goes.
   * @param {number} end First one after them.
   * @param {string} text What comes.
   */
  replaceText(start, end, text) {
    this.perform({ action: "replaceText", start, end, text });
  }
}
