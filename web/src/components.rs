//! The parts of the page around the annotator.

mod app;
mod masthead;
mod model_menu;
mod theme_toggle;

pub(crate) use app::App;
