//! Formatting, lints for both targets, and every test that runs on this machine itself.

use anyhow::Result;

use super::{passed, wasm};
use crate::setup::{self, WASM};
use crate::{paths, process};

pub(super) fn run() -> Result<usize> {
    let cargo = |arguments: &[&str]| {
        let mut cargo = process::cargo();
        cargo.current_dir(paths::root()).args(arguments);
        cargo
    };
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
    let output = process::run_and_read(&mut cargo(&["test", "--workspace"]))?;
    Ok(passed::by_cargo(&output))
}
