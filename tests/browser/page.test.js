import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleErrors, foreignRequests, startPage } from "./harness.js";

test("the page opens without errors and asks only its own origin", async (t) => {
  const { page } = await startPage(t);
  await page.getByTestId("text").waitFor({ state: "attached" });
  assert.match(await page.title(), /Spanarc/);
  assert.deepEqual(consoleErrors(page), []);
  assert.deepEqual(foreignRequests(page), []);
});

test("a path without a file is answered with 404", async (t) => {
  const { server } = await startPage(t);
  assert.equal((await fetch(`${server.origin}/models/absent.safetensors`)).status, 404);
});
