//! A virtual environment of Python with the packages of a list, one folder for each list.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::apt;
use crate::{paths, process};

/// A Python of this machine.
pub(super) struct Python {
    /// The program.
    pub(super) program: PathBuf,
    /// The second part of its version: 11 of Python 3.11.
    pub(super) minor: u32,
}

/// The machine's Python; where `newest` is given, one up to that version if there is any.
pub(super) fn find(newest: Option<u32>) -> Result<Python> {
    let older = newest.map(|newest| (10..=newest).rev()).into_iter();
    let older = older.flatten().map(|minor| format!("python3.{minor}"));
    let usual = ["python3", "python"].map(str::to_owned);
    let mut found: Vec<Python> = usual
        .into_iter()
        .chain(older)
        .filter_map(|name| version(process::find_on_path(&name)?))
        .collect();
    let fitting = found
        .iter()
        .position(|python| newest.is_none_or(|newest| python.minor <= newest));
    if found.is_empty() {
        bail!("python3 is not on PATH: install Python 3.11 or newer");
    }
    Ok(found.swap_remove(fitting.unwrap_or(0)))
}

/// The Python, if it runs: a name on `PATH` may stand for one that is not there.
fn version(program: PathBuf) -> Option<Python> {
    let print = "import sys; print(sys.version_info[1] if sys.version_info[0] == 3 else '')";
    let minor = process::output(Command::new(&program).args(["-c", print])).ok()?;
    let minor = minor.trim().parse().ok()?;
    Some(Python { program, minor })
}

/// Returns the environment's Python, after installing the packages of `requirements` into the tools' folder `name` unless
/// this very list was installed there before. It is an environment of the Python `system`.
pub(super) fn ensure(name: &str, requirements: &Path, system: &Path) -> Result<PathBuf> {
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
    make(system, &home)?;
    process::run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet"])
            .args(["--disable-pip-version-check", "--requirement"])
            .arg(requirements),
    )?;
    fs::write(&installed, list).with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}

/// Makes an empty environment. Debian has the module for that, of its own Python, in a package of its own.
fn make(system: &Path, home: &Path) -> Result<()> {
    let venv = || {
        let mut command = Command::new(system);
        command.args(["-m", "venv", "--clear"]).arg(home);
        command
    };
    if process::run(&mut venv()).is_ok() {
        return Ok(());
    }
    if let Err(error) = apt::install(&["python3-venv"]) {
        eprintln!("no python3-venv through apt-get: {error:#}");
    }
    process::run(&mut venv())
        .context("cannot make a virtual environment (on Debian: `apt-get install python3-venv`)")
}
