//! As much of the CUDA toolkit as the build needs, from NVIDIA's packages for Python: they are to be had without an
//! account, without root and from wherever `pip` gets its packages.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::driver_stub;
use crate::{paths, process};

/// The packages hold compiler, headers and libraries of CUDA 13.0 in one common folder.
const PACKAGES: [&str; 8] = [
    "nvidia-cuda-nvcc==13.0.88",
    "nvidia-cuda-crt==13.0.88",
    "nvidia-nvvm==13.0.88",
    "nvidia-cuda-runtime==13.0.96",
    "nvidia-cuda-cccl==13.0.85",
    "nvidia-cuda-nvrtc==13.0.88",
    "nvidia-cublas==13.1.2.11",
    "nvidia-curand==10.4.4.72",
];

/// A toolkit in the folder of tools.
pub(crate) struct Toolkit {
    root: PathBuf,
}

/// Installs the toolkit unless it is there.
pub(crate) fn ensure() -> Result<Toolkit> {
    if !cfg!(target_os = "linux") {
        bail!(
            "no nvcc on PATH, and packages to replace it are for Linux only: install the CUDA toolkit"
        );
    }
    let environment = paths::tools()?.join("cuda-13.0");
    let complete = environment.join("complete");
    if !complete.exists() {
        process::run(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&environment),
        )?;
        process::run(
            Command::new(environment.join("bin").join("python"))
                .args(["-m", "pip", "install", "--quiet"])
                .args(PACKAGES),
        )?;
        let toolkit = Toolkit::find(&environment)?;
        toolkit.link_libraries()?;
        driver_stub::build(&toolkit.stubs())?;
        fs::write(&complete, "").with_context(|| format!("cannot write {}", complete.display()))?;
    }
    Toolkit::find(&environment)
}

impl Toolkit {
    fn find(environment: &Path) -> Result<Self> {
        for python in list(&environment.join("lib"))? {
            let root = python.join("site-packages").join("nvidia").join("cu13");
            if process::is_executable(&root.join("bin").join("nvcc")) {
                return Ok(Self { root });
            }
        }
        bail!("{} holds no nvcc", environment.display())
    }

    /// The libraries that a program built with the toolkit loads.
    pub(crate) fn libraries(&self) -> PathBuf {
        self.root.join("lib")
    }

    fn stubs(&self) -> PathBuf {
        self.libraries().join("stubs")
    }

    /// Gives libraries the names that a linker looks for: the packages have `libcublas.so.13` and no `libcublas.so`. Some
    /// build scripts look for them in `lib64`.
    fn link_libraries(&self) -> Result<()> {
        for library in list(&self.libraries())? {
            let name = library.file_name().and_then(OsStr::to_str);
            if let Some((stem, _)) = name.and_then(|name| name.split_once(".so.")) {
                link(&library, &self.libraries().join(format!("{stem}.so")))?;
            }
        }
        link(&self.libraries(), &self.root.join("lib64"))
    }

    /// Sets what the build scripts of Candle's dependencies and the linker look at.
    pub(crate) fn offer_to(&self, command: &mut Command) -> Result<()> {
        let before = |variable: &str, folders: &[PathBuf]| {
            let others = env::var_os(variable).unwrap_or_default();
            let others = env::split_paths(&others).filter(|folder| !folder.as_os_str().is_empty());
            env::join_paths(folders.iter().cloned().chain(others))
                .with_context(|| format!("{variable} holds a malformed folder name"))
        };
        command
            .env("CUDA_HOME", &self.root)
            .env("PATH", before("PATH", &[self.root.join("bin")])?)
            .env(
                "LIBRARY_PATH",
                before("LIBRARY_PATH", &[self.libraries(), self.stubs()])?,
            );
        Ok(())
    }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .with_context(|| format!("cannot list {}", folder.display()))
}

#[cfg(unix)]
fn link(to: &Path, name: &Path) -> Result<()> {
    if name.exists() {
        return Ok(());
    }
    std::os::unix::fs::symlink(to, name).with_context(|| format!("cannot link {}", name.display()))
}

#[cfg(not(unix))]
fn link(_: &Path, name: &Path) -> Result<()> {
    bail!("cannot link {}", name.display())
}
