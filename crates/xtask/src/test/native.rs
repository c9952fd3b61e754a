//! Formatting, lints for both targets, and every test that runs on this machine itself.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{passed, wasm};
use crate::setup::{self, WASM};
use crate::{paths, process};

/// Programs for browsers that hold no tests.
const WITHOUT_TESTS: [&str; 2] = ["spanarc-candle-q8", "spanarc-sample-yew"];

pub(super) fn run() -> Result<usize> {
    setup::page_tools()?;
    process::run(&mut cargo(&["fmt", "--all", "--check"]))?;
    process::run(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    let mut clippy = cargo(&["clippy", "--target", WASM]);
    for package in wasm::PORTABLE.iter().chain(&wasm::IN_THE_BROWSER) {
        clippy.args(["--package", package]);
    }
    process::run(clippy.args(["--", "-D", "warnings"]))?;
    let mut count = 0;
    // Not examples, which hold no tests.
    for targets in [&["--lib", "--bins", "--tests"][..], &["--doc"]] {
        count += passed::by_cargo(&process::run_and_read(tests().args(targets))?);
    }
    Ok(count)
}

/// The command `spanarc`, built as its own tests build it.
pub(super) fn command() -> Result<PathBuf> {
    process::run(tests().args(["--test", "command", "--no-run"]))?;
    let name = format!("spanarc{}", std::env::consts::EXE_SUFFIX);
    Ok(paths::target().join("debug").join(name))
}

/// `cargo test` of all crates: for another choice of crates, with other features, dependencies would be compiled anew.
pub(super) fn tests() -> Command {
    let mut cargo = cargo(&["test", "--workspace"]);
    for package in WITHOUT_TESTS {
        cargo.args(["--exclude", package]);
    }
    cargo
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = process::cargo();
    cargo.current_dir(paths::root()).args(arguments);
    cargo
}
