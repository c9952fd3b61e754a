// The annotator in Firefox, where there is one.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { FOUND, PATIENCE, SENTENCE, becomes, build, serve, told } from "./support.js";

const firefox = ["firefox-esr", "firefox"].find((name) => spawnSync(name, ["--version"]).status === 0);

test("Firefox annotates what is typed", { skip: !firefox && "there is no Firefox on PATH" }, async (t) => {
  const url = await serve(t, { "/": await build("esbuild") });
  const { default: puppeteer } = await import("puppeteer-core");
  const executablePath = spawnSync("which", [firefox]).stdout.toString().trim();
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, protocol: "webDriverBiDi" });
  t.after(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(url);
  await page.waitForFunction(() => document.querySelector("spanarc-annotator")?.shadowRoot?.querySelector("textarea"));
  await page.click("spanarc-annotator >>> textarea");
  await page.keyboard.type(SENTENCE);
  await becomes(() => told(page), FOUND);
  assert.deepEqual(errors, []);
});
