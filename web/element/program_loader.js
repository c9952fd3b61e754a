// Where the element's program lies, and how it is loaded: once, for all elements.

/**
 * @typedef {object} Configuration Where the element's program lies. Relative addresses count from the page.
 * @property {string | URL} [workerUrl] The worker's script, `worker.js`.
 * @property {string | URL} [wasmUrl] The worker's WebAssembly, `worker.wasm`.
 * @property {string | URL} [programUrl] The interface's script, `program.js`.
 * @property {string | URL} [programWasmUrl] The interface's WebAssembly, `program.wasm`.
 * @property {() => Promise<any>} [loadProgram] Loads the interface in place of the two addresses before.
 */

/** @type {Configuration} */
export const configuration = {};

/** @type {Promise<any> | undefined} */
let loading;

/**
 * Says where the element's program lies, for bundlers that do not find the files by themselves. Before the first element is
 * connected.
 *
 * @param {Configuration} where
 */
export function configure(where) {
  Object.assign(configuration, where);
}

/** @param {string | URL | undefined} address */
export const absolute = (address) => (address === undefined ? undefined : new URL(address, document.baseURI).href);

/** The program of the interface, loaded once for all elements. A failure is forgotten, so that the next element tries again. */
export function program() {
  loading ??= load().catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load() {
  if (configuration.loadProgram) return configuration.loadProgram();
  const url = absolute(configuration.programUrl);
  const wasm = absolute(configuration.programWasmUrl);
  if (!url || !wasm) throw new Error("spanarc: nobody has said where program.js and program.wasm are: see configure()");
  /** @type {SecurityPolicyViolationEvent[]} */
  const violations = [];
  const note = (/** @type {SecurityPolicyViolationEvent} */ event) => violations.push(event);
  document.addEventListener("securitypolicyviolation", note);
  try {
    const loaded = await import(/* @vite-ignore */ /* webpackIgnore: true */ url);
    await loaded.default({ module_or_path: wasm });
    return loaded;
  } catch (error) {
    // Violations are told in a task of their own.
    await new Promise((resolve) => setTimeout(resolve));
    throw new Error(explained(url, wasm, error, violations), { cause: error });
  } finally {
    document.removeEventListener("securitypolicyviolation", note);
  }
}

/**
 * @param {string} url
 * @param {string} wasm
 * @param {unknown} error
 * @param {SecurityPolicyViolationEvent[]} violations
 */
function explained(url, wasm, error, violations) {
  const message = error instanceof Error ? error.message : String(error);
  const ours = violations.find(({ blockedURI }) => [url, wasm].includes(blockedURI) || blockedURI.startsWith("wasm"));
  if (ours) {
    const allowed = ours.blockedURI.startsWith("wasm") ? "'wasm-unsafe-eval'" : new URL(ours.blockedURI).origin;
    const directive = ours.effectiveDirective.replace("script-src-elem", "script-src");
    return `The page's Content-Security-Policy does not allow the annotator's program: ${directive} lacks ${allowed}`;
  }
  return `The annotator's program at ${url} cannot be loaded: ${message}`;
}
