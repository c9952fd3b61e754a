import { W3CTextFormat, createTextAnnotator } from "@recogito/text-annotator";
import "@recogito/text-annotator/text-annotator.css";
import "spanarc/element";
import "./style.css";
import { toEntity, toW3C } from "./w3c.js";

const SOURCE = "urn:text:1";

const annotator = document.querySelector("spanarc-annotator");
const type = document.querySelector("#type");
const remove = document.querySelector("#remove");
const output = document.querySelector("output");
const container = document.querySelector("#recogito");

// Recogito counts from the start of its container, and puts its highlights in there, too.
const copy = document.createElement("p");
container.append(copy);
const recogito = createTextAnnotator(container, { adapter: W3CTextFormat(SOURCE, container) });

/** Shows in Recogito what is in Spanarc. */
function show() {
  const annotations = annotator.annotations;
  const { tags, links } = toW3C(annotations, SOURCE);
  if (copy.textContent !== annotations.text) copy.textContent = annotations.text;
  const ids = new Set(tags.map(({ id }) => id));
  for (const { id } of recogito.getAnnotations()) if (!ids.has(id)) recogito.removeAnnotation(id);
  // Recogito 4.1 draws what is added or changed, but not what replaces all. It has no relations.
  recogito.setAnnotations(tags, false);
  output.textContent = JSON.stringify([...tags, ...links], null, 2);
}

for (const name of ["annotations", "input", "change"]) annotator.addEventListener(name, show);

recogito.on("createAnnotation", (annotation) => {
  const { start, end } = toEntity(annotation);
  annotator.addEntity({ type: type.value, start, end });
});

recogito.on("deleteAnnotation", (annotation) => {
  const { id } = toEntity(annotation);
  const entity = annotator.annotations.entities.find((entity) => entity.id === id);
  // A model would find it again unless it is told that it is wrong.
  if (entity?.origin === "model") annotator.reject(id);
  else if (entity) annotator.removeEntity(id);
});

recogito.on("selectionChanged", (selected) => {
  remove.disabled = selected.length === 0;
});

remove.addEventListener("click", () => {
  for (const { id } of recogito.getSelected()) recogito.removeAnnotation(id);
});
