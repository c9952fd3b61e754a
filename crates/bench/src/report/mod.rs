//! Reports in Markdown, one for each kind of measurement.

mod browser;
mod native;
mod profile;

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{inputs, measured::Machine};

/// Sections of the page by the names of their markers, and plots by the names of their files.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    pub(crate) texts: Vec<(&'static str, String)>,
    pub(crate) plots: Vec<(&'static str, String)>,
}

/// Of the measurements in a browser.
pub(crate) fn browser(folder: &Path, measured: &Path) -> Result<Sections> {
    let network = inputs::read(folder, "network.json")?;
    let inputs: inputs::Inputs = inputs::read(folder, "sentences.json")?;
    browser::report(&read(measured)?, &inputs.sentences, &network)
}

/// Of those on the machine itself.
pub(crate) fn native(folder: &Path, measured: &Path) -> Result<Sections> {
    let network = inputs::read(folder, "network.json")?;
    let many = inputs::read(folder, "many.json")?;
    native::report(&read(measured)?, &many, &network)
}

/// Of a profile.
pub(crate) fn profile(measured: &Path) -> Result<Sections> {
    profile::report(&read(measured)?)
}

fn read<T: for<'a> Deserialize<'a>>(file: &Path) -> Result<T> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let name = file.file_name().context("the measurements are no file")?;
    inputs::read(folder, &name.to_string_lossy())
}

/// The command, the machine and the day, for above a table.
fn header(command: &str, machine: &Machine) -> String {
    format!(
        "`{command}`, {}: {}, {} cores; {}.\n",
        machine.date,
        machine.processor,
        machine.cores,
        machine.software.join(", ")
    )
}

/// A table in Markdown: the first column to the left, all others to the right.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let rule: Vec<&str> = (0..head.len())
        .map(|column| if column == 0 { "---" } else { "---:" })
        .collect();
    let mut text = line(head) + &line(&rule);
    for row in rows {
        text += &line(&row.iter().map(String::as_str).collect::<Vec<_>>());
    }
    text
}

/// A time with three figures or so.
fn ms(value: f64) -> String {
    match value {
        value if value.is_nan() => "–".into(),
        value if value < 10. => format!("{value:.2}"),
        value if value < 100. => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown() {
        let text = table(&["words", "ms"], &[vec!["8".into(), "1.5".into()]]);
        assert_eq!(text, "| words | ms |\n| --- | ---: |\n| 8 | 1.5 |\n");
    }

    #[test]
    fn times_have_three_figures_and_missing_ones_a_dash() {
        assert_eq!(
            [1.234, 12.34, 123.4, f64::NAN].map(ms),
            ["1.23", "12.3", "123", "–"]
        );
    }
}
