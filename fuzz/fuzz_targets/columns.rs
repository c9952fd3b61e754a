//! Columns, with tags of every dialect.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spanarc_formats::Format;

fuzz_target!(|bytes: &[u8]| spanarc_fuzz::read_as(&[Format::Conll, Format::Multihead], bytes));
