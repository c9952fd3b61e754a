//! JSON with a document a line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spanarc_formats::Format;

fuzz_target!(|bytes: &[u8]| spanarc_fuzz::read_as(
    &[
        Format::Dygie,
        Format::Jsonl,
        Format::Text,
        Format::Doccano,
        Format::Prodigy,
        Format::Spacy
    ],
    bytes
));
