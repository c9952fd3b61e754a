//! Puts the tools where a plain `trunk serve` finds them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{paths, process};

/// Links the programs into Cargo's own folder of programs where that is on `PATH` and nobody else's files are in the
/// way; otherwise says how to set `PATH`.
pub(super) fn offer(programs: &[(&str, PathBuf)]) -> Result<()> {
    let ours = paths::tools()?;
    if let Some(folder) = cargo_bin() {
        for (name, folder_of_tool) in programs {
            let (link, target) = (folder.join(name), folder_of_tool.join(name));
            if link != target && is_free(&link, &ours) {
                let _ = fs::remove_file(&link);
                make_link(&target, &link);
            }
        }
    }
    let shadowed: Vec<&PathBuf> = programs
        .iter()
        .filter(|(name, folder)| !is_the_same(process::find_on_path(name), &folder.join(name)))
        .map(|(_, folder)| folder)
        .collect();
    if !shadowed.is_empty() {
        let mut folders: Vec<String> = shadowed
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        folders.dedup();
        println!(
            "for a plain `trunk serve`: export PATH=\"{}:$PATH\"",
            folders.join(":")
        );
    }
    Ok(())
}

fn cargo_bin() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    let bin = home.join("bin");
    env::split_paths(&env::var_os("PATH")?)
        .any(|folder| folder == bin)
        .then_some(bin)
}

/// Whether nothing is at `link`, or only a link of ours from an earlier setup.
fn is_free(link: &Path, ours: &Path) -> bool {
    match fs::read_link(link) {
        Ok(target) => target.starts_with(ours),
        Err(_) => !link.exists(),
    }
}

fn is_the_same(found: Option<PathBuf>, program: &Path) -> bool {
    found
        .and_then(|found| found.canonicalize().ok())
        .is_some_and(|found| program.canonicalize().is_ok_and(|it| it == found))
}

#[cfg(unix)]
fn make_link(target: &Path, link: &Path) {
    if let Err(error) = std::os::unix::fs::symlink(target, link) {
        eprintln!("cannot link {}: {error}", link.display());
    }
}

#[cfg(not(unix))]
fn make_link(_: &Path, _: &Path) {}
