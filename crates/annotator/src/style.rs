//! The style of the annotator, for the shadow root that it lives in.

/// All of it. Later files may override earlier ones.
pub(crate) const STYLE: &str = concat!(
    include_str!("../styles/tokens.css"),
    include_str!("../styles/controls.css"),
    include_str!("../styles/workbench.css"),
    include_str!("../styles/surface.css"),
    include_str!("../styles/panel.css"),
    include_str!("../styles/forced-colors.css"),
);
