//! Names of types.

use spanarc_protocol::Label;

/// The name of the type at `index`; empty when a reply names a type that the model has not.
pub(crate) fn label_name(labels: &[Label], index: usize) -> &str {
    labels.get(index).map_or("", |label| &label.name)
}
