//! The built page, and scripts that look at it in a browser.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{paths, process, setup};

/// Builds the page as it is shipped, into a folder of its own: `dist/` may be in use by a running server.
fn build() -> Result<PathBuf> {
    let folder = paths::target().join("page");
    process::run(
        setup::page_tools()?
            .trunk()?
            .arg("build")
            .arg("--dist")
            .arg(&folder),
    )?;
    Ok(folder)
}

/// Builds the page and returns Node in `tests/browser`, told where page and browser are.
pub(crate) fn node() -> Result<Command> {
    let browser = setup::test_browser()?;
    let page = build()?;
    let mut node = Command::new("node");
    node.current_dir(paths::root().join("tests/browser"))
        .env("CHROME", browser.chrome)
        .env("SPANARC_DIST", page);
    Ok(node)
}

/// Takes the pictures of the README.
pub(crate) fn screenshots() -> Result<()> {
    process::run(node()?.arg("screenshots.js"))
}

/// Times keys in the page and in a bare textarea, which take turns.
pub(crate) fn typing_speed() -> Result<()> {
    process::run(node()?.arg("typing_speed.js"))
}
