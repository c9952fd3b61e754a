//! Tests of the finished page in a real browser (`tests/browser`).

use std::fs;

use anyhow::{Context, Result, bail};

use super::passed;
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
    Ok(files_side_by_side(2, &together)? + files_side_by_side(1, &ALONE)?)
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

fn files_side_by_side(count: usize, files: &[impl AsRef<str>]) -> Result<usize> {
    let mut node = page::node(FOLDER)?;
    node.args(ARGUMENTS)
        .arg(format!("--test-concurrency={count}"));
    node.args(files.iter().map(AsRef::as_ref));
    let output = process::run_and_read(&mut node)?;
    Ok(passed::by_node(&output))
}
