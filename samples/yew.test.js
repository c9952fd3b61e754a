// A Yew application with the annotator as a component.

import assert from "node:assert/strict";
import { test } from "node:test";
import { annotates, folder, open, run, serve, told } from "./support.js";

test("yew: what Trunk builds annotates what is typed", async (t) => {
  // For the page, Cargo has fetched everything, and compiled nearly everything in this profile.
  await run("trunk", ["build", "--offline", "true", "--cargo-profile", "page"], "yew", { NO_COLOR: undefined });
  const { page, errors } = await open(t, await serve(t, { "/": folder("yew/dist") }));
  await annotates(page.locator("body"), () => told(page));
  assert.deepEqual(errors, []);
});
