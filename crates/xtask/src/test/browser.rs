//! Tests of the finished page in a real browser (`tests/browser`).

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{native, passed};
use crate::{page, paths, process};

/// What makes Node run the tests in a folder, and print what is read here.
pub(super) const ARGUMENTS: [&str; 2] = ["--test", "--test-reporter=spec"];

const FOLDER: &str = "tests/browser";

/// Files that run by themselves: what they see depends on how soon workers answer and frames are drawn.
const ALONE: [&str; 5] = [
    "failures.test.js",
    "long_text.test.js",
    "surface.test.js",
    "typing.test.js",
    "workers.test.js",
];

pub(super) fn run() -> Result<usize> {
    let mut together = files()?;
    if let Some(missing) = ALONE
        .iter()
        .find(|name| !together.iter().any(|file| file == *name))
    {
        bail!("{FOLDER}/{missing} is to run alone, and is not there");
    }
    together.retain(|name| !ALONE.contains(&name.as_str()));
    let command = native::command()?;
    Ok(side_by_side(2, &together, &command)? + side_by_side(1, &ALONE, &command)?)
}

/// Names of the test files.
fn files() -> Result<Vec<String>> {
    let folder = paths::root().join(FOLDER);
    let failed = || format!("cannot list {}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(failed)? {
        let name = entry.with_context(failed)?.file_name();
        names.extend(
            name.into_string()
                .ok()
                .filter(|name| name.ends_with(".test.js")),
        );
    }
    names.sort();
    Ok(names)
}

/// Runs as many files at a time; `command` is the program `spanarc`, with which answers are compared.
fn side_by_side(count: usize, files: &[impl AsRef<str>], command: &Path) -> Result<usize> {
    let mut node = page::node(FOLDER)?;
    node.args(ARGUMENTS)
        .arg(format!("--test-concurrency={count}"))
        .args(files.iter().map(AsRef::as_ref))
        .env("SPANARC_COMMAND", command);
    let output = process::run_and_read(&mut node)?;
    Ok(passed::by_node(&output))
}
