// The detail of the event `annotations` of <spanarc-annotator>.

/** @import { Annotations, AnnotationsDetail } from "./types.js" */

/**
 * Annotations that are put together when they are read first: most listeners read none of a key's.
 *
 * @param {() => Annotations} read
 * @param {boolean} complete
 * @returns {AnnotationsDetail}
 */
export function lazily(read, complete) {
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
    get notes() {
      return annotations().notes;
    },
    complete,
  };
}
