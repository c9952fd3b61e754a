// Lets Recogito's adapter of W3C annotations read and write: `node check.mjs read|write FOLDER`. A document is two files, `.txt`
// and `.jsonld`. Recogito has no relations: those of a file are passed by when it reads, and made by hand when it writes.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { JSDOM } from "jsdom";

const dom = new JSDOM("<!doctype html><body></body>");
for (const name of ["window", "document", "Node", "Element", "HTMLElement", "Range", "ResizeObserver", "MutationObserver"]) {
  globalThis[name] ??= name === "window" ? dom.window : dom.window[name];
}
const { W3CTextFormat } = await import("@recogito/text-annotator");

const isLink = (annotation) => annotation.motivation === "linking";
const tag = (bodies) => bodies.find((body) => body.purpose === "tagging").value;

/** A position in code points. */
const codePoints = (text, position) => [...text.slice(0, position)].length;

const sorted = (items) => items.sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
const compare = (a, b) => (a < b ? -1 : Number(a > b));

function read(folder) {
  const texts = readdirSync(folder).filter((name) => name.endsWith(".txt"));
  return texts.sort().map((file) => {
    const text = readFileSync(join(folder, file), "utf-8");
    const page = JSON.parse(readFileSync(join(folder, file.replace(/txt$/, "jsonld")), "utf-8"));
    const format = W3CTextFormat(file);
    const mentions = new Map();
    for (const annotation of page.items.filter((item) => !isLink(item))) {
      const { parsed, error } = format.parse(annotation);
      if (error) throw error;
      const pieces = parsed.target.selector.map(({ quote, start, end }) => {
        if (text.slice(start, end) !== quote) throw Error(`${file}: ${quote} is not at ${start}..${end}`);
        return [codePoints(text, start), codePoints(text, end)];
      });
      mentions.set(parsed.id, [pieces, tag(parsed.bodies)]);
    }
    const relations = page.items
      .filter(isLink)
      .map(({ body, target }) => [tag(body), ...target.map(({ id }) => mentions.get(id))]);
    return { file, text, mentions: sorted([...mentions.values()]), relations: sorted(relations) };
  });
}

function write(folder) {
  mkdirSync(folder, { recursive: true });
  const script = "import json, documents; print(json.dumps(documents.DOCUMENTS))";
  const python = execFileSync("python3", ["-c", script], { cwd: join(import.meta.dirname, "..") });
  return JSON.parse(python.toString()).map(({ text, mentions, relations }, number) => {
    const file = `letter${number}.txt`;
    const format = W3CTextFormat(file);
    const units = (position) => [...text].slice(0, position).join("").length;
    const ids = new Map();
    const annotations = mentions.map(([pieces, kind], index) => {
      const id = `#annotation-${index}`;
      ids.set(JSON.stringify([pieces, kind]), id);
      const selector = pieces.map(([from, to]) => {
        const [start, end] = [units(from), units(to)];
        return { start, end, quote: text.slice(start, end) };
      });
      const bodies = [
        { id: `${id}-tag`, annotation: id, type: "TextualBody", purpose: "tagging", value: kind },
        { id: `${id}-note`, annotation: id, type: "TextualBody", purpose: "commenting", value: "see 👍" },
      ];
      const creator = { id: "http://example.org/vera", type: "Person" };
      return format.serialize({ id, bodies, target: { annotation: id, selector, creator, created: new Date(0) } });
    });
    const links = relations.map(([kind, head, tail], index) => ({
      "@context": "http://www.w3.org/ns/anno.jsonld",
      id: `#relation-${index}`,
      type: "Annotation",
      motivation: "linking",
      body: [{ type: "TextualBody", purpose: "tagging", value: kind }],
      target: [head, tail].map((mention) => ({ id: ids.get(JSON.stringify(mention)) })),
    }));
    writeFileSync(join(folder, file), text);
    writeFileSync(join(folder, file.replace(/txt$/, "jsonld")), JSON.stringify([...annotations, ...links], null, 2));
    return { file, text, mentions: sorted(mentions), relations: sorted(relations) };
  });
}

const [action, folder] = process.argv.slice(2);
const lines = (documents) => documents.map((document) => `${JSON.stringify(document)}\n`).join("");
if (action === "read" && folder) process.stdout.write(lines(read(folder)));
else if (action === "write" && folder) {
  const expected = lines(write(folder));
  writeFileSync(join(folder, "expected.jsonl"), expected);
} else {
  console.error("usage: check.mjs read|write FOLDER");
  process.exit(1);
}
