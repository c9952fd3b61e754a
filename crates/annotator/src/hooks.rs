//! What components share with the browser around them.

mod use_drop;
mod use_event;
mod use_files;
mod use_line;
mod use_scene;
mod use_shadow;
mod use_typing;

pub(crate) use use_drop::{listed, use_drop};
pub(crate) use use_event::use_event;
pub(crate) use use_files::{FileNews, Files, use_files};
pub(crate) use use_line::use_line;
pub(crate) use use_scene::{SurfaceRefs, use_scene};
pub(crate) use use_shadow::{place_in, use_shadow, use_sheets};
pub(crate) use use_typing::use_typing;
