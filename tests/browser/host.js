// A page of somebody else's, with annotators in elements of its own.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DIST, startPage } from "./harness.js";

/** Opens a page with the given body, in which `mount(parent, text)` puts an annotator into an element and gives it back. The
 *  element is defined by then. The page's policy is the strictest that the annotator works under, and its style sets `css`. */
export async function startHost(t, body, { css = "", context } = {}) {
  const index = await readFile(join(DIST, "index.html"), "utf8");
  const [program, wasm] = ["data-program", "data-wasm"].map((name) => index.match(new RegExp(`${name}="([^"]+)"`))[1]);
  const policy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; connect-src 'self'; style-src 'self'";
  const script = `
    import { SpanarcAnnotator, configure } from "/element/annotator_element.js";
    configure({
      programUrl: "${program}",
      programWasmUrl: "${wasm}",
      workerUrl: "/worker_loader.js",
      wasmUrl: "/worker_bg.wasm",
    });
    customElements.define("spanarc-annotator", SpanarcAnnotator);
    window.mount = (parent, text) => {
      const annotator = document.createElement("spanarc-annotator");
      Object.assign(annotator, { model: "/models/news.safetensors", value: text });
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
