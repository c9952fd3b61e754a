//! The built page, and scripts that look at it in a browser.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::Result;

use crate::{paths, process, setup};

/// Builds the page as it is shipped, once in the life of this process: that takes minutes. It has a folder of its own,
/// since `dist/` may be in use by a running server.
pub(crate) fn build() -> Result<&'static Path> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    if let Some(folder) = BUILT.get() {
        return Ok(folder);
    }
    let folder = paths::target().join("site");
    process::run(
        setup::page_tools()?
            .trunk()?
            .arg("build")
            .arg("--dist")
            .arg(&folder),
    )?;
    Ok(BUILT.get_or_init(|| folder))
}

/// Builds the page and returns Node in a folder of the workspace, told where page and browser are.
pub(crate) fn node(folder: &str) -> Result<Command> {
    let browser = setup::test_browser()?;
    let page = build()?;
    let mut node = Command::new("node");
    node.current_dir(paths::root().join(folder))
        .env("CHROME", browser.chrome)
        .env("SPANARC_DIST", page);
    Ok(node)
}

/// Takes the pictures of the README.
pub(crate) fn screenshots() -> Result<()> {
    process::run(node("tests/browser")?.arg("screenshots.js"))
}

/// Times keys in the page and in a bare textarea, which take turns.
pub(crate) fn typing_speed() -> Result<()> {
    process::run(node("tests/browser")?.arg("typing_speed.js"))
}
