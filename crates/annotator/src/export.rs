//! The annotations shown, as JSON to copy or save.

use std::{collections::HashMap, rc::Rc};

use spanarc_corpus::exchange::{AnnotatedEntity, AnnotatedRelation, AnnotatedText};
use spanarc_document::Mention;

use crate::shown::Shown;

/// The text with what is shown of its annotations. Offsets are UTF-16 code units; heads and tails are indices into the
/// entities.
pub(crate) fn json(shown: &Shown, model: Option<&str>) -> String {
    let mentions: Vec<(&Mention, Rc<str>)> =
        (shown.mentions().map(|m| (m, shown.words(&m.spans)))).collect();
    let places = mentions.iter().enumerate();
    let place: HashMap<_, _> = places.map(|(i, (m, _))| (m.id, i)).collect();
    let mut relations: Vec<AnnotatedRelation> = (shown.links())
        .filter_map(|link| {
            Some(AnnotatedRelation {
                kind: &link.kind,
                head: *place.get(&link.head)?,
                tail: *place.get(&link.tail)?,
                score: link.origin.score(),
            })
        })
        .collect();
    relations.sort_by(|a, b| (a.head, a.tail, a.kind).cmp(&(b.head, b.tail, b.kind)));
    let document = AnnotatedText {
        id: None,
        text: shown.document().text(),
        offsets: Some("utf16"),
        model,
        entities: (mentions.iter())
            .map(|(mention, words)| {
                let span = shown.extent(&mention.spans);
                AnnotatedEntity {
                    kind: &mention.kind,
                    start: span.start,
                    end: span.end,
                    text: words,
                    score: mention.origin.score(),
                }
            })
            .collect(),
        relations,
    };
    // Strings and numbers only: nothing here can fail to serialise.
    serde_json::to_string_pretty(&document).unwrap_or_default()
}
