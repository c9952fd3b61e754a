//! What a format or a corpus cannot hold, and what was changed by rule.

use std::fmt;

use crate::place::Place;

/// Something that was left out or changed, by a documented rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// A mention in several pieces, left out.
    DiscontinuousDropped,
    /// A mention in several pieces, taken to be the text from the first to the last.
    DiscontinuousCovered,
    /// A mention that overlaps another one, left out.
    OverlapDropped,
    /// A relation with a mention that was left out.
    RelationOfDropped,
    /// A suggestion of what stands there already.
    SuggestionRepeated,
    /// A relation that stands there already.
    RelationRepeated,
    /// A relation between mentions of two sentences.
    RelationAcrossSentences,
    /// A relation with a mention that the format cannot tell from another one at its place.
    RelationMoved,
    /// A relation in a format that has none.
    Relation,
    /// Sentences taken for one because an annotation lies in both.
    SentencesJoined,
    /// A token cut in two because a mention ends or begins inside it.
    TokenCut,
    /// Offsets that fit the words of the text if they are counted in another unit.
    OtherUnit,
    /// An annotation that a model suggested and nobody accepted.
    Suggested,
    /// An annotation that a person rejected.
    Rejected,
    /// A document that a person rejected or skipped.
    NotAccepted,
    /// A document of which a person judged one annotation only, so that others may be missing.
    OneAnswer,
    /// A document that nobody has annotated.
    Unannotated,
    /// A document without a token, of which a format of sentences has nothing to hold.
    NoTokens,
    /// An attribute, note or normalisation that the format has no place for.
    Attribute,
    /// A mention that begins or ends inside a token or goes over a sentence's end, left out.
    CutsTokens,
    /// An event.
    Event,
    /// A relation with an event.
    RelationOfEvent,
    /// A group of mentions of the same thing.
    Equivalence,
    /// An annotation of another kind than mentions and relations.
    OtherAnnotation,
    /// Text that the format would break, such as a tab or a line break in a token, replaced by a space.
    TextChanged,
    /// A token that is written otherwise than it stands in the text.
    TokenChanged,
    /// Characters other than white space that belong to no token of a format of tokens.
    OutsideTokens,
    /// A key of a JSON object that the reader does not know.
    UnknownKey,
    /// A document without the key that holds relations.
    NoRelationsKey,
}

impl Note {
    /// What happened, in words that follow a count.
    pub const fn description(self) -> &'static str {
        match self {
            Self::DiscontinuousDropped => "discontinuous mentions left out",
            Self::DiscontinuousCovered => "discontinuous mentions taken from first to last piece",
            Self::OverlapDropped => "mentions left out because they overlap others",
            Self::RelationOfDropped => "relations with a mention that was left out, left out too",
            Self::SuggestionRepeated => "suggestions of what stands there already, left out",
            Self::RelationRepeated => "relations that stand there twice, read once",
            Self::RelationAcrossSentences => "relations between two sentences left out",
            Self::RelationMoved => "relations that go over to another mention at the same place",
            Self::Relation => "relations left out",
            Self::SentencesJoined => {
                "sentences joined because a mention or a relation lies across them"
            }
            Self::TokenCut => "tokens cut where a mention begins or ends",
            Self::OtherUnit => "texts whose offsets fit the words in another unit",
            Self::Suggested => "a model's suggestions left out",
            Self::Rejected => "rejected annotations left out",
            Self::NotAccepted => "documents that were rejected or skipped, left out",
            Self::OneAnswer => {
                "documents with an answer for one annotation only; others may be missing"
            }
            Self::Unannotated => "documents that nobody has annotated",
            Self::NoTokens => "documents without a token, left out",
            Self::Attribute => "attributes, notes and normalisations left out",
            Self::CutsTokens => "mentions left out because they cut tokens or sentences",
            Self::Event => "events left out; their triggers are mentions",
            Self::RelationOfEvent => "relations with an event left out",
            Self::Equivalence => "equivalences left out",
            Self::OtherAnnotation => "other annotations left out",
            Self::TextChanged => "places where the format forced a change of the text",
            Self::TokenChanged => "tokens written otherwise than in the text, as models see them",
            Self::OutsideTokens => "places with characters that belong to no token, left out",
            Self::UnknownKey => "keys left out",
            Self::NoRelationsKey => "documents without the key `relations`",
        }
    }
}

/// A note with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// What happened.
    pub note: Note,
    /// Where it was read.
    pub place: Place,
    /// To what: an identifier, a field, a type with its words.
    pub subject: String,
}

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: {}",
            self.place,
            self.note.description(),
            self.subject
        )
    }
}
