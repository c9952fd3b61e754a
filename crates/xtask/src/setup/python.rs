//! A virtual environment of Python with the packages of a list, one folder for each list.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{paths, process};

/// Returns the environment's Python, after installing the packages of `requirements` into the tools' folder `name` unless
/// this very list was installed there before.
pub(super) fn ensure(name: &str, requirements: &Path) -> Result<PathBuf> {
    let list = fs::read(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let home = paths::tools()?.join(name);
    let installed = home.join("installed.txt");
    let python = home.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    if fs::read(&installed).is_ok_and(|text| text == list)
        && process::succeeds(Command::new(&python).arg("--version"))
    {
        return Ok(python);
    }
    let found = ["python3", "python"]
        .into_iter()
        .find_map(process::find_on_path);
    let Some(system) = found else {
        bail!("python3 is not on PATH: install Python 3.11 or newer");
    };
    process::run(
        Command::new(system)
            .args(["-m", "venv", "--clear"])
            .arg(&home),
    )
    .context("cannot make a virtual environment (on Debian: `apt-get install python3-venv`)")?;
    process::run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet"])
            .args(["--disable-pip-version-check", "--requirement"])
            .arg(requirements),
    )?;
    fs::write(&installed, list).with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}
