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
    return this.perform({ addEntity: { type, start, end } });
  }

  /**
   * Gives an entity another type or place.
   *
   * @param {string | number} id
   * @param {{type?: string, start?: number, end?: number}} changed UTF-16 code units.
   */
  updateEntity(id, { type, start, end }) {
    this.perform({ updateEntity: { id: String(id), type, start, end } });
  }

  /** Removes an entity and its relations. @param {string | number} id */
  removeEntity(id) {
    this.perform({ removeEntity: { id: String(id) } });
  }

  /**
   * Adds a relation, or accepts the same one.
   *
   * @param {{type: string, head: string | number, tail: string | number}} relation
   * @returns {string} Its identity.
   */
  addRelation({ type, head, tail }) {
    return this.perform({ addRelation: { type, head: String(head), tail: String(tail) } });
  }

  /** Gives a relation another type. @param {string | number} id @param {{type: string}} changed */
  updateRelation(id, { type }) {
    this.perform({ updateRelation: { id: String(id), type } });
  }

  /** Removes a relation. @param {string | number} id */
  removeRelation(id) {
    this.perform({ removeRelation: { id: String(id) } });
  }

  /** Accepts a suggested entity, or a relation with its ends. @param {string | number} id */
  accept(id) {
    this.perform({ accept: { id: String(id) } });
  }

  /** Rejects an entity with its relations, or a relation: no model suggests it again. @param {string | number} id */
  reject(id) {
    this.perform({ reject: { id: String(id) } });
  }

  /**
   * Replaces a part of the text, as one step to undo.
   *
   * @param {number} start First UTF-16 code unit that goes.
   * @param {number} end First one after them.
   * @param {string} text What comes.
   */
  replaceText(start, end, text) {
    this.perform({ replaceText: { start, end, text } });
  }
}
