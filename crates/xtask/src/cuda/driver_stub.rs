//! A stand-in for the driver's library. It comes with the driver, thus only with a GPU, but the linker asks for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{paths, process};

/// `CUDA_ERROR_STUB_LIBRARY`: what a program says that meets the stub in place of the driver.
const STUB_LIBRARY: u32 = 34;

/// Writes `libcuda.so` to `folder`, with all functions of the driver that the crate `cudarc` knows.
pub(super) fn build(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let bindings = cudarc()?.join("src/driver/sys/mod.rs");
    let text = fs::read_to_string(&bindings)
        .with_context(|| format!("cannot read {}", bindings.display()))?;
    let functions = functions(&text);
    if functions.is_empty() {
        bail!("{} declares no functions", bindings.display());
    }
    let source = folder.join("libcuda.c");
    let code: String = functions
        .iter()
        .map(|name| format!("int {name}(void) {{ return {STUB_LIBRARY}; }}\n"))
        .collect();
    fs::write(&source, code).with_context(|| format!("cannot write {}", source.display()))?;
    process::run(
        Command::new("cc")
            // The name by which the program will look for the driver's.
            .args(["-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-o"])
            .arg(folder.join("libcuda.so"))
            .arg(&source),
    )?;
    fs::remove_file(&source).with_context(|| format!("cannot remove {}", source.display()))
}

/// The folder of the bindings that Candle uses, which Cargo fetches for that.
fn cudarc() -> Result<PathBuf> {
    let metadata = process::output(
        process::cargo()
            .args(["metadata", "--format-version", "1", "--all-features"])
            .current_dir(paths::root()),
    )?;
    manifests(&metadata)
        .filter_map(Path::parent)
        .find(|folder| {
            let name = folder.file_name().unwrap_or_default();
            name.to_string_lossy().starts_with("cudarc-")
        })
        .map(Path::to_owned)
        .context("the crate cudarc is not among the dependencies")
}

fn manifests(metadata: &str) -> impl Iterator<Item = &Path> {
    metadata
        .split("\"manifest_path\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(Path::new)
}

/// Names of the functions `cu…` that the bindings declare.
fn functions(bindings: &str) -> BTreeSet<&str> {
    bindings
        .split("fn ")
        .skip(1)
        .filter_map(|rest| rest.split('(').next())
        .filter(|name| {
            name.strip_prefix("cu")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_s_functions_are_found_among_others() {
        let bindings = "pub unsafe fn cuInit(flags: c_uint) -> CUresult { fn cuInit(flags: c_uint) -> CUresult; }
            pub unsafe fn cuMemAlloc_v2(a: *mut u64) -> CUresult; pub unsafe fn culib() -> &'static Library;";
        assert_eq!(
            functions(bindings).into_iter().collect::<Vec<_>>(),
            ["cuInit", "cuMemAlloc_v2"]
        );
    }

    #[test]
    fn manifests_are_read_from_cargo_s_answer() {
        let metadata = r#"{"packages":[{"manifest_path":"/a/one-1.0/Cargo.toml","x":1},{"manifest_path":"/a/two/Cargo.toml"}]}"#;
        let expected = ["/a/one-1.0/Cargo.toml", "/a/two/Cargo.toml"].map(Path::new);
        assert_eq!(manifests(metadata).collect::<Vec<_>>(), expected);
    }
}
