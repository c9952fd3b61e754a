// What the browser tests stand on: a server for the built page, and Chromium.
//
//   import { startPage } from "./harness.js";
//
//   test("a sentence about the behaviour", async (t) => {
//     const { page, server } = await startPage(t);          // opened, and closed after the test
//     await page.getByTestId("text").click();
//     await page.keyboard.type("Mary Jones works for Acme Corp in Boston.");
//     assert.deepEqual(consoleErrors(page), []);
//     assert.deepEqual(foreignRequests(page), []);
//   });
//
// startPage(t, options)   A server of its own, a new browser context and the opened page: { page, server, context }.
//                         Options: `path` to open (default "/"), `server` (options of startServer), `context` (Playwright's
//                         options of newContext: colorScheme, viewport, reducedMotion ...), `open: false` to open it later.
// startServer(options)    Serves the built page (the folder in the environment variable SPANARC_DIST, else dist/) without
//                         any caching. Returns { origin, requests, replies, stop() }:
//                         `requests`  every request so far, { method, path };
//                         `replies`   path → what to answer instead of the file. Set entries at any time:
//                           replies.set("/models/news.safetensors", { status: 404 });
//                           replies.set(path, { alter: (bytes) => bytes.subarray(0, 1000) });   // truncated or altered
//                           replies.set(path, { body: "...", headers: {...}, delay: 500 });     // milliseconds
//                           replies.set(path, { destroy: true });                               // connection breaks
//                         Entries may be given at the start as well: startServer({ replies: { "/path": {...} } }).
//                         The option `headers` goes with every answer.
// openPage(context, url)  A page whose console errors and requests are recorded from its first moment.
// consoleErrors(page)     Texts of console errors and uncaught exceptions so far, those of its workers included.
// foreignRequests(page)   Addresses of requests to another origin so far, those of its workers included.
//
// Chromium is the program in the environment variable CHROME, else `chromium` on PATH. One browser serves a test file.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const DIST = process.env.SPANARC_DIST ?? fileURLToPath(new URL("../../dist/", import.meta.url));

const MIME_TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".safetensors": "application/octet-stream",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function startServer({ replies = {}, headers = {} } = {}) {
  const requests = [];
  const special = new Map(Object.entries(replies));
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    requests.push({ method: request.method, path });
    const reply = special.get(path) ?? {};
    if (reply.delay) await new Promise((resolve) => setTimeout(resolve, reply.delay));
    if (reply.destroy) return response.destroy();
    const file = path.endsWith("/") ? join(path, "index.html") : path;
    let status = reply.status ?? 200;
    let body = reply.body;
    if (body === undefined && status === 200) {
      try {
        body = await readFile(join(DIST, normalize(file)));
      } catch {
        status = 404;
      }
    }
    if (body !== undefined && reply.alter) body = reply.alter(Buffer.from(body));
    body ??= `${status}`;
    response.writeHead(status, {
      "cache-control": "no-store",
      "content-length": Buffer.byteLength(body),
      "content-type": status === 200 ? (MIME_TYPES[extname(file)] ?? "application/octet-stream") : "text/plain",
      ...headers,
      ...reply.headers,
    });
    response.end(request.method === "HEAD" ? undefined : body);
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    requests,
    replies: special,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let browser;

export async function startBrowser() {
  browser ??= chromium.launch({
    executablePath: process.env.CHROME ?? "/usr/bin/chromium",
    args: CHROMIUM_FLAGS,
  });
  return browser;
}

// Outside of tests (screenshots.js) whoever started the browser closes it.
if (process.argv[1].endsWith(".test.js")) after(async () => (await browser)?.close());

const records = new WeakMap();

export async function openPage(context, url) {
  const page = await context.newPage();
  await context.addInitScript(lookInside);
  const record = { errors: [], requests: [] };
  records.set(page, record);
  // Listened to on the context: the console and the requests of workers do not all reach the page.
  context.on("console", (message) => {
    if (message.type() === "error") record.errors.push(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => record.errors.push(String(error.error())));
  context.on("request", (request) => record.requests.push(request.url()));
  if (url !== undefined) await page.goto(url);
  return page;
}

/** In the page: `inside`, `insideAll` and `focused` find elements of the document and of the annotators' shadow roots. */
function lookInside() {
  const roots = (root) => [
    root,
    ...[...root.querySelectorAll("*")].flatMap((host) => (host.shadowRoot ? roots(host.shadowRoot) : [])),
  ];
  window.insideAll = (selector) => roots(document).flatMap((root) => [...root.querySelectorAll(selector)]);
  window.inside = (selector) => window.insideAll(selector)[0] ?? null;
  window.focused = () => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element;
  };
}

export const consoleErrors = (page) => [...records.get(page).errors];

export function foreignRequests(page) {
  const { origin } = new URL(page.url());
  return records.get(page).requests.filter((address) => {
    const url = new URL(address);
    return url.protocol.startsWith("http") && url.origin !== origin;
  });
}

export async function startPage(t, { path = "/", open = true, server: serverOptions, context: contextOptions } = {}) {
  const server = await startServer(serverOptions);
  t.after(() => server.stop());
  const context = await (await startBrowser()).newContext({ baseURL: server.origin, ...contextOptions });
  t.after(() => context.close());
  const page = await openPage(context, open ? server.origin + path : undefined);
  return { page, server, context };
}
