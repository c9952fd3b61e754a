// The program that reads and writes files of annotated documents, without an interface around it.

import { jsonOf, readFiles, writeFiles } from "./documents.js";
import { startProgram } from "./start_program.js";

/** @import { DocumentFile, ReadDocuments, WritableDocument, WrittenDocument } from "./documents.js" */
/** @typedef {() => Promise<import("./start_program.js").Wasm>} Source */

/** @type {Promise<any> | undefined} The program, of which there is one: whoever comes first says from where. */
let starting;

/** @param {Source} wasm */
function program(wasm) {
  starting ??= start(wasm).catch((error) => {
    starting = undefined;
    throw error;
  });
  return starting;
}

/** @param {Source} wasm */
async function start(wasm) {
  const loaded = await import("./formats.js");
  await startProgram(loaded.default, await wasm(), globalThis.document ?? new EventTarget());
  return loaded;
}

/**
 * @param {Source} wasm
 * @param {Iterable<DocumentFile>} files
 * @param {string} [format]
 * @returns {Promise<ReadDocuments>}
 */
export async function readHere(wasm, files, format) {
  const { sources: _, ...read } = await readFiles(await program(wasm), files, format);
  return read;
}

/**
 * @param {Source} wasm
 * @param {WritableDocument} document
 * @param {string} format
 * @returns {Promise<WrittenDocument>}
 */
export async function writeHere(wasm, document, format) {
  return writeFiles(await program(wasm), format, jsonOf(document));
}
