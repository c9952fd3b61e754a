//! The parts of the page.

mod announcer;
mod app;
mod download;
mod editor;
mod entity_list;
mod export_buttons;
mod items;
mod legend;
mod masthead;
mod model_menu;
mod notice;
mod overlay;
mod panel;
mod relation_list;
mod score;
mod status_line;
mod theme_toggle;
mod threshold;
mod tooltip;

pub(crate) use app::App;
