//! The standard library for WebAssembly, in the toolchain that compiles this workspace.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{paths, process};

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Makes the target compile: through rustup, else by building the library from Debian's copy of its source.
pub(super) fn ensure() -> Result<()> {
    if works()? {
        return Ok(());
    }
    eprintln!("installing the target {WASM}");
    if install_with_rustup().is_ok() && works()? {
        return Ok(());
    }
    eprintln!("rustup could not install {WASM}; building its standard library");
    let script = paths::root().join("crates/xtask/scripts/build-wasm-std.sh");
    process::run(Command::new("bash").arg(script)).with_context(|| {
        format!("the target {WASM} is missing and could not be built: run `rustup target add {WASM}` where there is a network")
    })
}

/// Whether the target compiles a library and a test program.
fn works() -> Result<bool> {
    let folder = env::temp_dir().join(format!("spanarc-probe-{}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let source = folder.join("probe.rs");
    let result = fs::write(&source, "#[test] fn probe() { println!(\"{}\", 1); }")
        .with_context(|| format!("cannot write {}", source.display()))
        .map(|()| {
            compiles(&source, &folder, "--crate-type=cdylib")
                && compiles(&source, &folder, "--test")
        });
    let _ = fs::remove_dir_all(&folder);
    result
}

fn compiles(source: &Path, folder: &Path, kind: &str) -> bool {
    process::succeeds(
        Command::new("rustc")
            .args(["--edition=2024", "--target", WASM, kind, "-o"])
            .arg(folder.join("probe.wasm"))
            .arg(source),
    )
}

fn install_with_rustup() -> Result<()> {
    // The name of the toolchain's folder: where `RUSTUP_TOOLCHAIN` names a link, rustup cannot add targets to it.
    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let toolchain = Path::new(sysroot.trim()).canonicalize()?;
    let toolchain: OsString = toolchain
        .file_name()
        .context("the toolchain's folder has no name")?
        .to_owned();
    let target = |action: &str| {
        let mut rustup = Command::new("rustup");
        rustup
            .args(["target", action, WASM, "--toolchain"])
            .arg(&toolchain);
        rustup
    };
    process::run(&mut target("add"))?;
    if !works()? {
        // rustup believes that the target is there although its files are gone.
        process::run(&mut target("remove"))?;
        process::run(&mut target("add"))?;
    }
    Ok(())
}
