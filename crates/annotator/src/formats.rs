//! The program that reads and writes files of annotated documents. The host loads it, and only once it is needed.

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use serde::{Deserialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// The format of this program's own, which needs no other.
pub(crate) const JSON: &str = "json";

/// Formats that a document can be written in: what the program calls them, and what people do.
pub(crate) const FORMATS: [(&str, &str); 16] = [
    (JSON, "JSON"),
    ("text", "JSON lines, a text a line"),
    ("jsonl", "JSON lines, a sentence a line"),
    ("brat", "brat"),
    ("conll", "CoNLL (BIO)"),
    ("multihead", "CoNLL with relations"),
    ("spert", "SpERT"),
    ("dygie", "DyGIE++"),
    ("doccano", "doccano"),
    ("label-studio", "Label Studio"),
    ("webanno-tsv", "WebAnno TSV"),
    ("cas-xmi", "UIMA CAS XMI"),
    ("cas-json", "UIMA CAS JSON"),
    ("prodigy", "Prodigy"),
    ("spacy", "spaCy"),
    ("w3c", "W3C Web Annotation"),
];

/// How the program is had: the module `formats.js` of the npm package, started.
#[derive(Debug, Clone, PartialEq)]
pub struct Formats(Function);

/// What files hold.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct ReadFiles {
    pub(crate) documents: Vec<ReadDocument>,
    /// What could not be read.
    pub(crate) problems: Vec<String>,
    /// What was left out or changed.
    pub(crate) notes: Vec<String>,
}

/// A document of a file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct ReadDocument {
    /// What its file or its source calls it.
    pub(crate) name: String,
    /// How its text begins.
    pub(crate) beginning: String,
    /// JSON of a [`Document`](spanarc_document::Document).
    pub(crate) document: String,
}

/// A document in files.
#[derive(Debug, Deserialize)]
pub(crate) struct Written {
    pub(crate) files: Vec<WrittenFile>,
    /// What the format cannot hold.
    pub(crate) notes: Vec<String>,
}

/// A file.
#[derive(Debug, Deserialize)]
pub(crate) struct WrittenFile {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Formats {
    /// `load` is called without arguments whenever the program is needed, and gives a promise of it.
    pub fn new(load: Function) -> Self {
        Self(load)
    }

    /// Reads files. Errors with what people are told.
    pub(crate) async fn read(&self, files: &[File]) -> Result<ReadFiles, String> {
        let (names, contents) = (Array::new(), Array::new());
        for file in files {
            let buffer = settled(file.array_buffer()).await?;
            names.push(&file.name().into());
            contents.push(&Uint8Array::new(&buffer));
        }
        let (program, read) = self.function("read").await?;
        result(read.call2(&program, &names, &contents))
    }

    /// Writes JSON of the format `json` in another format. Errors with what people are told.
    pub(crate) async fn write(&self, format: &str, json: &str) -> Result<Written, String> {
        let (program, write) = self.function("write").await?;
        result(write.call2(&program, &format.into(), &json.into()))
    }

    async fn function(&self, name: &str) -> Result<(JsValue, Function), String> {
        let loading = self.0.call0(&JsValue::NULL).map_err(message)?;
        let program = settled(Promise::resolve(&loading)).await?;
        let function = Reflect::get(&program, &name.into()).map_err(message)?;
        let function = function.dyn_into().map_err(message)?;
        Ok((program, function))
    }
}

async fn settled(promise: Promise) -> Result<JsValue, String> {
    JsFuture::from(promise).await.map_err(message)
}

fn result<T: DeserializeOwned>(returned: Result<JsValue, JsValue>) -> Result<T, String> {
    let value = returned.map_err(message)?;
    serde_wasm_bindgen::from_value(value).map_err(|error| error.to_string())
}

fn message(error: JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => format!("{error:?}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_format_has_a_title() {
        let known: BTreeSet<&str> = spanarc_formats::Format::ALL
            .map(|format| format.name())
            .into();
        assert_eq!(BTreeSet::from(FORMATS.map(|(name, _)| name)), known);
    }
}
