import "spanarc/element";

const annotator = document.querySelector("spanarc-annotator");
const output = document.querySelector("output");

function show() {
  const { text, entities } = annotator.annotations;
  const kept = entities.filter(({ state }) => state !== "rejected");
  output.textContent = kept.map(({ start, end, type }) => `${text.slice(start, end)}: ${type}`).join(", ");
}

annotator.addEventListener("annotations", show);
annotator.addEventListener("change", show);
