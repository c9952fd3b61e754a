//! `spanarc results`: records of runs, and the page made of them.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use spanarc_train::results::{self, Description, Records};

use crate::files;

/// Make the results page from records of runs
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    collect: Option<Command>,
    /// Folder of records
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    runs: PathBuf,
    /// The page
    #[arg(long, value_name = "FILE", default_value = "docs/results.md")]
    out: PathBuf,
    /// Write nothing, and fail if the page is not what the records give
    #[arg(long)]
    check: bool,
}

#[derive(Subcommand)]
enum Command {
    Collect(Collect),
}

/// Copy the small files of runs to a folder of records
#[derive(Args)]
struct Collect {
    /// Folder of a run, of its seeds, of a cross-validation, of an ablation or of a search for settings
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// The experiment's folder among the records, to be made
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
    /// What was tried, in a line
    #[arg(long)]
    title: String,
    /// Data that it learnt from besides the corpus it is measured on, if the runs do not name it
    #[arg(long, value_name = "WHICH")]
    extra_data: Option<String>,
    /// Recorded experiment from which this one differs in one idea
    #[arg(long, value_name = "NAME")]
    compared_with: Option<String>,
    /// Replace the experiment in the folder
    #[arg(long)]
    force: bool,
}

/// Writes or checks the page, or collects records.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if let Some(Command::Collect(collect)) = &arguments.collect {
        return collect.run();
    }
    let page = results::render(&Records::read(&arguments.runs)?);
    let out = arguments.out.display();
    if !arguments.check {
        files::write(&arguments.out, page.as_bytes())?;
        writeln!(io::stdout(), "{out}: {} lines", page.lines().count())?;
    } else if files::read(&arguments.out)? != page.as_bytes() {
        bail!(
            "{out} is not what the records in {} give: make it anew",
            arguments.runs.display()
        );
    }
    Ok(())
}

impl Collect {
    fn run(&self) -> Result<()> {
        let description = Description {
            title: self.title.clone(),
            extra_data: self.extra_data.clone(),
            compared_with: self.compared_with.clone(),
        };
        let experiment = results::collect(&self.from, &self.into, &description, self.force)?;
        let what = match experiment.runs().len() {
            0 => "the tables of a search".to_owned(),
            runs => format!("{runs} runs"),
        };
        writeln!(io::stdout(), "{}: {what}", self.into.display())?;
        Ok(())
    }
}
