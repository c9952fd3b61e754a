//! Tells the program which revision it is built from: where a checkout is made into a program is the one place that knows.

use std::{path::Path, process::Command};

/// What the program is made of, from the root of the checkout.
const SOURCES: [&str; 6] = [
    "crates",
    "configs",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    ".cargo",
];

fn main() {
    for source in SOURCES {
        println!("cargo::rerun-if-changed=../../{source}");
    }
    // Commits and checkouts: the reflog where there is one, else what it would tell of but for a commit on a branch.
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file])
            && Path::new(&path).exists()
        {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    if let Some(revision) = git(&["rev-parse", "--short=12", "HEAD"]) {
        let mut status = vec!["status", "--porcelain", "--untracked-files=no", "--"];
        let sources = SOURCES.map(|source| format!(":/{source}"));
        status.extend(sources.iter().map(String::as_str));
        let mark = git(&status).map_or("", |_| "-dirty");
        println!("cargo::rustc-env=SPANARC_REVISION={revision}{mark}");
    }
}

/// What git prints, if anything; none where there is no git, or no checkout of it.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
