// Both annotators' events bubble.
for (const name of ["annotations", "change"]) {
  document.addEventListener(name, ({ target }) => {
    if (target.localName !== "spanarc-annotator") return;
    const { text, entities } = target.annotations;
    const found = entities.filter(({ state }) => state !== "rejected");
    const lines = found.map(({ start, end, type }) => `${text.slice(start, end)}: ${type}`);
    document.querySelector(`output[for=${target.id}]`).textContent = lines.join(", ");
  });
}
