//! Writes `tests/parity/expected.json`: what the shipped model says of `tests/parity/sentences.txt`. To be run whenever
//! the model changes: `cargo run -p spanarc-engine --example parity_snapshot`.
#![allow(dead_code)]

use std::{error::Error, fs, path::Path};

include!("../../../tests/parity/snapshot.rs");

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut engine = Engine::from_bundle(&fs::read(root.join("web/models/news.safetensors"))?)?;
    let sentences = fs::read_to_string(root.join("tests/parity/sentences.txt"))?;
    let lines = sentences
        .lines()
        .map(|text| Ok(serde_json::to_string(&Line::annotated(&mut engine, text)?)?))
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    fs::write(
        root.join("tests/parity/expected.json"),
        format!("[\n{}\n]\n", lines.join(",\n")),
    )?;
    println!("{} lines", lines.len());
    Ok(())
}
