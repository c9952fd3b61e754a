//! What `cargo xtask bench` needs of the model's code: the inputs that all engines get, and the report of what was measured.

mod inputs;
mod marked;
mod measured;
mod plot;
mod report;
mod sentences;
mod statistics;
mod work;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Inputs and reports of the inference benchmarks")]
enum Command {
    /// Write the texts, their features, and the network's weights in f32
    Inputs {
        /// The model's bundle
        #[arg(long)]
        model: PathBuf,
        /// The folder to write to
        #[arg(long)]
        out: PathBuf,
    },
    /// Print a report, and write it into the page of results
    #[command(subcommand)]
    Report(Report),
}

#[derive(Subcommand)]
enum Report {
    /// Of the measurements in a browser
    Browser(Files),
    /// Of those on the machine itself
    Native(Files),
    /// Of a profile
    Profile(Files),
}

#[derive(Args)]
struct Files {
    /// The folder of the inputs
    #[arg(long)]
    inputs: PathBuf,
    /// What was measured
    #[arg(long)]
    measured: PathBuf,
    /// The page that the report becomes part of
    #[arg(long)]
    page: PathBuf,
}

fn main() -> Result<()> {
    match Command::parse() {
        Command::Inputs { model, out } => inputs::write(&model, &out),
        Command::Report(report) => {
            let (files, sections) = match &report {
                Report::Browser(files) => (files, report::browser(&files.inputs, &files.measured)?),
                Report::Native(files) => (files, report::native(&files.inputs, &files.measured)?),
                Report::Profile(files) => (files, report::profile(&files.measured)?),
            };
            publish(files, &sections)
        }
    }
}

/// Prints the sections, and puts each in its place on the page; plots become files beside it.
fn publish(files: &Files, sections: &report::Sections) -> Result<()> {
    let page = &files.page;
    let mut text =
        fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    for (name, content) in &sections.texts {
        println!("\n{content}");
        text = marked::replace(&text, name, content)
            .with_context(|| format!("cannot write the section {name} of {}", page.display()))?;
    }
    for (name, svg) in &sections.plots {
        let file = page.with_file_name(name);
        fs::write(&file, svg).with_context(|| format!("cannot write {}", file.display()))?;
    }
    fs::write(page, text).with_context(|| format!("cannot write {}", page.display()))
}
