// A Yew application with the annotator as a component.

import assert from "node:assert/strict";
import { test } from "node:test";
import { annotates, folder, open, run, serve, told } from "./support.js";

test("yew: what Trunk builds annotates what is typed", async (t) => {
  // Cargo has fetched everything for the page.
  await run("trunk", ["build", "--offline", "true"], "yew", { NO_COLOR: undefined });
  const { page, errors } = await open(t, await serve(t, { "/": folder("yew/dist") }));
  await annotates(page.locator("body"), () => told(page));
  assert.deepEqual(errors, []);
});
