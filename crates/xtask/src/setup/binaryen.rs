//! Binaryen's `wasm-opt`, which Trunk runs on every release build. npm has it as a program for Node, for any platform.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::npm;
use crate::{paths, process};

/// Equal to the version in `npm/package.json` and to `tools.wasm_opt` in `trunk.toml`.
const VERSION: &str = "132";

/// Returns the folder that holds `wasm-opt`, after installing it if need be.
pub(super) fn ensure() -> Result<PathBuf> {
    if let Some(folder) =
        process::find_on_path("wasm-opt").and_then(|program| Some(program.parent()?.to_owned()))
        && is_right(&folder)
    {
        return Ok(folder);
    }
    let home = paths::tools()?.join(format!("binaryen-{VERSION}"));
    let bin = home.join("node_modules").join(".bin");
    if is_right(&bin) {
        return Ok(bin);
    }
    fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
    for (name, text) in [
        ("package.json", include_str!("../../npm/package.json")),
        (
            "package-lock.json",
            include_str!("../../npm/package-lock.json"),
        ),
        (".npmrc", include_str!("../../npm/.npmrc")),
    ] {
        fs::write(home.join(name), text)
            .with_context(|| format!("cannot write {name} to {}", home.display()))?;
    }
    npm::install(&home)?;
    if !is_right(&bin) {
        bail!(
            "wasm-opt {VERSION} was installed but does not run in {}",
            bin.display()
        );
    }
    Ok(bin)
}

fn is_right(bin: &std::path::Path) -> bool {
    process::output(Command::new(bin.join("wasm-opt")).arg("--version"))
        .is_ok_and(|text| text.split_whitespace().any(|word| word == VERSION))
}
