//! The form in which documents of all tools are compared.

use serde::Deserialize;
use spanarc_document::{Char, Document, Id, OffsetMap, State};
use spanarc_formats::Annotated;

/// A document of a file. Offsets are code points.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Neutral {
    pub(crate) file: String,
    text: String,
    mentions: Vec<Mention>,
    relations: Vec<(String, Mention, Mention)>,
}

/// The pieces of a mention, and its type.
type Mention = (Vec<(usize, usize)>, String);

impl Neutral {
    /// What a document says but for what a person rejected.
    pub(crate) fn of(file: &str, annotated: &Annotated) -> Self {
        let document = &annotated.document;
        let map = OffsetMap::new(document.text());
        let mentions = document
            .mentions()
            .iter()
            .filter(|mention| mention.state != State::Rejected);
        let links = document
            .links()
            .iter()
            .filter(|link| link.state != State::Rejected);
        Self {
            file: file.to_owned(),
            text: document.text().to_string(),
            mentions: mentions
                .map(|one| mention(document, &map, one.id))
                .collect(),
            relations: links
                .map(|link| {
                    (
                        link.kind.to_string(),
                        mention(document, &map, link.head),
                        mention(document, &map, link.tail),
                    )
                })
                .collect(),
        }
        .ordered()
    }

    /// The lines that a check prints, by file.
    pub(crate) fn of_lines(lines: &str) -> Vec<Self> {
        let read = |line: &str| {
            serde_json::from_str::<Self>(line).unwrap_or_else(|error| panic!("{error} in {line:?}"))
        };
        let mut documents: Vec<Self> = lines.lines().map(|line| read(line).ordered()).collect();
        documents.sort_by(|one, other| one.file.cmp(&other.file));
        documents
    }

    /// Everything in one order. Pieces that only white space parts are one: brat cuts mentions where lines end.
    fn ordered(mut self) -> Self {
        let characters: Vec<char> = self.text.chars().collect();
        let ends = self
            .relations
            .iter_mut()
            .flat_map(|(_, head, tail)| [head, tail]);
        for (pieces, _) in self.mentions.iter_mut().chain(ends) {
            pieces.sort_unstable();
            pieces.dedup_by(|next, piece| {
                let is_one = characters
                    .get(piece.1..next.0)
                    .is_some_and(|gap| gap.iter().all(|c| c.is_whitespace()));
                if is_one {
                    piece.1 = next.1;
                }
                is_one
            });
        }
        self.mentions.sort();
        self.relations.sort();
        self
    }

    /// The first thing that one document says and the other does not.
    pub(crate) fn difference(&self, found: &Self) -> Option<String> {
        if self.text != found.text {
            return Some(format!("the text is {:?}, not {:?}", found.text, self.text));
        }
        first_difference("mention", &self.mentions, &found.mentions)
            .or_else(|| first_difference("relation", &self.relations, &found.relations))
    }
}

fn mention(document: &Document, map: &OffsetMap, id: Id) -> Mention {
    let mention = document.mention(id).expect("a link's mention");
    let chars = mention.spans.iter().map(|span| {
        let span: spanarc_document::Span<Char> = map.to_char(span).expect("a span of the text");
        (span.start, span.end)
    });
    (chars.collect(), mention.kind.to_string())
}

/// What only one of two sorted lists has, as often as it has it.
fn first_difference<T: Ord + std::fmt::Debug>(
    kind: &str,
    expected: &[T],
    found: &[T],
) -> Option<String> {
    let index = expected
        .iter()
        .zip(found)
        .take_while(|(one, other)| one == other)
        .count();
    match (expected.get(index), found.get(index)) {
        (None, None) => None,
        (Some(missing), other) if other.is_none_or(|other| missing < other) => {
            Some(format!("the {kind} {missing:?} is missing"))
        }
        (_, further) => Some(format!(
            "there is a {kind} {further:?} that should not be there"
        )),
    }
}
