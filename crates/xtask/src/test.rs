//! Runs every test and counts them: native, in WebAssembly, of the page in a browser, of the npm package, and of formats against
//! other tools.

mod browser;
mod formats;
mod native;
mod passed;
mod samples;
mod wasm;

use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{page, setup};

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

/// Runs all stages, one after another, and stops at the first that fails. The page is built beside the tests in WebAssembly: its
/// linkers and optimisers leave all cores but one idle.
pub(crate) fn all() -> Result<()> {
    let stages = STAGES.map(|stage| match stage.name {
        "wasm" => Stage {
            run: wasm_beside_page,
            ..stage
        },
        _ => stage,
    });
    run(&stages)
}

fn wasm_beside_page() -> Result<usize> {
    // Not by both at once.
    setup::page_tools()?;
    thread::scope(|scope| {
        let page = scope.spawn(page::build);
        let passed = wasm::run()?;
        match page.join() {
            Ok(built) => built.map(|_| passed),
            Err(_) => bail!("the page's build ended in a panic"),
        }
    })
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
