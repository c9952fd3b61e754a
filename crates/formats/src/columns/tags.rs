//! Tags of columns, and what they mean together.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How tags are meant. `B-`, `I-` with a type after them and `O` are common to all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagDialect {
    /// As the file has them: `Bilou` if there is an `E-`, `L-`, `S-`, `U-`, `M-` or `W-`; `Iob1` if entities begin with
    /// `I-`, and `B-` only stands after an entity of the same type; else `Bio`.
    #[default]
    Auto,
    /// Every entity begins with `B-` (IOB2). An `I-` that continues nothing is refused.
    Bio,
    /// An `I-` that continues nothing begins an entity, as the conlleval script reads it. Takes malformed `Bio`, too.
    Iob1,
    /// The last token of an entity has `L-` or `E-`, the only one `U-`, `S-` or `W-`; `M-` is `I-`. What does not fit is
    /// refused.
    Bilou,
}

impl fmt::Display for TagDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Bio => "bio",
            Self::Iob1 => "iob1",
            Self::Bilou => "bilou",
        })
    }
}

/// Place of a tag in its entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    Begin,
    Inside,
    Last,
    Unit,
}

/// A tag that is not `O`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) position: Position,
    pub(super) kind: String,
}

/// A tag: `None` is no tag, `Some(None)` is `O`.
pub(super) fn parse_tag(text: &str) -> Option<Option<Tag>> {
    if text == "O" {
        return Some(None);
    }
    let (prefix, kind) = text.split_once('-')?;
    let position = match prefix {
        "B" => Position::Begin,
        "I" | "M" => Position::Inside,
        "E" | "L" => Position::Last,
        "S" | "U" | "W" => Position::Unit,
        _ => return None,
    };
    let kind = kind.to_owned();
    (!kind.is_empty()).then_some(Some(Tag { position, kind }))
}

/// The dialect that the tags of these sentences are of.
pub(super) fn told_dialect<'a, Tags>(sentences: impl IntoIterator<Item = Tags>) -> TagDialect
where
    Tags: IntoIterator<Item = Option<&'a Tag>>,
{
    let mut begins_inside = false;
    let mut begins_plainly = false;
    for tags in sentences {
        let mut previous: Option<&Tag> = None;
        for tag in tags {
            let kind = |tag: &Tag| tag.kind.clone();
            let same = previous.map(kind) == tag.map(kind);
            match tag.map(|tag| tag.position) {
                Some(Position::Last | Position::Unit) => return TagDialect::Bilou,
                Some(Position::Inside) => begins_inside |= !same,
                Some(Position::Begin) => begins_plainly |= !same,
                None => {}
            }
            previous = tag;
        }
    }
    if begins_inside && !begins_plainly {
        TagDialect::Iob1
    } else {
        TagDialect::Bio
    }
}
