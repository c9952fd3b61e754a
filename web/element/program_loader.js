// Where the element's program lies, and how it is loaded: once, for all elements.

import { startProgram } from "./start_program.js";

/**
 * @typedef {object} Configuration Where the element's program lies. Relative addresses count from the page.
 * @property {string | URL} [workerUrl] The worker's script, `worker.js`.
 * @property {string | URL} [wasmUrl] The worker's WebAssembly, `worker.wasm`.
 * @property {string | URL} [programUrl] The interface's script, `program.js`.
 * @property {string | URL} [programWasmUrl] The interface's WebAssembly, `program.wasm`.
 * @property {string | URL} [formatsUrl] The script that reads and writes files, `formats.js`.
 * @property {string | URL} [formatsWasmUrl] Its WebAssembly, `formats.wasm`.
 * @property {() => Promise<any>} [loadProgram] Loads the interface in place of its two addresses.
 */

/** @type {Configuration} */
export const configuration = {};

/**
 * Says where the element's program lies, for bundlers that do not find the files by themselves. Before the first element is
 * connected.
 *
 * @param {Configuration} where
 */
export function configure(where) {
  const said = Object.entries(where).filter(([, address]) => address !== undefined);
  Object.assign(configuration, Object.fromEntries(said));
}

/** @param {string | URL | undefined} address */
export const absolute = (address) => (address === undefined ? undefined : new URL(address, document.baseURI).href);

/** The program of the interface, loaded once for all elements. A failure is forgotten, so that the next element tries again. */
export const program = once(async () => {
  // A module that imports the element runs first, and may say where the program is.
  await null;
  if (configuration.loadProgram) return configuration.loadProgram();
  return load(configuration.programUrl, configuration.programWasmUrl, "program.js and program.wasm");
});

/** The program that reads and writes files of annotated documents. */
export const formats = once(() => load(configuration.formatsUrl, configuration.formatsWasmUrl, "formats.js and formats.wasm"));

/**
 * @param {() => Promise<any>} load
 * @returns {() => Promise<any>}
 */
function once(load) {
  /** @type {Promise<any> | undefined} */
  let loading;
  return () =>
    (loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    }));
}

/**
 * @param {string | URL | undefined} script
 * @param {string | URL | undefined} program
 * @param {string} files
 */
async function load(script, program, files) {
  const [url, wasm] = [absolute(script), absolute(program)];
  if (!url || !wasm) throw new Error(`Nobody has said where the annotator's ${files} are: see configure()`);
  const loaded = await import(/* @vite-ignore */ /* webpackIgnore: true */ url);
  await startProgram(loaded.default, wasm, document);
  return loaded;
}
