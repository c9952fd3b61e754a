//! Tests compiled for WebAssembly and run inside a headless browser.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::passed;
use crate::setup::{self, WASM};
use crate::{paths, process};

/// Crates that compile for WebAssembly and do no I/O.
pub(super) const PORTABLE: [&str; 7] = [
    "spanarc-document",
    "spanarc-formats",
    "spanarc-corpus",
    "spanarc-segmentation",
    "spanarc-kernels",
    "spanarc-model",
    "spanarc-engine",
];

/// Crates that run in the browser only.
pub(super) const IN_THE_BROWSER: [&str; 5] = [
    "spanarc-protocol",
    "spanarc-formats-wasm",
    "spanarc-worker",
    "spanarc-annotator",
    "spanarc-web",
];

pub(super) fn run() -> Result<usize> {
    let tools = setup::page_tools()?;
    let browser = setup::test_browser()?;
    let webdriver = paths::target().join("webdriver.json");
    write_webdriver_settings(&webdriver, &browser.chrome)?;

    let mut cargo = process::cargo();
    cargo
        .current_dir(paths::root())
        .args(["test", "--lib", "--tests", "--target", WASM]);
    for package in packages_with_tests()? {
        cargo.args(["--package", &package]);
    }
    cargo
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            tools.wasm_test_runner(),
        )
        .env("CHROMEDRIVER", &browser.driver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &webdriver)
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    let output = process::run_and_read(&mut cargo)?;
    Ok(passed::by_cargo(&output))
}

/// The crates whose manifests ask for wasm-bindgen's test harness.
fn packages_with_tests() -> Result<Vec<String>> {
    let mut packages = Vec::new();
    for name in PORTABLE.iter().chain(&IN_THE_BROWSER) {
        let manifest = paths::manifest(name);
        let text = fs::read_to_string(&manifest)
            .with_context(|| format!("cannot read {}", manifest.display()))?;
        if text.contains("wasm-bindgen-test") {
            packages.push((*name).to_owned());
        }
    }
    Ok(packages)
}

/// The runner adds `headless` by itself.
fn write_webdriver_settings(file: &Path, chrome: &Path) -> Result<()> {
    let binary = chrome
        .display()
        .to_string()
        .replace('\\', "\\\\")
        .replace('"', "\\\"");
    let text = format!(
        r#"{{"goog:chromeOptions": {{"binary": "{binary}", "args": ["no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"]}}}}"#
    );
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
