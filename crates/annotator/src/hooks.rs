//! What components share with the browser around them.

mod use_annotator;
mod use_scene;

pub(crate) use use_annotator::use_annotator;
pub(crate) use use_scene::{SceneInput, SizeObserver, SurfaceRefs, use_scene};
