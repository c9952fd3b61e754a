//! The command `spanarc`: trains, measures and uses joint entity and relation models.

mod candle_pool;
mod commands;
mod files;
mod notes;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser;

#[derive(Parser)]
#[command(
    name = "spanarc",
    version,
    about = "Entities and relations in text: train, measure, annotate"
)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    candle_pool::switch_off();
    spanarc_train::processes::end_with_starter();
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        // A reader such as `head` has seen enough: no failure of ours.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {}", message(&error));
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// The chain of causes on one line. Some libraries repeat their cause in their own message; it is said once.
fn message(error: &anyhow::Error) -> String {
    let mut message = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !message.ends_with(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}
