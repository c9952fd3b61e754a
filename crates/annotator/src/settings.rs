//! What a host says of an annotator's look and behaviour.

use std::rc::Rc;

use crate::Schema;

/// Look and behaviour. All of it may change while the annotator is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What an empty text shows; [`Strings`](crate::Strings) has the default.
    pub placeholder: Option<Rc<str>>,
    /// What assistive technology calls the text; [`Strings`](crate::Strings) has the default.
    pub label: Option<Rc<str>>,
    /// What assistive technology says of the text beyond its label.
    pub description: Option<Rc<str>>,
    /// Whether assistive technology is told that the text is not as it must be.
    pub invalid: bool,
    /// What went wrong in the host, to be shown above the text.
    pub notice: Option<Rc<str>>,
    /// Whether the text can be read and selected, but not edited.
    pub read_only: bool,
    /// Whether nothing reacts at all.
    pub disabled: bool,
    /// Whether assistive technology is told that the text must not be left empty.
    pub required: bool,
    /// Where the lists stand; beside the text where there is room when `None`.
    pub panel: Option<PanelPlace>,
    /// Whether the types stand above the text.
    pub legend: bool,
    /// The score in 0..=1 from which suggested entities are shown.
    pub entity_threshold: f32,
    /// The score in 0..=1 from which suggested relations are shown; the model's own when `None`.
    pub relation_threshold: Option<f32>,
    /// The host's types.
    pub schema: Rc<Schema>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            placeholder: None,
            label: None,
            description: None,
            invalid: false,
            notice: None,
            read_only: false,
            disabled: false,
            required: false,
            panel: None,
            legend: true,
            entity_threshold: 0.0,
            relation_threshold: None,
            schema: Rc::default(),
        }
    }
}

/// Where the lists of entities and relations stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelPlace {
    /// Nowhere.
    None,
    /// Beside the text, however narrow it is.
    Side,
    /// Below the text.
    Below,
}
