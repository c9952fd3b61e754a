// The script of a worker that imports another one, whose address stands before it in the constant WORKER. A blob of it starts a
// worker whose own script lies at another origin, and keeps the page's Content-Security-Policy. Messages that come before the
// other script is there are kept for it. The crate of the annotator reads this text, too: the only one between backticks here.
export const BOOTSTRAP = `
  const early = [];
  const keep = (event) => self.onmessage || early.push(event);
  addEventListener("message", keep);
  let violation;
  addEventListener("securitypolicyviolation", (event) => event.disposition === "enforce" && (violation ??= event));
  import(WORKER).then(
    () => {
      removeEventListener("message", keep);
      for (const event of early) self.onmessage(event);
    },
    (error) => setTimeout(() => {
      const lacking = violation && "the Content-Security-Policy lacks " + violation.effectiveDirective + " " + violation.blockedURI;
      const message = "The annotator's worker at " + WORKER + " cannot be started: " + (lacking ?? error.message);
      postMessage({ kind: "failed", stage: "load", message });
    }, 50),
  );
`;
