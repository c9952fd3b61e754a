//! Command-line tools from crates.io, in one pinned version: a prebuilt binary where one can be had, else built here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{paths, process};

/// A tool published both as a crate and as release archives.
pub(crate) struct CargoTool {
    /// Name of the crate.
    pub(crate) name: &'static str,
    /// The one version that is accepted.
    pub(crate) version: &'static str,
    /// The programs needed from it; the first one answers `--version`.
    pub(crate) binaries: &'static [&'static str],
    /// Address of the release archive for this machine, where there is one.
    pub(crate) archive: fn() -> Option<String>,
    /// Further arguments of `cargo install`.
    pub(crate) install_arguments: &'static [&'static str],
}

impl CargoTool {
    /// Returns the folder that holds the tool's programs, after installing them if need be.
    pub(crate) fn ensure(&self) -> Result<PathBuf> {
        if let Some(folder) = self.on_path() {
            return Ok(folder);
        }
        let home = paths::tools()?.join(format!("{}-{}", self.name, self.version));
        let bin = home.join("bin");
        if self.is_complete(&bin) {
            return Ok(bin);
        }
        fs::create_dir_all(&bin).with_context(|| format!("cannot create {}", bin.display()))?;
        if let Err(error) = self.unpack_archive(&home, &bin) {
            eprintln!("{}: no prebuilt binary ({error:#}); building it", self.name);
            self.build(&home)?;
        }
        if !self.is_complete(&bin) {
            bail!(
                "{} {} was installed but does not run in {}",
                self.name,
                self.version,
                bin.display()
            );
        }
        Ok(bin)
    }

    fn on_path(&self) -> Option<PathBuf> {
        let program = process::find_on_path(self.binaries.first()?)?;
        let folder = program.parent()?.to_owned();
        self.is_complete(&folder).then_some(folder)
    }

    fn is_complete(&self, bin: &Path) -> bool {
        self.binaries
            .iter()
            .all(|name| process::is_executable(&bin.join(name)))
            && self.binaries.first().is_some_and(|name| {
                process::output(Command::new(bin.join(name)).arg("--version"))
                    .is_ok_and(|text| text.split_whitespace().any(|word| word == self.version))
            })
    }

    fn unpack_archive(&self, home: &Path, bin: &Path) -> Result<()> {
        let url = (self.archive)().context("none is published for this machine")?;
        let archive = home.join("archive.tar.gz");
        let unpacked = home.join("unpacked");
        fs::create_dir_all(&unpacked)?;
        let result = (|| {
            process::download(&url, &archive)?;
            process::output(
                Command::new("tar")
                    .arg("-xzf")
                    .arg(&archive)
                    .arg("-C")
                    .arg(&unpacked),
            )?;
            for name in self.binaries {
                let program = find_file(&unpacked, name)?
                    .with_context(|| format!("{url} holds no {name}"))?;
                fs::rename(program, bin.join(name))?;
            }
            if !self.is_complete(bin) {
                bail!("the binary of {url} does not run on this machine");
            }
            Ok(())
        })();
        // Leftovers do no harm, and the result of the installation matters more than theirs.
        let _ = fs::remove_file(&archive);
        let _ = fs::remove_dir_all(&unpacked);
        result
    }

    /// Builds with a light profile: the tools run for seconds, while their own release profiles (fat LTO) take minutes.
    fn build(&self, home: &Path) -> Result<()> {
        // A target folder that survives an interrupted run, so that the next one goes on from there.
        let target = home.join("target");
        process::run(
            process::cargo()
                .current_dir(home)
                .args([
                    "install",
                    self.name,
                    "--version",
                    self.version,
                    "--force",
                    "--root",
                ])
                .arg(home)
                .args(self.install_arguments)
                .env("CARGO_TARGET_DIR", &target)
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
                .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
                .env("CARGO_PROFILE_RELEASE_STRIP", "true"),
        )?;
        let _ = fs::remove_dir_all(&target);
        Ok(())
    }
}

/// The file called `name` somewhere below `folder`.
fn find_file(folder: &Path, name: &str) -> Result<Option<PathBuf>> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = find_file(&path, name)? {
                return Ok(Some(found));
            }
        } else if path.file_name().is_some_and(|file| file == name) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}
