// Times our engine and its rivals by turns in one browser, then keys in documents: `cargo xtask bench browser`.
//
// Writes browser.json into the folder of the inputs; crates/bench makes the report of it.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startBrowser, startServer } from "../../tests/browser/harness.js";
import { everything, FOLDER, json, machine } from "./files.js";
import { typing } from "./typing.js";

/** Sentences of each length before the clock counts: WebAssembly is compiled twice, the second time while it runs. */
const WARM_UP = 10;
const ROUNDS = Number(process.env.SPANARC_BENCH_ROUNDS ?? 40);

/** In the page. */
async function start() {
  const { peak, rival, spanarc } = await import("/bench/engines.js");
  const onnx = (model) => rival("/bench/ort_worker.js", { model });
  window.peak = peak;
  window.engines = {
    spanarc: await spanarc(),
    network: await onnx("network"),
    encoder6: await onnx("encoder6"),
    encoder4: await onnx("encoder4"),
    candle_q8: await rival("/bench/candle_worker.js", { layers: 4 }),
  };
  return Object.keys(window.engines);
}

const server = await startServer({ replies: await everything() });
const browser = await startBrowser();
try {
  const { sentences, documents } = await json("sentences.json");
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${server.origin}/bench/`);
  const names = await page.evaluate(start);
  const times = Object.fromEntries(names.map((name) => [name, sentences.map(() => [])]));
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const [length, some] of sentences.entries()) {
      // Nobody is always the first after another: each finds the caches as each other leaves them.
      for (let turn = 0; turn < names.length; turn++) {
        const name = names[(turn + round) % names.length];
        const time = await page.evaluate(([name, sentence]) => window.engines[name](sentence), [name, some[round]]);
        if (round >= WARM_UP) times[name][length].push(time);
      }
    }
    if (round % 10 === 9) console.error(`${round + 1} of ${WARM_UP + ROUNDS} rounds`);
  }
  const peak = await page.evaluate(() => window.peak());
  await page.close();
  const measured = {
    machine: machine([`Chromium ${browser.version()}`, "onnxruntime-web 1.30.0"]),
    facts: await json("onnx/facts.json"),
    times,
    warm_up: WARM_UP,
    peak,
    typing: await typing(browser, server, documents),
  };
  await writeFile(join(FOLDER, "browser.json"), JSON.stringify(measured));
} finally {
  await browser.close();
  await server.stop();
}
