//! The program by which a page, or Node, reads and writes files of annotated documents; `web/element/formats_program.js` loads
//! it when it is needed first. Bytes in, text out: it knows neither a browser nor a model.
#![allow(unreachable_pub, reason = "JavaScript reaches it")]

mod notes;
mod reading;
mod sources;
mod writing;

use js_sys::Uint8Array;
use serde::Serialize;
use spanarc_formats::Format;
use wasm_bindgen::{JsError, JsValue, prelude::wasm_bindgen};

use crate::sources::File;

/// Nothing runs until somebody calls a function.
fn main() {}

/// A format by its name.
#[derive(Serialize)]
struct Description {
    name: &'static str,
    /// The endings of a document's files, or of the file that holds all documents.
    endings: Vec<&'static str>,
}

/// Every format: `{name, endings}`.
#[wasm_bindgen]
pub fn formats() -> Result<JsValue, JsError> {
    let description = |format: Format| Description {
        name: format.name(),
        endings: writing::endings(format),
    };
    to_js(&Format::ALL.map(description))
}

/// Reads files, whose names tell which belong together; the format is told by names and content unless it is given.
/// `{documents, problems, notes}`: see `reading::ReadFiles`. Throws when there is no format of that name.
#[wasm_bindgen]
pub fn read(
    names: Vec<String>,
    contents: Vec<Uint8Array>,
    format: Option<String>,
) -> Result<JsValue, JsError> {
    let format = format.as_deref().map(named).transpose()?;
    let contents: Vec<Vec<u8>> = contents.iter().map(Uint8Array::to_vec).collect();
    let files = (names.iter().zip(&contents)).map(|(name, bytes)| File { name, bytes });
    to_js(&reading::read(files.collect(), format))
}

/// Writes a document, which is JSON of the format `json`: `{files: [{name, text}], notes}`. Throws when it is none, or when
/// there is no format of that name.
#[wasm_bindgen]
pub fn write(format: &str, document: &str) -> Result<JsValue, JsError> {
    to_js(&writing::write(named(format)?, document)?)
}

fn named(name: &str) -> Result<Format, JsError> {
    Format::from_name(name).ok_or_else(|| {
        let known = Format::ALL.map(Format::name).join(", ");
        JsError::new(&format!("there is no format {name:?}; there are {known}"))
    })
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsError> {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}
