//! The annotations shown, as JSON to copy or save.

use std::collections::HashMap;

use spanarc_corpus::exchange::{AnnotatedEntity, AnnotatedRelation, AnnotatedText};
use spanarc_protocol::ModelSummary;

use crate::{annotations::Annotations, labels::label_name, state::View};

/// `text` with what `view` shows of it. Offsets are UTF-16 code units; heads and tails are indices into the entities.
pub(crate) fn json(
    text: &str,
    annotations: &Annotations,
    view: &View,
    model: &ModelSummary,
) -> String {
    let shown: Vec<_> = view.mentions(annotations).collect();
    let place: HashMap<u32, usize> = shown.iter().enumerate().map(|(i, m)| (m.id, i)).collect();
    let document = AnnotatedText {
        id: None,
        text,
        offsets: Some("utf16"),
        model: Some(&model.name),
        entities: (shown.iter())
            .map(|m| AnnotatedEntity {
                kind: label_name(&model.entity_types, m.entity_type),
                start: m.span.start,
                end: m.span.end,
                text: &m.text,
                score: m.score,
            })
            .collect(),
        relations: (view.links(annotations))
            .filter_map(|l| {
                Some(AnnotatedRelation {
                    kind: label_name(&model.relation_types, l.relation_type),
                    head: *place.get(&annotations.mentions[l.head].id)?,
                    tail: *place.get(&annotations.mentions[l.tail].id)?,
                    score: l.score,
                })
            })
            .collect(),
    };
    // Strings and numbers only: nothing here can fail to serialise.
    serde_json::to_string_pretty(&document).unwrap_or_default()
}
