//! Documents of two files, parted by a zero byte.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spanarc_formats::Format;

fuzz_target!(|bytes: &[u8]| spanarc_fuzz::read_pair_as(&[Format::Brat, Format::W3c], bytes));
