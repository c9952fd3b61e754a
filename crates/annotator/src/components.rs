//! The parts of the annotator.

mod annotator;
mod announcer;
mod button;
mod download;
mod editor;
mod file_buttons;
mod file_notice;
mod items;
mod legend;
mod notice;
mod overlay;
mod panel;
mod rows;
mod score;
mod status_line;
mod threshold;
mod tooltip;

pub use annotator::{Annotator, AnnotatorProps};
pub(crate) use annotator::{Rooted, RootedProps};
