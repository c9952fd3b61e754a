//! A document's annotations by sentences and tokens, as formats of tokens write them and models learn them.

use std::collections::HashMap;

use spanarc_document::{Byte, Id, Link, Mention, Span, Spans, State, Token};

use crate::{
    annotated::{Annotated, TokenSentence},
    draft::is_visible,
    note::{Note, Noted},
    quoting::shown,
    writing::Notes,
};

/// What becomes of a mention in several pieces, which tokens' spans cannot express.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Discontinuous {
    /// It is left out, and relations with it are.
    #[default]
    Drop,
    /// It is taken to be the text from its first piece to its last.
    Cover,
}

/// A sentence with its annotations.
#[derive(Debug)]
pub struct SentenceView<'a> {
    /// The sentence.
    pub sentence: &'a TokenSentence,
    /// Mentions by identity, with the tokens that they cover.
    pub mentions: Vec<(&'a Mention, Span<Token>)>,
    /// Links by identity, with head and tail as indices into the mentions.
    pub links: Vec<(&'a Link, usize, usize)>,
}

impl Annotated {
    /// The sentences, with what a person did not reject; none where the text was not cut into any. What does not fit tokens is
    /// noted: mentions in several pieces, mentions that cut a token or go over a sentence's end, relations across sentences.
    pub fn by_tokens(
        &self,
        discontinuous: Discontinuous,
        notes: &mut Vec<Noted>,
    ) -> Vec<SentenceView<'_>> {
        let sentences = self.sentences.as_deref().unwrap_or_default();
        by_tokens(
            self,
            sentences,
            discontinuous,
            &mut Notes {
                annotated: self,
                notes,
            },
        )
    }
}

/// The sentences of a document with what a person did not reject. What does not fit is noted: mentions in several pieces,
/// mentions that cut a token or go over a sentence's end, relations across sentences.
pub(crate) fn by_tokens<'a>(
    annotated: &'a Annotated,
    sentences: &'a [TokenSentence],
    discontinuous: Discontinuous,
    notes: &mut Notes<'_>,
) -> Vec<SentenceView<'a>> {
    let mut views: Vec<SentenceView<'a>> = (sentences.iter())
        .map(|sentence| SentenceView {
            sentence,
            mentions: Vec::new(),
            links: Vec::new(),
        })
        .collect();
    let mut mentions: Vec<&Mention> = annotated.document.mentions().iter().collect();
    mentions.sort_by_key(|mention| mention.id);
    let mut place_of: HashMap<Id, (usize, usize)> = HashMap::new();
    for mention in mentions {
        if mention.state == State::Rejected {
            notes.add(Note::Rejected, mention.id, annotated.describe(mention));
            continue;
        }
        if is_discontinuous(annotated.document.text(), &mention.spans) {
            let note = match discontinuous {
                Discontinuous::Drop => Note::DiscontinuousDropped,
                Discontinuous::Cover => Note::DiscontinuousCovered,
            };
            notes.add(note, mention.id, annotated.describe(mention));
            if discontinuous == Discontinuous::Drop {
                continue;
            }
        }
        let whole = mention.spans.extent();
        let text = annotated.document.text();
        let extent = trimmed(text, whole);
        let index = sentences.partition_point(|sentence| sentence.extent().end <= extent.start);
        let Some((view, tokens)) = views.get_mut(index).and_then(|view| {
            // A token of a corpus may begin or end with white space; marks that do not show may belong to none.
            let visible = without_ends(text, whole, |character| !is_visible(character));
            let mut tries = [whole, extent, visible].into_iter();
            let tokens = tries.find_map(|span| tokens_of(view.sentence, span))?;
            Some((view, tokens))
        }) else {
            notes.add(Note::CutsTokens, mention.id, annotated.describe(mention));
            continue;
        };
        place_of.insert(mention.id, (index, view.mentions.len()));
        view.mentions.push((mention, tokens));
    }
    for link in annotated.document.links() {
        let subject = || describe_link(annotated, link);
        if link.state == State::Rejected {
            notes.add(Note::Rejected, link.id, subject());
            continue;
        }
        match (place_of.get(&link.head), place_of.get(&link.tail)) {
            (Some(&(sentence, head)), Some(&(other, tail))) if sentence == other => {
                views[sentence].links.push((link, head, tail));
            }
            (Some(_), Some(_)) => notes.add(Note::RelationAcrossSentences, link.id, subject()),
            _ => notes.add(Note::RelationOfDropped, link.id, subject()),
        }
    }
    views
}

/// A relation by type and words, for messages: `Live_In(Ada, York)`.
pub(crate) fn describe_link(annotated: &Annotated, link: &Link) -> String {
    let words = |id| {
        let mention = annotated.document.mention(id);
        mention.map_or_else(String::new, |mention| {
            let pieces: Vec<_> = annotated.document.words(&mention.spans).collect();
            shown(&pieces.join(" … "))
        })
    };
    format!("{}({}, {})", link.kind, words(link.head), words(link.tail))
}

/// Whether more than white space parts the pieces of a mention.
pub(crate) fn is_discontinuous(text: &str, spans: &Spans) -> bool {
    spans.as_slice().windows(2).any(|pair| {
        let between = text.get(pair[0].end..pair[1].start);
        between.is_some_and(|between| !between.trim().is_empty())
    })
}

/// A span without white space at its ends; empty where there is nothing else.
pub(crate) fn trimmed(text: &str, span: Span<Byte>) -> Span<Byte> {
    without_ends(text, span, char::is_whitespace)
}

/// A span without certain characters at its ends; empty where there are no others.
pub(crate) fn without_ends(text: &str, span: Span<Byte>, ends: fn(char) -> bool) -> Span<Byte> {
    let words = text.get(span.start..span.end).unwrap_or_default();
    let end = span.start + words.trim_end_matches(ends).len();
    let start = span.end - words.trim_start_matches(ends).len();
    Span::new(start.min(end), end)
}

/// The tokens that a span covers exactly.
fn tokens_of(sentence: &TokenSentence, span: Span<Byte>) -> Option<Span<Token>> {
    let tokens = &sentence.tokens;
    let start = tokens
        .binary_search_by_key(&span.start, |token| token.span.start)
        .ok()?;
    let end = tokens
        .binary_search_by_key(&span.end, |token| token.span.end)
        .ok()?;
    (start <= end).then(|| Span::new(start, end + 1))
}
