// Puts the annotator's worker beside the page that Trunk builds.

import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

for (const name of ["worker.js", "worker.wasm"]) {
  copyFileSync(fileURLToPath(import.meta.resolve(`spanarc/${name}`)), join(process.env.TRUNK_STAGING_DIR, name));
}
