//! Packages from npm, exactly as a lock file says.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Installs the packages of the lock file in `folder` unless this very lock file was installed before.
pub(super) fn install(folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("cannot read package-lock.json in {}", folder.display()))?;
    // npm keeps no copy of the lock file that could be compared byte by byte.
    let installed = folder.join("node_modules").join(".installed-lock.json");
    if fs::read(&installed).is_ok_and(|text| text == lock) {
        return Ok(());
    }
    if process::find_on_path("npm").is_none() {
        bail!("npm is not on PATH: install Node.js 20 or newer");
    }
    process::run(Command::new("npm").arg("ci").current_dir(folder))?;
    fs::write(&installed, lock).with_context(|| format!("cannot write {}", installed.display()))
}

/// Installs a packed package beside those of the lock file, which does not know it, unless this very one was installed
/// before.
pub(super) fn install_tarball(folder: &Path, tarball: &Path) -> Result<()> {
    let packed = fs::read(tarball).with_context(|| format!("cannot read {}", tarball.display()))?;
    let installed = folder.join("node_modules").join(".installed.tgz");
    if fs::read(&installed).is_ok_and(|bytes| bytes == packed) {
        return Ok(());
    }
    process::run(
        Command::new("npm")
            .args(["install", "--no-save"])
            .arg(tarball)
            .current_dir(folder),
    )?;
    fs::write(&installed, packed).with_context(|| format!("cannot write {}", installed.display()))
}
