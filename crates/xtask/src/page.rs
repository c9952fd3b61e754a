//! The built page, and scripts that look at it in a browser.

use std::process::Command;

use anyhow::Result;

use crate::{paths, process, setup};

/// Builds the page into `dist/`, as it is shipped.
pub(crate) fn build() -> Result<()> {
    process::run(setup::page_tools()?.trunk()?.args(["build"]))
}

/// Node in `tests/browser`, told where the browser is.
pub(crate) fn node() -> Result<Command> {
    let browser = setup::test_browser()?;
    let mut node = Command::new("node");
    node.current_dir(paths::root().join("tests/browser"))
        .env("CHROME", browser.chrome);
    Ok(node)
}

/// Takes the pictures of the README.
pub(crate) fn screenshots() -> Result<()> {
    build()?;
    process::run(node()?.arg("screenshots.js"))
}
