// Prints what a page that uses the package has to load, as a table in Markdown: node sizes.mjs FOLDER
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const [folder] = process.argv.slice(2);
const kilobytes = ({ length }) => `${(length / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} kB`;

console.log("| file | raw | gzip | brotli |\n| --- | ---: | ---: | ---: |");
for (const name of readdirSync(folder).filter((name) => /\.(js|wasm)$/.test(name)).sort()) {
  const bytes = readFileSync(join(folder, name));
  const sizes = [bytes, gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)].map(kilobytes);
  console.log(`| \`${name}\` | ${sizes.join(" | ")} |`);
}
