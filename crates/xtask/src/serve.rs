//! Builds the page and serves it.

use std::net::TcpListener;

use anyhow::{Context, Result};

use crate::{process, setup};

/// Equal to the address in `trunk.toml`.
const ADDRESS: &str = "127.0.0.1:8080";

/// Serves the page until interrupted; builds it anew when a source file changes.
pub(crate) fn serve() -> Result<()> {
    TcpListener::bind(ADDRESS).with_context(|| format!("{ADDRESS} is taken by another program"))?;
    let mut trunk = setup::page_tools()?.trunk()?;
    trunk.arg("serve");
    process::announce(&trunk);
    eprintln!(
        "building the page in release mode: minutes the first time; then it is at http://{ADDRESS}"
    );
    replace(trunk)
}

/// Becomes the server, so that whoever ends this process ends it.
#[cfg(unix)]
fn replace(mut command: std::process::Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("cannot start trunk")
}

#[cfg(not(unix))]
fn replace(mut command: std::process::Command) -> Result<()> {
    process::run(&mut command)
}
