//! A Chromium with its WebDriver, for the tests.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::npm;
use crate::{paths, process};

/// The programs of one browser.
pub(crate) struct Browser {
    /// Chromium or Chrome itself; the Playwright tests start it.
    pub(crate) chrome: PathBuf,
    /// Its WebDriver; wasm-bindgen's test runner starts it.
    pub(crate) driver: PathBuf,
}

const CHROMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
];

/// Finds the browser named by `CHROME` and `CHROMEDRIVER` or on `PATH`; installs Debian's where there is none.
pub(super) fn ensure() -> Result<Browser> {
    npm::install(&paths::root().join("tests/browser"))?;
    if let Some(browser) = find() {
        return Ok(browser);
    }
    if let Err(error) = install_with_apt() {
        eprintln!("no Chromium through apt-get: {error:#}");
    }
    if let Some(browser) = find() {
        return Ok(browser);
    }
    if chrome().is_none()
        && let Err(error) = install_with_playwright()
    {
        eprintln!("no Chromium through Playwright: {error:#}");
    }
    let missing = match (chrome(), driver()) {
        (Some(chrome), Some(driver)) => return Ok(Browser { chrome, driver }),
        (None, Some(_)) => "Chromium is",
        (Some(_), None) => "ChromeDriver is",
        (None, None) => "Chromium and ChromeDriver are",
    };
    bail!(
        "{missing} missing, and could not be installed. Install both in the same version (Debian: `apt-get install \
         chromium chromium-driver`), or set CHROME and CHROMEDRIVER to the programs."
    )
}

fn find() -> Option<Browser> {
    Some(Browser {
        chrome: chrome()?,
        driver: driver()?,
    })
}

fn chrome() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROME").map(PathBuf::from) {
        return runs(&named).then_some(named);
    }
    CHROMES
        .iter()
        .filter_map(|name| process::find_on_path(name))
        .find(|file| runs(file))
        .or_else(playwrights_chrome)
}

fn driver() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMEDRIVER").map(PathBuf::from) {
        return runs(&named).then_some(named);
    }
    // Ubuntu's package keeps it off PATH.
    [
        process::find_on_path("chromedriver"),
        Some(PathBuf::from("/usr/lib/chromium-browser/chromedriver")),
    ]
    .into_iter()
    .flatten()
    .find(|file| runs(file))
}

/// Ubuntu has stand-ins of these names that only point to its snap; they fail here.
fn runs(program: &Path) -> bool {
    process::succeeds(Command::new(program).arg("--version"))
}

fn install_with_apt() -> Result<()> {
    if process::find_on_path("apt-get").is_none() {
        bail!("this system has no apt-get");
    }
    let is_root = process::output(Command::new("id").arg("-u"))?.trim() == "0";
    if !is_root && !process::succeeds(Command::new("sudo").args(["-n", "true"])) {
        bail!("neither root nor sudo without a password");
    }
    let apt_get = || {
        let mut command = if is_root {
            Command::new("apt-get")
        } else {
            Command::new("sudo")
        };
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
    // Without fonts there is no text to be seen.
    process::run(
        apt_get()
            .args(["install", "-y", "--no-install-recommends"])
            .args([
                "chromium",
                "chromium-driver",
                "fonts-dejavu-core",
                "fonts-liberation",
            ]),
    )
}

fn install_with_playwright() -> Result<()> {
    process::run(playwright().args(["cli.js", "install", "chromium"]))
}

/// Where Playwright keeps the browser that it downloaded, if it did.
fn playwrights_chrome() -> Option<PathBuf> {
    let script = "console.log(require('./index.js').chromium.executablePath())";
    let path = process::output(playwright().args(["--eval", script])).ok()?;
    let path = PathBuf::from(path.trim());
    runs(&path).then_some(path)
}

fn playwright() -> Command {
    let mut node = Command::new("node");
    node.current_dir(paths::root().join("tests/browser/node_modules/playwright-core"));
    node
}
