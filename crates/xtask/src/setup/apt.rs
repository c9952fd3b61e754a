//! Debian's packages, where they can be installed without asking.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// Installs packages through apt-get, as root or by sudo without a password.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    if process::find_on_path("apt-get").is_none() {
        bail!("this system has no apt-get");
    }
    let is_root = is_root()?;
    if !is_root && !process::succeeds(Command::new("sudo").args(["-n", "true"])) {
        bail!("neither root nor sudo without a password");
    }
    let apt_get = || {
        let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
        if !is_root {
            command.args(["-n", "apt-get"]);
        }
        command.arg("-q").env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    // A third party's broken source must not stop us; the installation will tell.
    if let Err(error) = process::run(apt_get().arg("update")) {
        eprintln!("{error:#}");
    }
    process::run(
        apt_get()
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages),
    )
}

/// Whether this user may do everything.
pub(super) fn is_root() -> Result<bool> {
    Ok(process::output(Command::new("id").arg("-u"))?.trim() == "0")
}
