//! What edits, commands and answers do to a document, by example.
#![allow(clippy::unwrap_used)] // Helpers of tests are no tests to clippy.

mod carrying;
mod changes;
mod commands;
mod editor;
mod merging;
mod samples;
