//! The speed of inference beside its rivals. The programs that measure are in `benchmarks/inference`, the inputs and the
//! report come from `crates/bench`, and all files in between are in the folder `bench` of the build results.

mod programs;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{page, paths, process, setup};

const SCRIPTS: &str = "benchmarks/inference";
const PAGE: &str = "docs/performance.md";
const MODEL: &str = "web/models/news.safetensors";

/// Sentences, and keys in documents, in a browser.
pub(crate) fn browser() -> Result<()> {
    let files = Files::prepare()?;
    files.onnx()?;
    programs::candle_q8(&files.folder)?;
    programs::wasm_peak(&files.folder)?;
    files.node("browser.js")?;
    files.report("browser")
}

/// Many sentences without a browser.
pub(crate) fn native() -> Result<()> {
    let files = Files::prepare()?;
    let python = files.onnx()?;
    let spanarc = programs::release("spanarc-cli", "spanarc")?;
    let peaks = programs::native_peaks(&files.folder)?;
    process::run(
        Command::new(python)
            .arg(paths::root().join(SCRIPTS).join("native.py"))
            .arg(&files.folder)
            .arg(spanarc)
            .arg(paths::root().join(MODEL))
            .arg(peaks),
    )?;
    files.report("native")
}

/// Where the time of a sentence goes.
pub(crate) fn profile() -> Result<()> {
    let files = Files::prepare()?;
    page::build()?;
    programs::named_worker(&files.folder)?;
    files.node("profile.js")?;
    files.report("profile")
}

/// The inputs that all engines share.
struct Files {
    folder: PathBuf,
    program: PathBuf,
}

impl Files {
    fn prepare() -> Result<Self> {
        let files = Self {
            folder: paths::target().join("bench"),
            program: programs::development("spanarc-bench")?,
        };
        process::run(
            Command::new(&files.program)
                .arg("inputs")
                .arg("--model")
                .arg(paths::root().join(MODEL))
                .arg("--out")
                .arg(&files.folder),
        )?;
        Ok(files)
    }

    /// Makes the ONNX models, and returns the Python that has their runtime.
    fn onnx(&self) -> Result<PathBuf> {
        let scripts = paths::root().join(SCRIPTS);
        let python = setup::onnx_runtime(&scripts.join("requirements.txt"))?;
        process::run(
            Command::new(&python)
                .arg(scripts.join("export.py"))
                .arg(&self.folder)
                .arg(paths::shared().join("encoders"))
                .arg(self.folder.join("onnx")),
        )?;
        Ok(python)
    }

    fn node(&self, script: &str) -> Result<()> {
        setup::inference_rivals(&paths::root().join(SCRIPTS))?;
        process::run(
            page::node(SCRIPTS)?
                .arg(script)
                .env("SPANARC_BENCH", &self.folder),
        )
    }

    /// Prints what was measured, and writes it into the page.
    fn report(&self, kind: &str) -> Result<()> {
        process::run(
            Command::new(&self.program)
                .args(["report", kind, "--inputs"])
                .arg(&self.folder)
                .arg("--measured")
                .arg(self.folder.join(kind).with_extension("json"))
                .arg("--page")
                .arg(paths::root().join(PAGE)),
        )
    }
}
