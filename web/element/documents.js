// Files of annotated documents, read and written by the program `formats.js`: what the element and `readDocuments` share.

/**
 * @typedef {File | {name: string, bytes: Uint8Array | ArrayBuffer}} DocumentFile A file, or its name and bytes.
 *
 * @typedef {object} FileEntity
 * @property {string} id
 * @property {string} type
 * @property {number} start First UTF-16 code unit inside.
 * @property {number} end First UTF-16 code unit after it.
 * @property {[number, number][]} [spans] The pieces of a discontinuous one.
 * @property {number} [score]
 * @property {"person" | "model"} origin
 * @property {"suggested" | "accepted" | "rejected"} state
 * @property {string} [model]
 * @property {Record<string, unknown>} [attributes] What else the file says of it.
 *
 * @typedef {object} FileRelation
 * @property {string} id
 * @property {string} type
 * @property {string} head Identity of an entity.
 * @property {string} tail Identity of an entity.
 * @property {number} [score]
 * @property {"person" | "model"} origin
 * @property {"suggested" | "accepted" | "rejected"} state
 * @property {string} [model]
 * @property {Record<string, unknown>} [attributes] What else the file says of it.
 *
 * @typedef {object} FileDocument A document of a file. It can be set as `annotations` of the element.
 * @property {string} id What its file or its source calls it.
 * @property {string} text
 * @property {FileEntity[]} entities In text order.
 * @property {FileRelation[]} relations
 * @property {Record<string, unknown>} [notes] What the file says of the whole.
 *
 * @typedef {object} ReadDocuments
 * @property {FileDocument[]} documents
 * @property {string[]} problems What could not be read, by file and line.
 * @property {string[]} notes What was left out or changed, by rule.
 *
 * @typedef {object} WrittenDocument
 * @property {File[]} files A file, or two: a text and its annotations.
 * @property {string[]} notes What the format cannot hold.
 *
 * @typedef {{text: string, offsets?: string, entities?: object[], relations?: object[], id?: string}} WritableDocument
 */

/**
 * Reads files. `sources` are the documents as the element's program takes them.
 *
 * @param {any} program
 * @param {Iterable<DocumentFile>} files
 * @param {string} [format]
 * @returns {Promise<ReadDocuments & {sources: string[]}>}
 */
export async function readFiles(program, files, format) {
  const all = [...files];
  const contents = await Promise.all(all.map(bytes));
  const { documents, problems, notes } = program.read(all.map(({ name }) => name), contents, format);
  return {
    documents: documents.map((/** @type {{json: string}} */ { json }) => identified(JSON.parse(json))),
    problems,
    notes,
    sources: documents.map((/** @type {{document: string}} */ { document }) => document),
  };
}

/**
 * Writes JSON of the format `json`.
 *
 * @param {any} program
 * @param {string} format
 * @param {string} json
 * @returns {WrittenDocument}
 */
export function writeFiles(program, format, json) {
  const { files, notes } = program.write(format, json);
  const file = (/** @type {{name: string, text: string}} */ { name, text }) => new File([text], name);
  return { files: files.map(file), notes };
}

/**
 * The JSON of a document, whose offsets are JavaScript's unless it says otherwise.
 *
 * @param {WritableDocument} document
 */
export const jsonOf = ({ id = "document", offsets = "utf16", ...rest }) => JSON.stringify({ id, offsets, entities: [], relations: [], ...rest });

/** @param {DocumentFile} file */
async function bytes(file) {
  const content = "arrayBuffer" in file ? await file.arrayBuffer() : file.bytes;
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}

/**
 * A document of the format `json` with identities in the place of indices, and nothing left to be understood.
 *
 * @param {any} document
 * @returns {FileDocument}
 */
function identified({ id, text, entities, relations, notes }) {
  const entity = (/** @type {number} */ index) => `e${index + 1}`;
  const standing = (/** @type {any} */ { score }) =>
    score === undefined ? { origin: "person", state: "accepted" } : { origin: "model", state: "suggested" };
  return {
    id,
    text,
    entities: entities.map((/** @type {any} */ { text: _, ...rest }, /** @type {number} */ index) => ({
      id: entity(index),
      ...standing(rest),
      ...rest,
    })),
    relations: relations.map((/** @type {any} */ relation, /** @type {number} */ index) => ({
      id: `r${index + 1}`,
      ...standing(relation),
      ...relation,
      head: entity(relation.head),
      tail: entity(relation.tail),
    })),
    ...(notes && { notes }),
  };
}
