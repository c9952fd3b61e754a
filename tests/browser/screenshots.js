// Takes the pictures of the README: the page as it starts, its example text annotated, in light and in dark.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openPage, startBrowser, startServer } from "./harness.js";

const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
await mkdir(folder, { recursive: true });

const server = await startServer();
const browser = await startBrowser();
try {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({
      colorScheme,
      deviceScaleFactor: 2,
      reducedMotion: "reduce",
      viewport: { width: 1200, height: 720 },
    });
    const page = await openPage(context, server.origin);
    await page.locator("[data-relation]").first().waitFor({ timeout: 60_000 });
    await annotationsToSettle(page);
    await page.screenshot({ path: `${folder}${colorScheme}.png` });
    await context.close();
    console.log(`docs/screenshots/${colorScheme}.png`);
  }
} finally {
  await browser.close();
  await server.stop();
}

/** Waits until the list of entities and relations has not changed for a second. */
async function annotationsToSettle(page) {
  const listed = () => page.locator("[data-entity], [data-relation]").count();
  for (let before = -1, now = await listed(); now !== before; now = await listed()) {
    before = now;
    await page.waitForTimeout(1000);
  }
}
