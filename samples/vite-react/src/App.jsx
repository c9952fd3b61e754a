import { useState } from "react";
import "spanarc/element";

// The same object each time: another one would be another schema.
const SCHEMA = {
  entityTypes: [
    { name: "Person", color: "#7a4fb5", key: "p" },
    { name: "Organization", color: "#00718a", key: "o" },
    { name: "Place", color: "#b3541e", key: "l" },
  ],
  relationTypes: [{ name: "works for", head: ["Person"], tail: ["Organization"] }],
  mapping: {
    entityTypes: { Peop: "Person", Org: "Organization", Loc: "Place" },
    relationTypes: { Work_For: "works for" },
  },
};

export function App() {
  const [{ text, entities }, setAnnotations] = useState({ text: "", entities: [] });
  // React 19 sets properties of custom elements, and adds listeners for `on` and the event's name.
  const hear = ({ target }) => setAnnotations(target.annotations);
  return (
    <main>
      <h1>Who works where?</h1>
      <spanarc-annotator
        model="/models/news.safetensors"
        placeholder="Write about people and their work."
        schema={SCHEMA}
        onannotations={hear}
        onchange={hear}
      />
      <output>
        {entities
          .filter(({ state }) => state !== "rejected")
          .map(({ start, end, type }) => `${text.slice(start, end)}: ${type}`)
          .join(", ")}
      </output>
    </main>
  );
}
