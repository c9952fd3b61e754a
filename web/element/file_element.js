// Files of annotated documents in <spanarc-annotator>.

import { CommandElement } from "./command_element.js";
import { readFiles, writeFiles } from "./documents.js";
import { formats } from "./program_loader.js";

/** @import { DocumentFile, ReadDocuments, WrittenDocument } from "./documents.js" */

/** An element that opens files of annotated documents, and writes its own as such. The program for that is loaded on first use. */
export class FileElement extends CommandElement {
  /** @protected @type {Promise<any>} */
  get ready() {
    throw new Error("the element says when its program is there");
  }

  /**
   * Reads files and opens the first document in them, as one step to undo. A text and its annotations belong together by their
   * names.
   *
   * @param {Iterable<DocumentFile>} files A `FileList` is one.
   * @param {{format?: string, open?: boolean}} [options] The name of the format; told by names and content unless given. With
   *   `open: false`, nothing is opened.
   * @returns {Promise<ReadDocuments>}
   */
  async importFiles(files, { format, open = true } = {}) {
    const core = await this.ready;
    const { sources, ...read } = await readFiles(await formats(), files, format);
    if (open && sources.length > 0) core.replace(sources[0]);
    return read;
  }

  /**
   * Writes text and annotations in a format: all that a person decided, and suggestions from the thresholds on.
   *
   * @param {string} format The format's name.
   * @param {{name?: string}} [options] What the document is called, and so its files.
   * @returns {Promise<WrittenDocument>}
   */
  async exportAs(format, { name = "annotations" } = {}) {
    const core = await this.ready;
    return writeFiles(await formats(), format, core.json(name));
  }
}
