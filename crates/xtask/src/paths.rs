//! Where things lie: the workspace and the per-user folder of tools.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    // Cargo says at run time which checkout it runs; the program itself may be another's where they share a target folder.
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    // `ancestors` yields crates/xtask, crates, root.
    Path::new(&manifest)
        .ancestors()
        .nth(2)
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// The folder of build results, wherever Cargo was told to put it.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// The manifest of one of our crates.
pub(crate) fn manifest(package: &str) -> PathBuf {
    let name = package.trim_start_matches("spanarc-");
    let folder = if name == "web" {
        root().join(name)
    } else {
        root().join("crates").join(name)
    };
    folder.join("Cargo.toml")
}

/// Cargo's folder of the user: `$CARGO_HOME` or `~/.cargo`.
pub(crate) fn cargo_home() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("CARGO_HOME") {
        return Ok(env::current_dir()?.join(folder));
    }
    let home = env::home_dir().context("the home folder is unknown: set HOME or CARGO_HOME")?;
    Ok(home.join(".cargo"))
}

/// Folders of unpacked crates, one for each registry that was used.
pub(crate) fn registries() -> Result<Vec<PathBuf>> {
    let sources = cargo_home()?.join("registry").join("src");
    if !sources.exists() {
        return Ok(Vec::new());
    }
    fs::read_dir(&sources)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .with_context(|| format!("cannot list {}", sources.display()))
}

/// The folder of research data and pretrained encoders, which need not exist: `$SPANARC_SHARED` or `../shared`.
pub(crate) fn shared() -> PathBuf {
    env::var_os("SPANARC_SHARED")
        .map_or_else(|| root().join("../shared"), |folder| root().join(folder))
}

/// The folder of built tools, shared by all checkouts of one user: `$XDG_CACHE_HOME/spanarc/tools`
/// or `~/.cache/spanarc/tools`.
pub(crate) fn tools() -> Result<PathBuf> {
    let cache = match env::var_os("XDG_CACHE_HOME").map(PathBuf::from) {
        Some(folder) if folder.is_absolute() => folder,
        _ => env::home_dir()
            .context("the home folder is unknown: set HOME or XDG_CACHE_HOME")?
            .join(".cache"),
    };
    Ok(cache.join("spanarc").join("tools"))
}
