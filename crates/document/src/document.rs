//! A text with its mentions and links, and what can be asked of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use crate::{
    Attributes, ChangeError, Id, Link, Mention, Spans, State, annotation,
    mentions::Mentions,
    offsets::OffsetError,
    span::{Byte, Span},
};

/// A text with mentions of entities and links between them. Offsets are bytes and lie between characters.
///
/// Mentions may nest and overlap. Only [`apply`](Self::apply) changes a document. Clones share the text, names and
/// attributes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Document {
    pub(crate) text: Arc<str>,
    #[serde(serialize_with = "in_order")]
    pub(crate) mentions: Mentions,
    /// Sorted by identity.
    pub(crate) links: Vec<Link>,
    #[serde(skip_serializing_if = "annotation::is_empty")]
    pub(crate) notes: Attributes,
    /// Above every identity that the document has ever held, as long as identities last.
    #[serde(skip)]
    next_id: u32,
}

/// A document as it comes from outside, unchecked.
#[derive(Deserialize)]
struct Parts {
    text: Arc<str>,
    #[serde(default)]
    mentions: Vec<Mention>,
    #[serde(default)]
    links: Vec<Link>,
    #[serde(default)]
    notes: Attributes,
}

impl Document {
    /// A text without annotations.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A text with annotations in any order, and `notes` on the whole. Errors when a span is not one of the text's, two
    /// annotations share an identity, a score is not finite, or a link lacks one of two different mentions as its ends
    /// or hangs on a rejected one.
    pub fn with_annotations(
        text: impl Into<Arc<str>>,
        mentions: Vec<Mention>,
        mut links: Vec<Link>,
        notes: Attributes,
    ) -> Result<Self, ChangeError> {
        links.sort_by_key(|link| link.id);
        let mut ids: Vec<Id> = mentions.iter().map(|mention| mention.id).collect();
        ids.extend(links.iter().map(|link| link.id));
        ids.sort_unstable();
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ChangeError::IdTaken(pair[0]));
        }
        let mut document = Self {
            text: text.into(),
            mentions: mentions.into(),
            links,
            notes,
            next_id: 0,
        };
        for &id in &ids {
            document.note_id(id);
        }
        for mention in document.mentions() {
            document.check_mention(mention)?;
        }
        for link in document.links() {
            document.check_link(link)?;
        }
        Ok(document)
    }

    /// The same document, in which annotations to come get identities from `id` on, or later ones.
    #[must_use]
    pub fn counting_from(mut self, id: Id) -> Self {
        self.next_id = self.next_id.max(id.0);
        self
    }

    /// Whether neither end of `link` is [withdrawn](Mention::is_withdrawn).
    pub fn has_present_ends(&self, link: &Link) -> bool {
        let is_present = |end| self.mention(end).is_some_and(|end| !end.is_withdrawn());
        is_present(link.head) && is_present(link.tail)
    }

    /// The text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The mentions in text order: by their first span, then their next, then identity.
    pub fn mentions(&self) -> &[Mention] {
        self.mentions.in_order()
    }

    /// The links by identity.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// What the document's file says of the whole beyond text and annotations.
    pub fn notes(&self) -> &Attributes {
        &self.notes
    }

    /// The mention of an identity; a binary search.
    pub fn mention(&self, id: Id) -> Option<&Mention> {
        self.mentions.get(id)
    }

    /// The link of an identity; a binary search.
    pub fn link(&self, id: Id) -> Option<&Link> {
        let index = self.links.binary_search_by_key(&id, |link| link.id).ok()?;
        Some(&self.links[index])
    }

    /// The links of which `mention` is head or tail, by identity.
    pub fn links_of(&self, mention: Id) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |link| link.joins(mention))
    }

    /// The mentions of which a piece shares a byte with `span`, in text order.
    pub fn mentions_in(&self, span: Span<Byte>) -> impl Iterator<Item = &Mention> + Clone {
        // Sorted by start: none after the first that starts behind the span can reach into it.
        (self.mentions().iter())
            .take_while(move |mention| mention.spans.extent().start < span.end)
            .filter(move |mention| mention.spans.overlap(span))
    }

    /// The mention of that kind at exactly these spans: the first that is not rejected, or else the first.
    pub fn find_mention(&self, kind: &str, spans: &Spans) -> Option<&Mention> {
        let mut same = self
            .mentions_at(spans)
            .iter()
            .filter(|mention| *mention.kind == *kind);
        let standing = same
            .clone()
            .find(|mention| mention.state != State::Rejected);
        standing.or_else(|| same.next())
    }

    /// The mentions at exactly these spans, by identity.
    pub fn mentions_at(&self, spans: &Spans) -> &[Mention] {
        let from_here = &self.mentions()[self.mentions().partition_point(|m| m.spans < *spans)..];
        &from_here[..from_here.partition_point(|mention| mention.spans == *spans)]
    }

    /// The link of that kind from `head` to `tail`.
    pub fn find_link(&self, kind: &str, head: Id, tail: Id) -> Option<&Link> {
        self.links
            .iter()
            .find(|link| (&*link.kind, link.head, link.tail) == (kind, head, tail))
    }

    /// The text that `spans` cover, a string for each piece. A span that is not one of the text's gives "".
    pub fn words<'a>(&'a self, spans: &'a Spans) -> impl Iterator<Item = &'a str> {
        spans
            .iter()
            .map(|span| self.text.get(span.start..span.end).unwrap_or_default())
    }

    /// An identity that no annotation has had so far.
    pub fn fresh_id(&self) -> Id {
        Id(self.next_id)
    }

    /// Errors unless `span` runs forward between two characters of the text. It may be empty.
    pub fn check_span(&self, span: Span<Byte>) -> Result<(), OffsetError> {
        check_span(&self.text, span)
    }

    /// Whether a mention or a link has this identity.
    pub(crate) fn has(&self, id: Id) -> bool {
        self.mention(id).is_some() || self.link(id).is_some()
    }

    pub(crate) fn note_id(&mut self, id: Id) {
        self.next_id = self.next_id.max(id.0.saturating_add(1));
    }
}

pub(crate) fn check_span(text: &str, span: Span<Byte>) -> Result<(), OffsetError> {
    let unit = <Byte as crate::Unit>::NAME;
    let Span { start, end, .. } = span;
    if end < start {
        return Err(OffsetError::Reversed { unit, start, end });
    }
    for position in [start, end] {
        if position > text.len() {
            return Err(OffsetError::OutOfRange {
                unit,
                position,
                len: text.len(),
            });
        }
        if !text.is_char_boundary(position) {
            return Err(OffsetError::InsideCharacter { unit, position });
        }
    }
    Ok(())
}

/// Two documents are equal when text, mentions, links and notes are, whatever either held before.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
            && self.mentions() == other.mentions()
            && self.links == other.links
            && self.notes == other.notes
    }
}

impl TryFrom<Parts> for Document {
    type Error = ChangeError;

    fn try_from(parts: Parts) -> Result<Self, ChangeError> {
        Self::with_annotations(parts.text, parts.mentions, parts.links, parts.notes)
    }
}

fn in_order<S: Serializer>(mentions: &Mentions, serializer: S) -> Result<S::Ok, S::Error> {
    mentions.in_order().serialize(serializer)
}
