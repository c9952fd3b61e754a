// For the tests of the samples: their builds, servers, and a browser.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** How long a page may take for anything, in milliseconds. */
export const PATIENCE = 30_000;

export const SENTENCE = "Mary Jones works for Acme Corp in Boston.";

/** What the news model finds in it. */
export const FOUND = "Mary Jones: Peop, Acme Corp: Org, Boston: Loc";

/** The package, unpacked. */
export const PACKAGE = process.env.SPANARC_PACKAGE ?? folder("node_modules/spanarc");

export const MODELS = folder("../web/models");

const MIME_TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** A folder or file of the samples. */
export function folder(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Starts a program in a sample's folder; its output is shown only where it fails. */
export function start(program, words, sample, env = {}) {
  const cwd = folder(sample);
  const child = spawn(program, words, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const started = { child, output: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (started.output += data));
  return started;
}

export async function run(program, words, sample, env) {
  const started = start(program, words, sample, env);
  const [status] = await once(started.child, "close");
  assert.equal(status, 0, `${program} ${words.join(" ")} in ${sample}:\n${started.output}`);
}

/** Builds a sample for production, and gives the folder that a server would serve. */
export async function build(sample) {
  await run("npm", ["run", "build"], sample);
  return folder(`${sample}/dist`);
}

/**
 * Serves folders at an origin of their own.
 *
 * @param {import("node:test").TestContext} t
 * @param {Record<string, string>} folders By the path that they are served at, such as "/" or "/spanarc/".
 * @param {object} [options]
 * @param {object} [options.headers] Of all answers.
 * @param {(html: string) => string} [options.alter] Changes pages.
 */
export async function serve(t, folders, { headers = {}, alter = (text) => text } = {}) {
  const places = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    const place = places.find((place) => path.startsWith(place));
    try {
      if (place === undefined) throw new Error(`nothing is served at ${path}`);
      let body = await readFile(join(folders[place], normalize(path.slice(place.length))));
      if (extname(path) === ".html") body = Buffer.from(alter(body.toString()));
      const type = MIME_TYPES[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "content-length": body.length, ...headers });
      response.end(body);
    } catch {
      response.writeHead(404, { "content-type": "text/plain" }).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://localhost:${server.address().port}`;
}

let browser;
after(async () => (await browser)?.close());

/** Opens a page. `errors` has what its console and those of its workers complain of. */
export async function open(t, url) {
  browser ??= chromium.launch({ executablePath: process.env.CHROME ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const context = await (await browser).newContext();
  t.after(() => context.close());
  context.setDefaultTimeout(PATIENCE);
  const errors = [];
  context.on("console", (message) => {
    // Browsers ask every server for an icon.
    const isIcon = message.location().url.endsWith("/favicon.ico");
    if (message.type() === "error" && !isIcon) errors.push(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => errors.push(String(error.error())));
  const page = await context.newPage();
  await page.goto(url);
  return { page, errors };
}

/** Waits until `read` gives what is expected, and fails with what it gives otherwise. */
export async function becomes(read, expected) {
  const until = Date.now() + PATIENCE;
  let last;
  do {
    last = await read().catch((error) => error);
    if (last === expected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (Date.now() < until);
  assert.equal(last, expected);
}

/** Types into an annotator. */
export async function type(annotator, text = SENTENCE) {
  await annotator.locator("textarea").click();
  await annotator.page().keyboard.type(text);
}

/** What a page itself tells, not an annotator inside of it. */
export const told = (page) => page.evaluate(() => document.querySelector("output").textContent);

/** Types the sentence into an annotator, and waits until `told` gives what is found. */
export async function annotates(annotator, told, found = FOUND) {
  await type(annotator);
  // A failure should say why.
  const alerts = async () => (await annotator.getByRole("alert").allTextContents()).join();
  await becomes(async () => (await told()) || (await alerts()), found);
}

/** Opens a file of annotations in the annotator, which loads the program for that. */
export async function opens(page) {
  const text = "Bo Lee left.";
  const file = JSON.stringify({ text, entities: [{ type: "Peop", start: 0, end: 6 }], relations: [] });
  await page.getByTestId("files").setInputFiles({ name: "a.jsonl", mimeType: "application/json", buffer: Buffer.from(file) });
  await becomes(() => page.getByTestId("text").inputValue(), text);
}
