//! Tells the program which revision it is built from: where a checkout is made into a program is the one place that knows.

use std::{path::Path, process::Command};

fn main() {
    // Sources that differ from the commit make a revision of their own, a commit makes another of the same sources.
    println!("cargo::rerun-if-changed=..");
    println!("cargo::rerun-if-changed=../../Cargo.lock");
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"])
        && Path::new(&log).exists()
    {
        println!("cargo::rerun-if-changed={log}");
    }
    let describe = [
        "describe",
        "--always",
        "--dirty",
        "--abbrev=12",
        "--exclude=*",
    ];
    if let Some(revision) = git(&describe) {
        println!("cargo::rustc-env=SPANARC_REVISION={revision}");
    }
}

/// What git prints; none where there is no git, or no checkout of it.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
