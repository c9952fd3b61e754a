//! Raw text to annotations: sentences, tokens, cache, model. No I/O; one code path for command line and browser.

mod abbreviation;
pub mod sentence;
pub mod token;
