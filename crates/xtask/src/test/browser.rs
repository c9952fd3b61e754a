//! Tests of the finished page in a real browser (`tests/browser`).

use anyhow::Result;

use super::passed;
use crate::{page, process};

pub(super) fn run() -> Result<usize> {
    let arguments = ["--test", "--test-reporter=spec", "--test-concurrency=1"];
    let output = process::run_and_read(page::node()?.args(arguments))?;
    Ok(passed::by_node(&output))
}
