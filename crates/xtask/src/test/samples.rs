//! Tests of the npm package in pages and programs of its users (`samples`).

use anyhow::Result;

use super::{browser, passed};
use crate::{package, page, process, setup};

pub(super) fn run() -> Result<usize> {
    let package = package::make()?;
    setup::samples(&package.tarball)?;
    let mut node = page::node("samples")?;
    node.env("SPANARC_PACKAGE", &package.folder);
    // The Yew application is built by Trunk.
    setup::page_tools()?.lend(&mut node)?;
    let output = process::run_and_read(node.args(browser::ARGUMENTS).arg("--test-concurrency=1"))?;
    Ok(passed::by_node(&output))
}
