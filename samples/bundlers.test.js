// What bundlers make of the package, in the applications of frameworks.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { annotates, becomes, build, folder, open, opens, serve, start, told } from "./support.js";

/** What is found in the terms of the samples' own schema. */
const IN_WORDS = "Mary Jones: Person, Acme Corp: Organization, Boston: Place";

const SAMPLES = {
  esbuild: undefined,
  webpack: undefined,
  "vite-react": IN_WORDS,
  "vite-svelte": IN_WORDS,
  "vite-vue": IN_WORDS,
};

for (const [sample, found] of Object.entries(SAMPLES)) {
  test(`${sample}: what it builds annotates what is typed and opens a file`, async (t) => {
    const { page, errors } = await open(t, await serve(t, { "/": await build(sample) }));
    await annotates(page.locator("body"), () => told(page), found);
    await opens(page);
    assert.deepEqual(errors, []);
  });
}

test("vite-react: its development server annotates what is typed and opens a file", async (t) => {
  const vite = folder("node_modules/vite/bin/vite.js");
  const server = start("node", [vite, "--port", "0"], "vite-react", { NO_COLOR: "1" });
  const closed = once(server.child, "close");
  t.after(() => server.child.kill() && closed);
  let url;
  const read = async () => (url = server.output.match(/http:\/\/localhost:\d+/)?.[0]) !== undefined;
  await becomes(read, true);
  const { page, errors } = await open(t, url);
  await annotates(page.locator("body"), () => told(page), IN_WORDS);
  await opens(page);
  assert.deepEqual(errors, []);
});
