//! The libraries of other annotation tools that the checks in `tests/tools` drive.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{npm, python};
use crate::{paths, process};

/// A tool of which a check is there.
pub(crate) struct FormatTool {
    /// The folder's name.
    pub(crate) name: String,
    /// What runs the check: the Python of the tool's environment, or Node.
    pub(crate) program: PathBuf,
}

/// A tool that could not be installed, for a reason that is no fault of this machine.
pub(crate) struct MissingTool {
    /// The folder's name.
    pub(crate) name: String,
    /// Why it is missing.
    pub(crate) reason: String,
}

/// doccano wants pandas 1, which is not built for a newer Python.
const OLD_PYTHON: (&str, u32) = ("doccano", 11);

/// Installs what each check needs.
pub(super) fn ensure() -> Result<(Vec<FormatTool>, Vec<MissingTool>)> {
    let (mut tools, mut missing) = (Vec::new(), Vec::new());
    for home in checks()? {
        let name = home.file_name().unwrap_or_default().to_string_lossy();
        let name = name.into_owned();
        let requirements = home.join("requirements.txt");
        let program = if requirements.is_file() {
            match environment(&name, &requirements)? {
                Ok(python) => python,
                Err(reason) => {
                    missing.push(MissingTool { name, reason });
                    continue;
                }
            }
        } else {
            npm::install(&home)?;
            let Some(node) = process::find_on_path("node") else {
                bail!("node is not on PATH: install Node.js 20 or newer");
            };
            node
        };
        tools.push(FormatTool { name, program });
    }
    Ok((tools, missing))
}

/// The folders with a check, in order.
fn checks() -> Result<Vec<PathBuf>> {
    let folder = paths::root().join("tests/tools");
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut homes = Vec::new();
    for entry in entries {
        let home = entry?.path();
        if ["requirements.txt", "package-lock.json"]
            .iter()
            .any(|list| home.join(list).is_file())
        {
            homes.push(home);
        }
    }
    homes.sort();
    Ok(homes)
}

/// The Python that has the packages of a list, one environment for each list; or why these cannot be installed on a Python as
/// new as this machine's.
fn environment(name: &str, requirements: &Path) -> Result<Result<PathBuf, String>> {
    let list = fs::read(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let mut hasher = DefaultHasher::new();
    list.hash(&mut hasher);
    let home = format!("python-{:016x}", hasher.finish());
    let newest = (name == OLD_PYTHON.0).then_some(OLD_PYTHON.1);
    let system = python::find(newest)?;
    let failed = || {
        format!(
            "the packages of {} could not be installed: pip needs a network or a mirror",
            requirements.display()
        )
    };
    match python::ensure(&home, requirements, &system.program) {
        Ok(python) => Ok(Ok(python)),
        Err(error) if newest.is_some_and(|newest| system.minor > newest) => Ok(Err(format!(
            "its packages cannot be installed on Python 3.{}: {error:#}",
            system.minor
        ))),
        Err(error) => Err(error).with_context(failed),
    }
}
