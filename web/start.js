// Starts the page's program. Trunk's own starter is an inline script, which the page's Content-Security-Policy forbids;
// `pattern_script` in trunk.toml puts this file in its place and tells it the hashed names.
const { program, wasm } = document.querySelector("script[data-program]").dataset;
const { default: init } = await import(program);
await init({ module_or_path: wasm });
