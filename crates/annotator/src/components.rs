//! The parts of the annotator.

mod annotator;
mod announcer;
mod download;
mod editor;
mod entity_list;
mod export_buttons;
mod items;
mod legend;
mod notice;
mod overlay;
mod panel;
mod relation_list;
mod score;
mod status_line;
mod threshold;
mod tooltip;

pub use annotator::{Annotator, AnnotatorProps};
