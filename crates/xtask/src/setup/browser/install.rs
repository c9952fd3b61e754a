//! Ways to a browser where there is none: Debian's package, Playwright's download, Chrome for Testing's driver.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::setup::apt;
use crate::{paths, process};

/// Installs Debian's Chromium and driver, and fonts, without which there is no text to be seen.
pub(super) fn with_apt() -> Result<()> {
    apt::install(&[
        "chromium",
        "chromium-driver",
        "fonts-dejavu-core",
        "fonts-liberation",
    ])
}

/// Downloads the browser that belongs to the installed Playwright, and as root the libraries that it needs.
pub(super) fn chrome_with_playwright() -> Result<()> {
    let mut install = playwright();
    install.args(["cli.js", "install"]);
    if apt::is_root()? {
        install.arg("--with-deps");
    }
    process::run(install.arg("chromium"))
}

/// Where Playwright keeps the browser that it downloaded, or would.
pub(super) fn playwrights_chrome() -> Option<PathBuf> {
    let script = "console.log(require('./index.js').chromium.executablePath())";
    let path = process::output(playwright().args(["--eval", script])).ok()?;
    Some(PathBuf::from(path.trim()))
}

fn playwright() -> Command {
    let mut node = Command::new("node");
    node.current_dir(paths::root().join("tests/browser/node_modules/playwright-core"));
    node
}

/// Downloads the driver of a version of Chrome for Testing.
pub(super) fn driver(version: &str) -> Result<()> {
    let platform = driver_platform().context("none is published for this machine")?;
    let home = driver_home(version)?;
    fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
    let archive = home.join("chromedriver.zip");
    process::download(
        &format!(
            "https://storage.googleapis.com/chrome-for-testing-public/{version}/{platform}/chromedriver-{platform}.zip"
        ),
        &archive,
    )?;
    unzip(&archive, &home)
}

/// Where [`driver`] put it, if it did.
pub(super) fn downloaded_driver(version: &str) -> Option<PathBuf> {
    let folder = format!("chromedriver-{}", driver_platform()?);
    Some(driver_home(version).ok()?.join(folder).join("chromedriver"))
}

fn driver_home(version: &str) -> Result<PathBuf> {
    Ok(paths::tools()?.join(format!("chromedriver-{version}")))
}

fn driver_platform() -> Option<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some("linux64"),
        ("macos", "x86_64") => Some("mac-x64"),
        ("macos", "aarch64") => Some("mac-arm64"),
        _ => None,
    }
}

fn unzip(archive: &Path, folder: &Path) -> Result<()> {
    if process::find_on_path("unzip").is_none() {
        bail!("unzip is not on PATH");
    }
    process::run(
        Command::new("unzip")
            .args(["-q", "-o"])
            .arg(archive)
            .arg("-d")
            .arg(folder),
    )
}
