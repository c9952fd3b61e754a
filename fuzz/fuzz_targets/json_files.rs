//! JSON files of many documents, or of one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spanarc_formats::Format;

fuzz_target!(|bytes: &[u8]| spanarc_fuzz::read_as(
    &[Format::Spert, Format::LabelStudio, Format::Json],
    bytes
));
