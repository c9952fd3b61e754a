//! Runs every test and counts them: native, in WebAssembly, of the page in a browser, of the npm package, and of formats against
//! other tools.

mod browser;
mod formats;
mod native;
mod passed;
mod samples;
mod wasm;

use std::time::Instant;

use anyhow::{Context, Result, bail};

/// A group of tests that one tool runs.
struct Stage {
    name: &'static str,
    /// Returns how many tests passed; fails when one does not.
    run: fn() -> Result<usize>,
}

const STAGES: [Stage; 5] = [
    Stage {
        name: "native",
        run: native::run,
    },
    Stage {
        name: "wasm",
        run: wasm::run,
    },
    Stage {
        name: "browser",
        run: browser::run,
    },
    Stage {
        name: "samples",
        run: samples::run,
    },
    Stage {
        name: "formats",
        run: formats::run,
    },
];

/// Runs all stages, one after another, and stops at the first that fails.
pub(crate) fn all() -> Result<()> {
    run(&STAGES)
}

/// Runs one stage.
pub(crate) fn one(name: &str) -> Result<()> {
    let Some(stage) = STAGES.iter().find(|stage| stage.name == name) else {
        bail!(
            "unknown stage of tests: {name}; there are {}",
            STAGES.map(|stage| stage.name).join(", ")
        );
    };
    run(std::slice::from_ref(stage))
}

fn run(stages: &[Stage]) -> Result<()> {
    let mut counts = Vec::new();
    for Stage { name, run } in stages {
        eprintln!("\n== {name} tests ==");
        let started = Instant::now();
        let passed = run().with_context(|| format!("the {name} tests failed"))?;
        // A stage in which nothing ran proves nothing.
        if passed == 0 {
            bail!("the {name} tests failed: none were found");
        }
        counts.push((*name, passed, started.elapsed().as_secs()));
    }
    let total: usize = counts.iter().map(|(_, passed, _)| passed).sum();
    let each: Vec<String> = counts
        .iter()
        .map(|(name, passed, seconds)| format!("{name} {passed} in {seconds} s"))
        .collect();
    println!("spanarc: {total} tests passed ({})", each.join(", "));
    Ok(())
}
