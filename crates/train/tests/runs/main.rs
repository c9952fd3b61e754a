//! Whole runs on a corpus of a few sentences.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

mod choice;
mod encoder;
mod learning;
mod refusals;
mod tiny_run;
