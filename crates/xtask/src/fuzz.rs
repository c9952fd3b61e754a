//! Fuzzing the readers of formats (`fuzz`).

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{paths, process, setup};

/// Runs each target for `seconds`, one after another. Of a fault, cargo-fuzz keeps and names the input.
pub(crate) fn run(seconds: u32) -> Result<()> {
    let cargo_fuzz = setup::fuzzer()?;
    let seeds = paths::target().join("fuzz-seeds");
    process::run(
        process::cargo()
            .args(["run", "--quiet", "--package", "spanarc-formats"])
            .args(["--example", "seeds", "--"])
            .arg(&seeds)
            .current_dir(paths::root()),
    )?;
    let folder = paths::root().join("fuzz");
    let mut failed = Vec::new();
    for target in targets()? {
        let corpus = folder.join("corpus").join(&target);
        fs::create_dir_all(&corpus)
            .with_context(|| format!("cannot create {}", corpus.display()))?;
        let mut fuzz = std::process::Command::new(cargo_fuzz.join("cargo-fuzz"));
        // The flags that instrument code are of a nightly compiler. The sanitizer would look for faults of unsafe code, of which
        // the readers have none.
        fuzz.args(["run", "--sanitizer", "none", "--fuzz-dir"])
            .arg(&folder)
            .arg(&target)
            .args([&corpus, &seeds])
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-dict={}", folder.join("dictionary.txt").display()))
            .args(["-max_len=8192", "-timeout=60", "-print_final_stats=1"])
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("CARGO_TARGET_DIR")
            .current_dir(paths::root());
        if let Err(error) = process::run(&mut fuzz) {
            eprintln!("{error:#}");
            failed.push(target);
        }
    }
    if !failed.is_empty() {
        bail!("these targets failed: {}", failed.join(", "));
    }
    Ok(())
}

/// The names of the targets, in order.
fn targets() -> Result<Vec<String>> {
    let folder = paths::root().join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = entry?.path();
        names.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}
