//! Progress on a terminal; nothing where standard error is none.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of `length` steps.
pub(crate) fn progress_bar(length: usize, message: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg:14} {wide_bar} {pos}/{len} {elapsed_precise} eta {eta}");
    ProgressBar::new(length as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(message.to_owned())
}
