// Makes the npm package: node pack.mjs PAGE VERSION LICENCES OUT
//   PAGE      folder of the page that Trunk built, for the three programs and their glue
//   LICENCES  file with the licences of what is compiled into them
//   OUT       folder for package/ and spanarc-VERSION.tgz; both are the same, byte by byte, for the same sources
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [page, version, licences, out] = process.argv.slice(2);
const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const elements = join(root, "web/element");
const folder = join(out, "package");
// What the package's readers import, without the files that these import.
const entries = ["index.js", "node.js", "element.js"];

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
copy(join(root, "LICENSE-APACHE"), "LICENSE-APACHE");
copy(join(root, "LICENSE-MIT"), "LICENSE-MIT");
copy(licences, "THIRD-PARTY-LICENSES.txt");
copy(join(here, "README.md"), "README.md");
for (const name of readdirSync(elements).filter((name) => name.endsWith(".js") && name !== "worker_start.js")) {
  copy(join(elements, name), name);
}
copy(join(root, "crates/protocol/messages.d.ts"), "messages.d.ts");
copy(join(here, "element_types.d.ts"), "element_types.d.ts");
const program = built(/^spanarc-web-[0-9a-f]+\.js$/);
copy(program.replace(/\.js$/, "_bg.wasm"), "program.wasm");
copy(join(page, "worker_bg.wasm"), "worker.wasm");
write("program.js", withoutAddress(program));
copy(join(page, "formats_bg.wasm"), "formats.wasm");
write("formats.js", withoutAddress(join(page, "formats.js")));
write("worker_program.js", withoutAddress(join(page, "worker.js")));
await bundleWorker();
describeTypes();
tool("cem", ["analyze", "--quiet", "--globs", "*element.js"], folder);
write("package.json", manifest());
// npm keeps the modes of files, and these depend on the user's umask.
for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
run("npm", ["pack", folder, "--pack-destination", out, "--ignore-scripts", "--silent"]);

function copy(from, name) {
  copyFileSync(from, join(folder, name));
}

function write(name, text) {
  writeFileSync(join(folder, name), text);
}

/** The one file of the page that has such a name. */
function built(pattern) {
  const found = readdirSync(page).filter((name) => pattern.test(name));
  if (found.length !== 1) throw new Error(`${page} holds ${found.length} files like ${pattern}`);
  return join(page, found[0]);
}

/**
 * wasm-bindgen's glue without the address at which it looks for its program when it is told none: bundlers see such an
 * address and look for the file, which is called otherwise here. The sources in web/element always tell one.
 */
function withoutAddress(file) {
  const glue = readFileSync(file, "utf8");
  const address = /module_or_path = new URL\('[^']*', import\.meta\.url\);/;
  const text = glue.replace(address, 'throw new TypeError("the address of the WebAssembly program is missing");');
  if (text === glue || text.includes("import.meta")) throw new Error(`${file}: not the glue that is known here`);
  // Generated, so that its types are not for us to check.
  return `// @ts-nocheck\n${text}`;
}

/** worker.js: one file that imports nothing, so that it can be started from wherever it lies. */
async function bundleWorker() {
  const { metafile } = await build({
    entryPoints: [join(elements, "worker_start.js")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    // Bundlers take the file as it is. This also leaves out comments with paths.
    minify: true,
    metafile: true,
    plugins: [
      {
        name: "glue",
        setup({ onResolve }) {
          onResolve({ filter: /^\.\.\/worker\.js$/ }, () => ({ path: join(folder, "worker_program.js") }));
        },
      },
    ],
  });
  for (const { imports } of Object.values(metafile.outputs)) {
    if (imports.length > 0) throw new Error(`worker.js still imports ${imports.map(({ path }) => path).join(", ")}`);
  }
}

/** Checks the sources against their JSDoc and writes the declarations that follow from it. */
function describeTypes() {
  const settings = {
    compilerOptions: {
      allowJs: true,
      checkJs: true,
      strict: true,
      declaration: true,
      emitDeclarationOnly: true,
      target: "es2022",
      module: "nodenext",
      lib: ["es2023", "dom", "dom.iterable"],
      types: ["node"],
      typeRoots: [join(here, "node_modules/@types")],
    },
    files: entries,
  };
  const file = join(folder, "tsconfig.json");
  writeFileSync(file, JSON.stringify(settings));
  // Without it the sources would count as scripts of CommonJS.
  write("package.json", manifest());
  tool("tsc", ["--project", file]);
  rmSync(file);
}

/** package.json with the version of the workspace, and without the tools that make the package. */
function manifest() {
  const { name, devDependencies, ...rest } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
  return `${JSON.stringify({ name, version, ...rest }, null, 2)}\n`;
}

function tool(name, words, cwd = here) {
  run(join(here, "node_modules/.bin", name), words, cwd);
}

function run(program, words, cwd = here) {
  const { status, error } = spawnSync(program, words, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  console.error(`${program} failed${error ? `: ${error.message}` : ""}`);
  process.exit(1);
}
