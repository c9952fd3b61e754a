// Annotations of Spanarc as W3C Web Annotations: https://www.w3.org/TR/annotation-model/

const CONTEXT = "http://www.w3.org/ns/anno.jsonld";
/** How much of the text before and after a quote is told along. */
const AROUND = 10;

/**
 * Entities as tagging annotations, relations as linking ones that target two of them.
 *
 * @param {import("spanarc/element").Annotations} annotations
 * @param {string} source Address of the text.
 */
export function toW3C({ text, entities, relations }, source) {
  return {
    tags: kept(entities).map(({ start, end, ...entity }) => {
      const quote = {
        type: "TextQuoteSelector",
        exact: text.slice(start, end),
        prefix: text.slice(Math.max(0, start - AROUND), start),
        suffix: text.slice(end, end + AROUND),
      };
      // In UTF-16 code units, as in Recogito and Spanarc.
      const position = { type: "TextPositionSelector", start, end };
      return annotation(entity, "tagging", [{ source, selector: [quote, position] }]);
    }),
    links: kept(relations).map(({ head, tail, ...relation }) =>
      annotation(relation, "linking", [{ id: toIri(head) }, { id: toIri(tail) }]),
    ),
  };
}

/** What a tagging annotation says of an entity. */
export function toEntity({ id, body, target }) {
  const tag = [body].flat().find(({ purpose }) => purpose === "tagging");
  const selectors = [target].flat().flatMap(({ selector }) => selector);
  const { start, end } = selectors.find(({ type }) => type === "TextPositionSelector");
  return { id: id.replace(/^#/, ""), type: tag?.value, start, end };
}

const kept = (annotations) => annotations.filter(({ state }) => state !== "rejected");

const toIri = (id) => `#${id}`;

function annotation({ id, type, origin, model }, motivation, target) {
  const creator = { id: `urn:model:${encodeURIComponent(model)}`, type: "Software", name: model };
  return {
    "@context": CONTEXT,
    id: toIri(id),
    type: "Annotation",
    motivation,
    body: [{ type: "TextualBody", purpose: "tagging", value: type }],
    ...(origin === "model" && { creator }),
    target,
  };
}
