// A static page under a strict policy, with all files from another origin.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MODELS, PACKAGE, SENTENCE, annotates, folder, open, serve } from "./support.js";

const POLICY =
  "default-src 'none'; script-src 'self' ORIGIN 'wasm-unsafe-eval'; worker-src blob: ORIGIN; connect-src ORIGIN; " +
  "style-src 'self' ORIGIN; font-src ORIGIN; img-src data: ORIGIN";
/** The address of the files in the sample's page. */
const WRITTEN = "http://localhost:8001";
const CORS = { "access-control-allow-origin": "*" };

/** The sample as a page of one origin, with package and model at another one. */
async function pageOf(t, { alter = (html) => html, ...options } = {}) {
  const files = await serve(t, { "/spanarc/": PACKAGE, "/": MODELS }, { headers: CORS });
  const page = await serve(t, { "/": folder("plain") }, {
    alter: (html) => alter(html).replaceAll(WRITTEN, files),
    ...options,
  });
  return { files, page };
}

const annotatesIn = (place, id) =>
  annotates(place.locator(`#${id}`), () => place.locator(`output[for=${id}]`).textContent());

/** Waits until an annotator shows that something is wrong. */
async function says(annotator, message) {
  const alert = annotator.getByRole("alert");
  await alert.waitFor();
  assert.match(await alert.textContent(), message);
}

test("plain: two annotators of another origin's package work under the strictest policy", async (t) => {
  const { files, page: url } = await pageOf(t);
  const { page, errors } = await open(t, url);
  const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  assert.equal(policy.replaceAll(files, "ORIGIN"), POLICY);
  await annotatesIn(page, "first");
  await annotatesIn(page, "second");
  const text = (id) => page.locator(`#${id}`).evaluate(({ value }) => value);
  assert.deepEqual([await text("first"), await text("second")], [SENTENCE, SENTENCE]);
  assert.deepEqual(errors, []);
});

const LACKING = [
  ["worker-src", /worker-src blob: [^;]+; /, "", () => /worker-src.*blob:/],
  ["blob: in worker-src", "worker-src blob:", "worker-src", () => /worker-src.*blob:/],
  ["connect-src", /connect-src [^;]+; /, "", (files) => new RegExp(`connect-src.*${files}`)],
  ["'wasm-unsafe-eval'", " 'wasm-unsafe-eval'", "", () => /script-src.*'wasm-unsafe-eval'/],
];
for (const [missing, directive, instead, message] of LACKING) {
  test(`plain: without ${missing} in the policy the annotators say what is missing`, async (t) => {
    const { files, page: url } = await pageOf(t, { alter: (html) => html.replace(directive, instead) });
    const { page } = await open(t, url);
    for (const id of ["first", "second"]) await says(page.locator(`#${id}`), message(files));
  });
}

test("plain: without the files' origin in script-src the annotators say what is missing", {
  skip: "there is no annotator then: it would come from there",
});

/** Options of a server whose pages allow only this Trusted Types policy. */
const trusting = (name) => ({
  headers: { "content-security-policy": `require-trusted-types-for 'script'; trusted-types ${name}` },
});

test("plain: a page that demands Trusted Types need only allow the policy `spanarc`", async (t) => {
  const { page: url } = await pageOf(t, trusting("spanarc"));
  const { page, errors } = await open(t, url);
  await annotatesIn(page, "first");
  assert.deepEqual(errors, []);
});

test("plain: a page that demands Trusted Types without the policy `spanarc` is told its name", async (t) => {
  const { page: url } = await pageOf(t, trusting("other"));
  const { page } = await open(t, url);
  await says(page.locator("#first"), /trusted-types spanarc/);
});

for (const from of ["another origin", "the page's server"]) {
  test(`plain: a frame without an origin and without storage annotates with a package from ${from}`, async (t) => {
    const files = { "/spanarc/": PACKAGE, "/news.safetensors": `${MODELS}/news.safetensors` };
    const place = from === "another origin" ? await serve(t, files, { headers: CORS }) : "";
    const frames = await serve(t, { ...files, "/": folder("plain") }, {
      // To a frame without an origin, its own server is another one, too.
      headers: CORS,
      // Its policy knows neither place.
      alter: (html) => html.replace(/<meta\s+http-equiv[^>]*>/, "").replaceAll(WRITTEN, place),
    });
    const { page, errors } = await open(t, `${frames}/style.css`);
    await page.setContent(`<iframe sandbox="allow-scripts" src="${frames}/index.html"></iframe>`);
    const frame = page.frameLocator("iframe");
    await annotatesIn(frame, "first");
    assert.equal(await frame.locator("body").evaluate(() => origin), "null");
    assert.deepEqual(errors, []);
  });
}
