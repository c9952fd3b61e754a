//! Folders of this machine whose names the compiler would write into a program, for the places of panics. What is shipped
//! holds none of them: it tells nothing about who built it, and is the same whoever did.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{paths, process};

/// As `.cargo/config.toml` has it: what stands in the environment replaces that, so it is said again.
const SIMD: &str = "target-feature=+simd128";

/// A folder, and the name that programs have in its place.
type Renamed = (PathBuf, &'static str);

/// The variable, and its value, that make Cargo compile for WebAssembly without paths of this machine.
pub(crate) fn wasm_flags() -> Result<(&'static str, OsString)> {
    Ok(("CARGO_ENCODED_RUSTFLAGS", flags(&folders()?)))
}

fn flags(folders: &[Renamed]) -> OsString {
    let mut flags = OsString::from(format!("-C\x1f{SIMD}"));
    for (folder, name) in folders {
        flags.push("\x1f--remap-path-prefix=");
        flags.push(folder);
        flags.push(format!("={name}"));
    }
    flags
}

/// Fails when a file below `folder` holds the path of a folder of this machine.
pub(crate) fn check(folder: &Path) -> Result<()> {
    let folders = folders()?;
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            check(&path)?;
            continue;
        }
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if let Some(found) = found_in(&String::from_utf8_lossy(&bytes), &folders) {
            bail!("{} holds a path of this machine: {found}", path.display());
        }
    }
    Ok(())
}

/// The first name of a folder that `text` holds. The names of a registry's folders say which registry was used, so they
/// count without what stands before them.
fn found_in(text: &str, folders: &[Renamed]) -> Option<String> {
    folders
        .iter()
        .map(|(folder, name)| {
            let last = folder.file_name().filter(|_| *name == CRATES);
            last.map_or_else(
                || format!("{}{}", folder.display(), std::path::MAIN_SEPARATOR),
                |last| last.to_string_lossy().into_owned(),
            )
        })
        .find(|path| text.contains(path.as_str()))
}

const CRATES: &str = "/crates";

/// All folders, the inner ones after those around them: of several that match, the compiler takes the last.
fn folders() -> Result<Vec<Renamed>> {
    let sysroot = process::output(
        Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(paths::root()),
    )?;
    let mut folders = vec![
        (paths::root(), "/spanarc"),
        (paths::target(), "/target"),
        (PathBuf::from(sysroot.trim()), "/rust"),
        // `build-wasm-std.sh` works there.
        (env::temp_dir(), "/temporary"),
    ];
    folders.extend(env::home_dir().map(|home| (home, "/home")));
    folders.push((paths::cargo_home()?, "/cargo"));
    folders.extend(
        paths::registries()?
            .into_iter()
            .map(|folder| (folder, CRATES)),
    );
    Ok(ordered(folders))
}

/// With the real paths beside links, without `/`, each once, short ones first.
fn ordered(mut folders: Vec<Renamed>) -> Vec<Renamed> {
    let real: Vec<Renamed> = folders
        .iter()
        .filter_map(|(folder, name)| Some((folder.canonicalize().ok()?, *name)))
        .collect();
    folders.extend(real);
    folders.retain(|(folder, _)| folder.parent().is_some());
    folders.sort_by_key(|(folder, _)| (folder.as_os_str().len(), folder.clone()));
    folders.dedup_by(|a, b| a.0 == b.0);
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Vec<Renamed> {
        ordered(vec![
            (
                "/home/me/.cargo/registry/src/mirror.example-1f".into(),
                CRATES,
            ),
            ("/home/me/.cargo".into(), "/cargo"),
            ("/home/me".into(), "/home"),
            ("/".into(), "/root"),
        ])
    }

    #[test]
    fn the_compiler_hears_of_inner_folders_last() {
        assert_eq!(
            flags(&example()).to_string_lossy().replace('\x1f', " "),
            "-C target-feature=+simd128 --remap-path-prefix=/home/me=/home \
             --remap-path-prefix=/home/me/.cargo=/cargo \
             --remap-path-prefix=/home/me/.cargo/registry/src/mirror.example-1f=/crates"
        );
    }

    #[test]
    fn the_flags_hold_those_of_the_configuration() {
        let config = fs::read_to_string(paths::root().join(".cargo/config.toml")).expect("a file");
        assert!(config.contains(&format!("\nrustflags = [\"-C\", \"{SIMD}\"]\n")));
    }

    #[test]
    fn paths_and_names_of_registries_are_found() {
        let found = |text| found_in(text, &example());
        assert_eq!(
            found("at /crates/yew-0.23.0/src/lib.rs, /home/meadow, /cargo/x"),
            None
        );
        assert_eq!(found("at /home/me/x.rs").as_deref(), Some("/home/me/"));
        assert_eq!(
            found("mirror.example-1f/yew").as_deref(),
            Some("mirror.example-1f")
        );
    }
}
