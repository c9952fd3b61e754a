import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const spanarc = dirname(fileURLToPath(import.meta.resolve("spanarc/package.json")));

rmSync("dist", { recursive: true, force: true });
cpSync("public", "dist", { recursive: true, dereference: true });
for (const name of ["program.js", "program.wasm", "formats.js", "formats.wasm", "worker.js", "worker.wasm"]) {
  cpSync(join(spanarc, name), join("dist/spanarc", name));
}
await build({ entryPoints: ["src/main.js"], outdir: "dist", bundle: true, format: "esm", minify: true });
