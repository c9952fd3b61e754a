//! Writes `tests/parity/MODEL.json`: what each shipped model says of `tests/parity/MODEL.txt`. To be run whenever a
//! model changes: `cargo run -p spanarc-engine --example parity_snapshot`.
#![allow(dead_code)]

use std::{error::Error, fs, path::Path};

include!("../../../tests/parity/snapshot.rs");

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for model in ["news", "adverse-events"] {
        let bundle = fs::read(root.join(format!("web/models/{model}.safetensors")))?;
        let mut engine = Engine::from_bundle(&bundle)?;
        let sentences = fs::read_to_string(root.join(format!("tests/parity/{model}.txt")))?;
        let lines = sentences
            .lines()
            .map(|text| Ok(serde_json::to_string(&Line::annotated(&mut engine, text)?)?))
            .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
        fs::write(
            root.join(format!("tests/parity/{model}.json")),
            format!("[\n{}\n]\n", lines.join(",\n")),
        )?;
        println!("{model}: {} lines", lines.len());
    }
    Ok(())
}
