// Annotators under a page's Content-Security-Policy: what they need of it, and what they say when they lack it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes } from "./annotations.js";
import { consoleErrors, startServer } from "./harness.js";
import { startHost } from "./host.js";

const SENTENCE = "Mary Jones works for Acme Corp in Boston.";

const policy = (changes) => {
  const directives = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self'",
    "connect-src": "'self'",
    "style-src": "'self'",
    ...changes,
  };
  return Object.entries(directives).map((line) => line.join(" ")).join("; ");
};

const mount = (page) => page.evaluate((text) => void mount(document.getElementById("a"), text), SENTENCE);
const marks = (page) => page.locator(".mark").count();

test("a worker that the policy forbids is told at once, with the directive and the address", async (t) => {
  const { page, server } = await startHost(t, `<div id="a"></div>`, { policy: policy({ "worker-src": "'none'" }) });
  await mount(page);
  const alert = page.getByRole("alert");
  await alert.waitFor();
  const script = `${server.origin}/element/worker_start.js`;
  assert.ok((await alert.textContent()).includes(`${script} cannot be started: the Content-Security-Policy lacks worker-src ${script}`));
  // One try: another would not do better.
  assert.equal(consoleErrors(page).filter((line) => line.includes("worker-src")).length, 1);
  await page.getByRole("button", { name: "Retry" }).click();
  await becomes(() => consoleErrors(page).filter((line) => line.includes("worker-src")).length, 2);
});

test("a worker's files and the model may come from another origin", async (t) => {
  const elsewhere = await startElsewhere(t);
  const sources = { "script-src": `'self' 'wasm-unsafe-eval' ${elsewhere.origin}`, "worker-src": "blob:" };
  const { page } = await startHost(t, `<div id="a"></div>`, {
    policy: policy({ ...sources, "connect-src": `'self' ${elsewhere.origin}` }),
    elsewhere: elsewhere.origin,
  });
  await mount(page);
  await becomes(() => marks(page), 3, 60_000);
  assert.deepEqual(consoleErrors(page), []);
});

const lacking = {
  "script-src": ["'self' 'wasm-unsafe-eval'", (origin) => `lacks script-src-elem ${origin}/element/worker_start.js`],
  "worker-src": ["'self'", () => "lacks worker-src blob:"],
  "connect-src": ["'self'", (origin) => `lacks connect-src ${origin}/worker_bg.wasm`],
};
for (const [directive, [sources, expected]] of Object.entries(lacking)) {
  test(`a policy without another origin's files in ${directive} is told with the directive`, async (t) => {
    const elsewhere = await startElsewhere(t);
    const { origin } = elsewhere;
    const enough = { "script-src": `'self' 'wasm-unsafe-eval' ${origin}`, "worker-src": "blob:", "connect-src": `'self' ${origin}` };
    const { page } = await startHost(t, `<div id="a"></div>`, {
      policy: policy({ ...enough, [directive]: sources }),
      elsewhere: origin,
    });
    await mount(page);
    const alert = page.getByRole("alert");
    await alert.waitFor();
    assert.ok((await alert.textContent()).includes(expected(origin)), await alert.textContent());
  });
}

test("a page that demands Trusted Types allows the annotator by the name of its policy", async (t) => {
  const demand = { "require-trusted-types-for": "'script'", "trusted-types": "spanarc" };
  const { page } = await startHost(t, `<div id="a"></div>`, { policy: policy(demand) });
  await mount(page);
  await becomes(() => marks(page), 3, 60_000);
  assert.deepEqual(consoleErrors(page), []);
});

test("a page that demands Trusted Types and forbids the annotator's is told its name", async (t) => {
  const demand = { "require-trusted-types-for": "'script'", "trusted-types": "other" };
  const { page } = await startHost(t, `<div id="a"></div>`, { policy: policy(demand) });
  await mount(page);
  const alert = page.getByRole("alert");
  await alert.waitFor();
  assert.ok((await alert.textContent()).includes("lacks trusted-types spanarc"));
});

/** A server of the page's files that lets other origins have them. */
async function startElsewhere(t) {
  const server = await startServer({ headers: { "access-control-allow-origin": "*" } });
  t.after(() => server.stop());
  return server;
}
