//! Compiles the CUDA kernels to PTX, which the driver translates for the GPU at hand, where the feature `cuda` is on.

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    process::Command,
};

/// Runs on every GPU of this compute capability and later ones: Ampere and after.
const ARCHITECTURE: &str = "compute_80";

const SOURCES: [&str; 7] = [
    "attention",
    "crf",
    "dropout",
    "optimizer",
    "ranges",
    "recurrent",
    "rows",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_CUDA").is_none() {
        return Ok(());
    }
    let folder = Path::new("src/cuda");
    println!(
        "cargo::rerun-if-changed={}",
        folder.join("common.cuh").display()
    );
    println!("cargo::rerun-if-env-changed=CUDA_HOME");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    for name in SOURCES {
        let source = folder.join(name).with_extension("cu");
        println!("cargo::rerun-if-changed={}", source.display());
        let status = Command::new(compiler())
            .args(["--ptx", "-std=c++17", "-arch", ARCHITECTURE, "-o"])
            .arg(out.join(name).with_extension("ptx"))
            .arg(&source)
            .status()
            .map_err(|error| format!("cannot run nvcc, see docs/training.md: {error}"))?;
        if !status.success() {
            return Err(format!("nvcc failed on {}", source.display()).into());
        }
    }
    Ok(())
}

/// The toolkit's that `CUDA_HOME` names, else the one on `PATH`.
fn compiler() -> PathBuf {
    env::var_os("CUDA_HOME")
        .map(|home| Path::new(&home).join("bin").join("nvcc"))
        .filter(|nvcc| nvcc.is_file())
        .unwrap_or_else(|| "nvcc".into())
}
