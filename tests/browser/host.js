// A page of somebody else's, with annotators in elements of its own.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DIST, startPage } from "./harness.js";

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'";

/** Opens a page with the given body, in which `mount(parent, text)` puts an annotator into an element and gives it back. The
 *  element is defined by then. The page's policy is the strictest that the annotator works under, unless told otherwise, and its
 *  style sets `css`. The files of the worker and of the model come from `elsewhere`, an origin, if it is given. */
export async function startHost(t, body, { css = "", context, policy = POLICY, elsewhere = "" } = {}) {
  const index = await readFile(join(DIST, "index.html"), "utf8");
  const [program, wasm] = ["data-program", "data-wasm"].map((name) => index.match(new RegExp(`${name}="([^"]+)"`))[1]);
  const script = `
    import { SpanarcAnnotator, configure } from "/element/annotator_element.js";
    configure({
      programUrl: "${program}",
      programWasmUrl: "${wasm}",
      workerUrl: "${elsewhere}/element/worker_start.js",
      wasmUrl: "${elsewhere}/worker_bg.wasm",
      formatsUrl: "/formats.js",
      formatsWasmUrl: "/formats_bg.wasm",
    });
    customElements.define("spanarc-annotator", SpanarcAnnotator);
    window.mount = (parent, text) => {
      const annotator = document.createElement("spanarc-annotator");
      Object.assign(annotator, { model: "${elsewhere}/models/news.safetensors", value: text });
      parent.append(annotator);
      return annotator;
    };
  `;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <link rel="stylesheet" href="/host.css"><script type="module" src="/host.js"></script>
    </head><body>${body}</body></html>`;
  const replies = {
    "/host.html": { body: html, headers: { "content-type": "text/html; charset=utf-8" } },
    "/host.js": { body: script, headers: { "content-type": "text/javascript" } },
    "/host.css": { body: css, headers: { "content-type": "text/css" } },
  };
  const started = await startPage(t, { path: "/host.html", server: { replies }, context });
  await started.page.waitForFunction(() => window.mount);
  return started;
}
