// Where the time of a sentence goes, by Chromium's sampling profiler: `cargo xtask bench profile`.
//
// The engine runs on the page's own thread, which the profiler can see; the program is the worker's, with the names of its
// functions kept. Writes profile.json into the folder of the inputs.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startBrowser, startServer } from "../../tests/browser/harness.js";
import { FOLDER, json, machine, ours } from "./files.js";

const WARM_UP = 15;
const WORDS = 32;

/** Milliseconds that samples fell into each function itself. */
function ownTimes({ nodes, samples, timeDeltas }) {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => {
      const isProgram = url.startsWith("wasm") || url.includes(".wasm");
      const script = isProgram || !url ? "" : ` (${url.split("/").pop() || "page"})`;
      return [id, (functionName || "(anonymous)") + script];
    }),
  );
  const times = {};
  samples.forEach((id, i) => (times[names.get(id)] = (times[names.get(id)] ?? 0) + timeDeltas[i] / 1000));
  return times;
}

const named = { "/worker_bg.wasm": { body: await readFile(join(FOLDER, "named/worker_bg.wasm")) } };
const script = { "/worker.js": { body: await readFile(join(FOLDER, "named/worker.js")) } };
const server = await startServer({ replies: { ...(await ours()), ...named, ...script } });
const browser = await startBrowser();
try {
  const { sentences } = await json("sentences.json");
  const some = sentences.find(([first]) => first.words === WORDS);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${server.origin}/bench/`);
  await page.evaluate(async () => (window.engine = await (await import("/bench/engines.js")).spanarc(false)));
  const run = (list) =>
    page.evaluate(async (list) => {
      for (const sentence of list) await window.engine(sentence);
    }, list);
  await run(some.slice(0, WARM_UP));
  const profiler = await context.newCDPSession(page);
  await profiler.send("Profiler.enable");
  await profiler.send("Profiler.setSamplingInterval", { interval: 100 });
  await profiler.send("Profiler.start");
  await run(some.slice(WARM_UP));
  const { profile } = await profiler.send("Profiler.stop");
  const measured = {
    machine: machine([`Chromium ${browser.version()}`]),
    sentences: some.length - WARM_UP,
    words: WORDS,
    functions: ownTimes(profile),
  };
  await writeFile(join(FOLDER, "profile.json"), JSON.stringify(measured));
} finally {
  await browser.close();
  await server.stop();
}
