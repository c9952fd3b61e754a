//! What components share with the browser around them.

mod use_annotator;
mod use_scene;
mod use_settled;

pub(crate) use use_annotator::use_annotator;
pub(crate) use use_scene::{SceneInput, SurfaceRefs, use_scene};
pub(crate) use use_settled::use_settled;
