//! The programs that are measured, and those that measure the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::setup::{self, WASM};
use crate::{machine_paths, paths, process};

/// As the page's worker has them, see `web/index.html`.
const OPTIMISE: [&str; 8] = [
    "-O3",
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-mutable-globals",
    "--enable-multivalue",
];

/// Builds a program of the workspace as it is shipped.
pub(super) fn release(package: &str, program: &str) -> Result<PathBuf> {
    build(&["--package", package], program, ["release"; 2])
}

/// Builds a program whose own time does not matter, from what the tests have built.
pub(super) fn development(program: &str) -> Result<PathBuf> {
    // Of the whole workspace: crates are built with the features that all members together ask for, as the tests' are.
    build(&["--workspace"], program, ["dev", "debug"])
}

fn build(packages: &[&str], program: &str, [profile, folder]: [&str; 2]) -> Result<PathBuf> {
    process::run(
        process::cargo()
            .current_dir(paths::root())
            .args(["build", "--profile", profile])
            .args(packages)
            .args(["--bin", program]),
    )?;
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    Ok(paths::target().join(folder).join(name))
}

/// Builds the encoder in Candle's Q8_0 into `folder/candle_q8`.
pub(super) fn candle_q8(folder: &Path) -> Result<()> {
    // Beside the worker, so that both take one build of Candle, with the features that the worker asks for.
    let packages = [
        "--package",
        "spanarc-candle-q8",
        "--package",
        "spanarc-worker",
    ];
    cargo_for_wasm(&[&packages[..], &["--lib"]].concat())?;
    let program = built("spanarc_candle_q8.wasm");
    bind(&program, &folder.join("candle_q8"), &[])
}

/// Makes of the page's worker, which has been built, one whose functions have names, in `folder/named`.
pub(super) fn named_worker(folder: &Path) -> Result<()> {
    bind(
        &built_in("web", "worker.wasm"),
        &folder.join("named"),
        &["--debuginfo"],
    )
}

/// Builds the loop whose speed is that of integer products in WebAssembly.
pub(super) fn wasm_peak(folder: &Path) -> Result<()> {
    cargo_for_wasm(&["--package", "spanarc-kernels", "--example", "peak"])?;
    copy(&built("examples/peak.wasm"), &folder.join("peak.wasm"))
}

/// Measures the machine's integer products; returns the file with the results.
pub(super) fn native_peaks(folder: &Path) -> Result<PathBuf> {
    let text = process::output(process::cargo().current_dir(paths::root()).args([
        "run",
        "--release",
        "--package",
        "spanarc-kernels",
        "--example",
        "peak",
    ]))?;
    let file = folder.join("peaks.jsonl");
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

fn built(name: &str) -> PathBuf {
    built_in("release", name)
}

/// Trunk builds the worker by a profile of its own, which `web/index.html` names.
fn built_in(profile: &str, name: &str) -> PathBuf {
    paths::target().join(WASM).join(profile).join(name)
}

fn cargo_for_wasm(arguments: &[&str]) -> Result<()> {
    setup::page_tools()?;
    let (name, flags) = machine_paths::wasm_flags()?;
    process::run(
        process::cargo()
            .current_dir(paths::root())
            .args(["build", "--release", "--target", WASM])
            .args(arguments)
            .env(name, flags),
    )
}

/// Gives a program its JavaScript and optimises it, as Trunk does with the worker; nothing where that was done before.
fn bind(program: &Path, folder: &Path, options: &[&str]) -> Result<()> {
    let source = folder.join("source.wasm");
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    if fs::read(&source).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    let tools = setup::page_tools()?;
    process::run(
        Command::new(tools.wasm_bindgen())
            .args(["--target", "web", "--no-typescript", "--out-dir"])
            .arg(folder)
            .arg(program),
    )?;
    let stem = program.file_stem().context("the program has no name")?;
    let bound = folder.join(format!("{}_bg.wasm", stem.to_string_lossy()));
    let mut optimise = tools.wasm_opt();
    optimise.args(OPTIMISE).args(options).arg(&bound);
    process::run(optimise.arg("-o").arg(&bound))?;
    copy(program, &source)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}
