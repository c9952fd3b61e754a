//! What documents say, without their places: formats of tokens keep no white space, and so no offsets.

use spanarc_document::{Attributes, Document, Id, Origin, State};
use spanarc_formats::Annotated;

/// Mentions, relations and notes of the documents of a file, in one order. What a source calls an annotation is no part of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Content {
    mentions: Vec<(Mention, String)>,
    relations: Vec<(String, Mention, Mention, String)>,
    notes: String,
}

/// Type, and the words of each piece without white space.
type Mention = (String, Vec<String>);

impl Content {
    pub(crate) fn of(documents: &[Annotated]) -> Self {
        let documents = || documents.iter().map(|annotated| &annotated.document);
        let mentions = documents().flat_map(|document| {
            let said = |one: &spanarc_document::Mention| {
                (
                    mention(document, one.id),
                    beside(&one.origin, one.state, &one.attributes),
                )
            };
            document.mentions().iter().map(said).collect::<Vec<_>>()
        });
        let relations = documents().flat_map(|document| {
            let said = |link: &spanarc_document::Link| {
                let [head, tail] = [link.head, link.tail].map(|id| mention(document, id));
                let beside = beside(&link.origin, link.state, &link.attributes);
                (link.kind.to_string(), head, tail, beside)
            };
            document.links().iter().map(said).collect::<Vec<_>>()
        });
        let (mut mentions, mut relations): (Vec<_>, Vec<_>) =
            (mentions.collect(), relations.collect());
        mentions.sort();
        relations.sort();
        let notes = documents().map(|document| all(document.notes()));
        Self {
            mentions,
            relations,
            notes: notes.collect(),
        }
    }

    pub(crate) fn without_relations(&self) -> Self {
        Self {
            mentions: self.mentions.clone(),
            relations: Vec::new(),
            notes: self.notes.clone(),
        }
    }
}

fn mention(document: &Document, id: Id) -> Mention {
    let mention = document.mention(id).unwrap();
    let pieces = document.words(&mention.spans);
    let pieces = pieces.map(|piece| piece.split_whitespace().collect());
    (mention.kind.to_string(), pieces.collect())
}

fn beside(origin: &Origin, state: State, attributes: &Attributes) -> String {
    format!("{origin:?} {state:?} {}", all(attributes))
}

fn all(attributes: &Attributes) -> String {
    let mut all: Vec<String> = (attributes.iter())
        .filter(|(key, _)| *key != "id")
        .map(|(key, value)| format!("{key}: {value};"))
        .collect();
    all.sort();
    all.concat()
}
