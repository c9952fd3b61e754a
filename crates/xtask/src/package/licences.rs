//! Names, licences and licence texts of everything that is compiled into the three programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::setup::WASM;
use crate::{paths, process};

/// How the names of files with licences begin.
const LICENCE_FILES: [&str; 6] = [
    "license",
    "licence",
    "copying",
    "copyright",
    "notice",
    "unlicense",
];

/// A crate that is compiled in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    name: String,
    version: String,
    licence: String,
}

/// The text of THIRD-PARTY-LICENSES.txt.
pub(super) fn third_party() -> Result<String> {
    let tree = process::output(
        process::cargo()
            .args(["tree", "--locked", "--offline", "--target", WASM])
            .args(["--package", "spanarc-web", "--package", "spanarc-worker"])
            .args(["--package", "spanarc-formats-wasm"])
            .args(["--edges", "normal,no-proc-macro", "--prefix", "none"])
            .args(["--format", "{p}\t{l}"])
            .current_dir(paths::root()),
    )?;
    let registries = paths::registries()?;
    let mut files = Vec::new();
    for package in crates_in(&tree) {
        let folder_name = format!("{}-{}", package.name, package.version);
        let folder = registries
            .iter()
            .map(|registry| registry.join(&folder_name))
            .find(|folder| folder.is_dir())
            .with_context(|| format!("the source of {folder_name} is not there"))?;
        let texts = texts_in(&folder)?;
        files.push((package, texts));
    }
    files.push(standard_library()?);
    Ok(written(files))
}

/// The crates of other people in the output of `cargo tree`: lines like `name v1.0.0<tab>licence`, with ` (*)` where a
/// crate was there before. Our own have their folder after the version.
fn crates_in(tree: &str) -> BTreeSet<Crate> {
    tree.lines()
        .filter_map(|line| {
            let (package, licence) = line.split_once('\t')?;
            let (name, version) = package.split_once(" v")?;
            (!version.contains(' ')).then(|| Crate {
                name: name.to_owned(),
                version: version.to_owned(),
                licence: licence.trim_end_matches(" (*)").to_owned(),
            })
        })
        .collect()
}

/// The texts of a crate's licences, without the differences that editors make.
fn texts_in(folder: &Path) -> Result<Vec<String>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .with_context(|| format!("cannot list {}", folder.display()))?;
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_lowercase();
        LICENCE_FILES.iter().any(|start| name.starts_with(start)) && file.is_file()
    });
    files.sort();
    let read = |file: PathBuf| {
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        Ok(lines.join("\n").trim_matches('\n').to_owned())
    };
    files.into_iter().map(read).collect()
}

/// Rust's own library, which every program holds. Its licences are ours.
fn standard_library() -> Result<(Crate, Vec<String>)> {
    let version = process::output(
        Command::new("rustc")
            .arg("--version")
            .current_dir(paths::root()),
    )?;
    let library = Crate {
        name: "Rust's standard library".to_owned(),
        version: version.split(' ').nth(1).unwrap_or_default().to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
    };
    let apache = paths::root().join("LICENSE-APACHE");
    let text =
        fs::read_to_string(&apache).with_context(|| format!("cannot read {}", apache.display()))?;
    Ok((library, vec![text.trim_matches('\n').to_owned()]))
}

/// A list of all, and each text once, under the names of those that it belongs to.
fn written(crates: Vec<(Crate, Vec<String>)>) -> String {
    let mut list = String::from(
        "program.wasm and worker.wasm hold what follows; its licences stand below. Where a crate comes without\n\
         a text, that of the licence named beside it applies.\n\n",
    );
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (package, texts) in crates {
        let name = format!("{} {}", package.name, package.version);
        // Writing to a string cannot fail.
        let _ = writeln!(list, "{name}: {}", package.licence);
        for text in texts {
            owners.entry(text).or_default().push(name.clone());
        }
    }
    let mut texts: Vec<_> = owners.into_iter().collect();
    texts.sort_by(|a, b| a.1.cmp(&b.1));
    for (text, names) in texts {
        let _ = write!(
            list,
            "\n{}\n{}\n\n{text}\n",
            "=".repeat(80),
            names.join(", ")
        );
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, version: &str, licence: &str) -> Crate {
        Crate {
            name: name.to_owned(),
            version: version.to_owned(),
            licence: licence.to_owned(),
        }
    }

    #[test]
    fn crates_of_other_people_are_listed_once() {
        let tree = "spanarc-web v0.1.0 (/somewhere/web)\tMIT\nyew v0.23.0\tMIT/Apache-2.0\n\nzoo v1.0.0+x\tMIT\n\
                    yew v0.23.0\tMIT/Apache-2.0 (*)\n";
        let expected = [
            of("yew", "0.23.0", "MIT/Apache-2.0"),
            of("zoo", "1.0.0+x", "MIT"),
        ];
        assert_eq!(crates_in(tree), expected.into());
    }

    #[test]
    fn a_text_stands_once_under_all_its_names() {
        let text = written(vec![
            (
                of("a", "1", "MIT"),
                vec!["Copyright A".to_owned(), "Apache".to_owned()],
            ),
            (of("b", "2", "MIT"), vec!["Apache".to_owned()]),
            (of("c", "3", "MIT"), Vec::new()),
        ]);
        assert!(text.contains("\na 1: MIT\nb 2: MIT\nc 3: MIT\n"), "{text}");
        assert!(text.contains("=\na 1\n\nCopyright A\n"), "{text}");
        assert!(text.contains("=\na 1, b 2\n\nApache\n"), "{text}");
        assert_eq!(text.matches("Apache\n").count(), 1);
    }
}
