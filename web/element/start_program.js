// Starting a program of wasm-bindgen's, with errors that say what to do about them.

/** @typedef {string | BufferSource | WebAssembly.Module} Wasm The address of a WebAssembly program, or the program itself. */

/**
 * Starts a program: `init` is what its glue exports by default.
 * @param {(options: { module_or_path: any }) => Promise<unknown>} init
 * @param {Wasm} wasm
 * @param {EventTarget} place  Where violations of the Content-Security-Policy are reported.
 */
export async function startProgram(init, wasm, place) {
  /** @type {SecurityPolicyViolationEvent | undefined} */
  let violation;
  const note = (/** @type {Event} */ event) => {
    const noted = /** @type {SecurityPolicyViolationEvent} */ (event);
    if (concerns(noted, /^(connect|script|default)-src/, wasm)) violation ??= noted;
  };
  place.addEventListener("securitypolicyviolation", note);
  try {
    await init({ module_or_path: typeof wasm === "string" ? await download(wasm) : wasm });
  } catch (error) {
    // The report of a violation comes after the error that it causes.
    await new Promise((resolve) => setTimeout(resolve));
    const reason = violation ? forbidden(violation) : explained(error);
    const where = typeof wasm === "string" ? ` at ${wasm}` : "";
    throw new Error(`The annotator's program${where} cannot be started: ${reason}`, { cause: error });
  } finally {
    place.removeEventListener("securitypolicyviolation", note);
  }
}

/** @param {string} url */
async function download(url) {
  const response = await fetch(url);
  if (response.ok) return response;
  // What nobody reads holds a connection.
  response.body?.cancel();
  throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
}

/** @param {any} error */
function explained(error) {
  // Not every browser reports the violation as an event.
  const isForbidden = error?.name === "CompileError" && /\bCSP\b|content.security|unsafe-eval/i.test(error.message);
  return isForbidden ? MISSING_WASM : (error?.message ?? String(error));
}

const MISSING_WASM = "the Content-Security-Policy lacks script-src 'wasm-unsafe-eval'";

/**
 * Why the Content-Security-Policy forbids something, with the directive that would allow it.
 * @param {SecurityPolicyViolationEvent} violation
 */
export function forbidden({ effectiveDirective, blockedURI }) {
  if (blockedURI === "wasm-eval") return MISSING_WASM;
  // The policy speaks of a scheme, not of an address.
  const blocked = blockedURI === "blob" || blockedURI === "data" ? `${blockedURI}:` : blockedURI;
  return `the Content-Security-Policy lacks ${effectiveDirective} ${blocked}`;
}

/**
 * Whether it is by one of these directives that the policy forbids this address, or any WebAssembly. Reports leave out what
 * may be secret: a fragment, all but the origin of what was redirected, all but the scheme of a blob.
 * @param {SecurityPolicyViolationEvent} violation
 * @param {RegExp} directives
 * @param {unknown} address
 */
export function concerns({ blockedURI, effectiveDirective, disposition }, directives, address) {
  if (disposition !== "enforce" || !directives.test(effectiveDirective)) return false;
  if (blockedURI === "wasm-eval") return true;
  if (typeof address !== "string") return false;
  const { href, origin, protocol } = new URL(address);
  return [href.replace(/#.*/, ""), protocol === "blob:" ? "blob" : origin].includes(blockedURI);
}
