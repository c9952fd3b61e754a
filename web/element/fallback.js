// What <spanarc-annotator> shows where its program cannot be loaded: why, and a text that can be typed and submitted all the same.

/**
 * @param {ShadowRoot} root The element's.
 * @param {string} message Why the program is missing.
 * @param {string} label What assistive technology calls the text.
 * @param {(text: string) => void} onInput Told the text when a person has edited it.
 */
export function showFallback(root, message, label, onInput) {
  const notice = Object.assign(document.createElement("p"), { textContent: message, part: "notice" });
  notice.setAttribute("role", "alert");
  const text = Object.assign(document.createElement("textarea"), { part: "text", rows: 8 });
  text.setAttribute("aria-label", label);
  text.addEventListener("input", () => onInput(text.value));
  root.replaceChildren(notice, text);
  // The program would have brought the style. A root takes sheets of its own document only, and strict policies no others.
  const { CSSStyleSheet } = root.ownerDocument.defaultView ?? globalThis;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(":host(:not([hidden])) { display: block }");
  root.adoptedStyleSheets = [sheet];
}
