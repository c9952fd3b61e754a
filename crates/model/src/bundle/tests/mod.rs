//! What a bundle promises, on a tiny one.

mod hostile;
mod quantized;
mod round_trip;
pub(super) mod samples;
