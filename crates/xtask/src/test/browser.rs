//! Tests of the finished page in a real browser (`tests/browser`).

use anyhow::Result;

use super::passed;
use crate::{page, process};

/// What makes Node run the tests in a folder, and print what is read here.
pub(super) const ARGUMENTS: [&str; 3] = ["--test", "--test-reporter=spec", "--test-concurrency=1"];

pub(super) fn run() -> Result<usize> {
    let output = process::run_and_read(page::node("tests/browser")?.args(ARGUMENTS))?;
    Ok(passed::by_node(&output))
}
