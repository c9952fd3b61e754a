//! UIMA CAS, in XMI and in JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spanarc_formats::Format;

fuzz_target!(|bytes: &[u8]| spanarc_fuzz::read_as(&[Format::CasXmi, Format::CasJson], bytes));
