//! Builds what is run and measured on NVIDIA GPUs, with or without a CUDA toolkit and a GPU on this machine: the command
//! `spanarc`, the test that compares a GPU with the CPU, and the example that hands PyTorch a corpus.

mod driver_stub;
mod toolkit;

use std::env;

use anyhow::{Result, bail};

use crate::{paths, process};

/// Builds in release mode, beside the build for the CPU: the kernels take half an hour of a processor's time, once.
pub(crate) fn build() -> Result<()> {
    if env::var_os("CUDA_COMPUTE_CAP").is_none() && process::find_on_path("nvidia-smi").is_none() {
        bail!(
            "for which GPU? There is none here to ask: set CUDA_COMPUTE_CAP to its compute capability without the dot \
             (80 for an A100, 86 for a GeForce 30, 89 for a GeForce 40, 90 for an H100)"
        );
    }
    let target = paths::target().join("cuda");
    let mut cargo = process::cargo();
    cargo
        .args(["build", "--release", "--features", "spanarc-cli/cuda"])
        .args(["--package", "spanarc-cli", "--bin", "spanarc"])
        .args(["--package", "spanarc-train", "--test", "cuda"])
        .args(["--example", "export_training"])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(paths::root());
    let libraries = match process::find_on_path("nvcc") {
        Some(_) => None,
        None => {
            let toolkit = toolkit::ensure()?;
            toolkit.offer_to(&mut cargo)?;
            Some(toolkit.libraries())
        }
    };
    process::run(&mut cargo)?;
    println!(
        "spanarc: built {}",
        target.join("release").join("spanarc").display()
    );
    if let Some(libraries) = libraries {
        println!(
            "It runs where NVIDIA's driver is, with CUDA's libraries: LD_LIBRARY_PATH={}",
            libraries.display()
        );
    }
    Ok(())
}
