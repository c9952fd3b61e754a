//! A Chromium with its WebDriver, for the tests.

mod install;

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

/// Finds the browser named by `CHROME` and `CHROMEDRIVER` or on `PATH`; installs one where there is none.
pub(super) fn ensure() -> Result<Browser> {
    npm::install(&paths::root().join("tests/browser"))?;
    if find().is_none()
        && let Err(error) = install::with_apt()
    {
        eprintln!("no Chromium through apt-get: {error:#}");
    }
    if chrome().is_none()
        && let Err(error) = install::chrome_with_playwright()
    {
        eprintln!("no Chromium through Playwright: {error:#}");
    }
    if let Some(chrome) = chrome()
        && driver_of(&chrome).is_none()
        && let Err(error) = install::driver(&version(&chrome).unwrap_or_default())
    {
        eprintln!("no ChromeDriver from Chrome for Testing: {error:#}");
    }
    if let Some(browser) = find() {
        return Ok(browser);
    }
    let missing = match chrome() {
        Some(chrome) => format!("a ChromeDriver of the version of {}", chrome.display()),
        None => "Chromium".to_owned(),
    };
    bail!(
        "{missing} is missing and could not be installed. Install Chromium and its driver (Debian: `apt-get install \
         chromium chromium-driver`), or set CHROME and CHROMEDRIVER to the programs."
    )
}

fn find() -> Option<Browser> {
    let chrome = chrome()?;
    let driver = driver_of(&chrome)?;
    Some(Browser { chrome, driver })
}

fn chrome() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROME").map(PathBuf::from) {
        return version(&named).is_some().then_some(named);
    }
    [
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
        "chrome",
    ]
    .into_iter()
    .filter_map(process::find_on_path)
    .chain(install::playwrights_chrome())
    .find(|program| version(program).is_some())
}

/// A driver of the browser's major version: another one refuses to work with it.
fn driver_of(chrome: &Path) -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMEDRIVER").map(PathBuf::from) {
        return version(&named).is_some().then_some(named);
    }
    let wanted = version(chrome)?;
    [
        process::find_on_path("chromedriver"),
        // Where Ubuntu's package has it.
        Some(PathBuf::from("/usr/lib/chromium-browser/chromedriver")),
        install::downloaded_driver(&wanted),
    ]
    .into_iter()
    .flatten()
    .find(|driver| version(driver).is_some_and(|found| major(&found) == major(&wanted)))
}

/// The version that a browser or driver prints: `Chromium 156.0.8078.79 built on …`. None where it does not run, as with
/// the stand-ins of Ubuntu that only point to its snap.
fn version(program: &Path) -> Option<String> {
    let text = process::output(Command::new(program).arg("--version")).ok()?;
    let is_version = |word: &&str| word.contains('.') && major(word).parse::<u32>().is_ok();
    text.split_whitespace().find(is_version).map(str::to_owned)
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}
