//! Installs what the chores need, in pinned versions, and skips what is there.

mod apt;
mod binaryen;
mod browser;
mod cargo_fuzz;
mod cargo_tool;
mod format_tools;
mod npm;
mod on_path;
mod python;
mod trunk;
mod wasm_bindgen;
mod wasm_target;

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{machine_paths, paths, process};

pub(crate) use browser::Browser;
pub(crate) use format_tools::{FormatTool, MissingTool};
pub(crate) use wasm_target::WASM;

/// What building and serving the page takes.
pub(crate) struct PageTools {
    trunk: PathBuf,
    wasm_bindgen: PathBuf,
    wasm_opt: PathBuf,
}

impl PageTools {
    /// Trunk, in the root of the workspace, with its helpers on `PATH`.
    pub(crate) fn trunk(&self) -> Result<Command> {
        let mut command = Command::new(self.trunk.join("trunk"));
        command.current_dir(paths::root());
        self.lend(&mut command)?;
        Ok(command)
    }

    /// Lets a command run Trunk, with its helpers and for the same WebAssembly as the page.
    pub(crate) fn lend(&self, command: &mut Command) -> Result<()> {
        let (name, flags) = machine_paths::wasm_flags()?;
        // Trunk takes `NO_COLOR` for a flag of its own and accepts only true and false.
        command
            .env("PATH", self.path()?)
            .env(name, flags)
            .env_remove("NO_COLOR");
        Ok(())
    }

    /// The program that runs tests compiled for WebAssembly.
    pub(crate) fn wasm_test_runner(&self) -> PathBuf {
        self.wasm_bindgen.join("wasm-bindgen-test-runner")
    }

    /// wasm-bindgen's program.
    pub(crate) fn wasm_bindgen(&self) -> PathBuf {
        self.wasm_bindgen.join("wasm-bindgen")
    }

    /// Binaryen's optimiser.
    pub(crate) fn wasm_opt(&self) -> Command {
        Command::new(self.wasm_opt.join("wasm-opt"))
    }

    fn path(&self) -> Result<OsString> {
        let own = [&self.trunk, &self.wasm_bindgen, &self.wasm_opt].map(PathBuf::clone);
        let path = env::var_os("PATH").unwrap_or_default();
        env::join_paths(own.into_iter().chain(env::split_paths(&path)))
            .context("PATH holds a malformed folder name")
    }
}

/// Installs everything, and puts the tools on `PATH` where it can.
pub(crate) fn everything() -> Result<()> {
    let tools = page_tools()?;
    test_browser()?;
    package_tools()?;
    format_tools()?;
    npm::install(&paths::root().join("samples"))?;
    on_path::offer(&[
        ("trunk", tools.trunk),
        ("wasm-bindgen", tools.wasm_bindgen.clone()),
        ("wasm-bindgen-test-runner", tools.wasm_bindgen),
        ("wasm-opt", tools.wasm_opt),
    ])?;
    println!("spanarc: everything is set up");
    Ok(())
}

/// Installs what the page needs to be built, the crates it depends on included: Trunk runs Cargo offline.
pub(crate) fn page_tools() -> Result<PageTools> {
    let _lock = lock()?;
    wasm_target::ensure()?;
    let tools = PageTools {
        wasm_opt: binaryen::ensure()?,
        wasm_bindgen: wasm_bindgen::WASM_BINDGEN.ensure()?,
        trunk: trunk::TRUNK.ensure()?,
    };
    process::run(
        process::cargo()
            .args([
                "fetch",
                "--quiet",
                "--target",
                WASM,
                "--target",
                "host-tuple",
            ])
            .current_dir(paths::root()),
    )?;
    Ok(tools)
}

/// Installs what the tests in a browser need.
pub(crate) fn test_browser() -> Result<Browser> {
    let _lock = lock()?;
    browser::ensure()
}

/// Installs what makes the npm package, and returns the folder of its programs.
pub(crate) fn package_tools() -> Result<PathBuf> {
    let _lock = lock()?;
    let folder = paths::root().join("web/package");
    npm::install(&folder)?;
    Ok(folder.join("node_modules/.bin"))
}

/// Installs what the samples need, the npm package in `tarball` included.
pub(crate) fn samples(tarball: &Path) -> Result<()> {
    let _lock = lock()?;
    let folder = paths::root().join("samples");
    npm::install(&folder)?;
    npm::install_tarball(&folder, tarball)
}

/// Installs the rivals of the benchmarks in a browser, those of the lock file in `folder`.
pub(crate) fn inference_rivals(folder: &Path) -> Result<()> {
    let _lock = lock()?;
    npm::install(folder)
}

/// Installs ONNX Runtime and what makes models for it; returns the Python that has them.
pub(crate) fn onnx_runtime(requirements: &Path) -> Result<PathBuf> {
    let _lock = lock()?;
    python::ensure("onnxruntime", requirements, &python::find(None)?.program)
}

/// Installs the libraries that formats are tested against; those that cannot be installed here come apart.
pub(crate) fn format_tools() -> Result<(Vec<FormatTool>, Vec<MissingTool>)> {
    let _lock = lock()?;
    format_tools::ensure()
}

/// Installs cargo-fuzz, and returns its folder.
pub(crate) fn fuzzer() -> Result<PathBuf> {
    let _lock = lock()?;
    cargo_fuzz::CARGO_FUZZ.ensure()
}

/// One setup at a time; released when the file is dropped.
fn lock() -> Result<File> {
    let folder = paths::tools()?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let path = folder.join(".lock");
    let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    file.lock()
        .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}
