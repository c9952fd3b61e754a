//! The npm package, made of the built page, the sources in `web/element` and the manifest in `web/package`.

mod licences;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{machine_paths, page, paths, process, setup};

/// Equal to that of the page: all are one workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is exported as a file, and so has no types.
const ASSETS: [&str; 8] = [
    "formats.js",
    "formats.wasm",
    "program.js",
    "worker.js",
    "worker.wasm",
    "program.wasm",
    "custom-elements.json",
    "package.json",
];

/// The package as npm would unpack it, and packed.
pub(crate) struct Package {
    pub(crate) folder: PathBuf,
    pub(crate) tarball: PathBuf,
}

/// Makes the package and writes down how large its files are.
pub(crate) fn make_and_measure() -> Result<()> {
    let package = make()?;
    let mut node = Command::new("node");
    node.arg(paths::root().join("web/package/sizes.mjs"))
        .arg(&package.folder);
    let table = process::run_and_read(&mut node)?;
    write_sizes(&paths::root().join("docs/embedding.md"), &table)?;
    println!("spanarc: made {}", package.tarball.display());
    Ok(())
}

/// Makes the package, twice, since what is published should follow from its sources, and checks what is in it.
pub(crate) fn make() -> Result<Package> {
    let page = page::build()?;
    let tools = setup::package_tools()?;
    let npm = paths::target().join("npm");
    let again = npm.join("again");
    fs::create_dir_all(&again).with_context(|| format!("cannot create {}", again.display()))?;
    let licences = npm.join("THIRD-PARTY-LICENSES.txt");
    fs::write(&licences, licences::third_party()?)
        .with_context(|| format!("cannot write {}", licences.display()))?;

    let tarball = pack(page, &licences, &npm)?;
    let twin = pack(page, &licences, &again)?;
    if read(&tarball)? != read(&twin)? {
        bail!("{} and {} differ", tarball.display(), twin.display());
    }
    let folder = npm.join("package");
    machine_paths::check(&folder)?;
    process::run(
        Command::new(tools.join("publint"))
            .args(["run", "--strict"])
            .arg(&tarball),
    )?;
    process::run(
        Command::new(tools.join("attw"))
            .arg(&tarball)
            .args(["--profile", "esm-only", "--exclude-entrypoints"])
            .args(ASSETS),
    )?;
    Ok(Package { folder, tarball })
}

fn pack(page: &Path, licences: &Path, out: &Path) -> Result<PathBuf> {
    process::run(
        Command::new("node")
            .arg(paths::root().join("web/package/pack.mjs"))
            .arg(page)
            .arg(VERSION)
            .arg(licences)
            .arg(out),
    )?;
    Ok(out.join(format!("spanarc-{VERSION}.tgz")))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn write_sizes(file: &Path, table: &str) -> Result<()> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let new = with_sizes(&text, table)
        .with_context(|| format!("{} has no place for the sizes", file.display()))?;
    if new != text {
        fs::write(file, new).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// The text with the table between its two marks. None where there are no marks.
fn with_sizes(text: &str, table: &str) -> Option<String> {
    let mark = "<!-- sizes -->";
    let mut parts = text.split(mark);
    let (before, _, after) = (parts.next()?, parts.next()?, parts.next()?);
    let table = table.trim();
    Some(format!("{before}{mark}\n{table}\n{mark}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_stand_between_their_marks() {
        let text = "Before\n\n<!-- sizes -->\nold\n<!-- sizes -->\n\nAfter\n";
        let new = with_sizes(text, "| new |\n").expect("two marks");
        assert_eq!(
            new,
            "Before\n\n<!-- sizes -->\n| new |\n<!-- sizes -->\n\nAfter\n"
        );
        assert_eq!(with_sizes(&new, "| new |\n"), Some(new.clone()));
        assert_eq!(with_sizes("<!-- sizes -->", "| new |"), None);
    }
}
