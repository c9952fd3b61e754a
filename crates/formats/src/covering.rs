//! Tokens that cover a whole text, as spaCy and Prodigy want them.

use serde_json::{Value, json};
use spanarc_document::{Byte, Link, Mention, OffsetMap, Span};

use crate::{
    Offsets,
    annotated::{Annotated, TokenSentence},
    by_spans::{SpanView, by_spans},
    by_tokens::without_ends,
    writing::Notes,
};

/// A document's annotations on tokens that cover its text.
pub(crate) struct Covered<'a> {
    /// Mentions without white space at their ends, and links.
    pub(crate) view: SpanView<'a>,
    /// The tokens, none of which a mention cuts.
    pub(crate) tokens: Vec<CoverToken>,
    /// Each mention by offsets, tokens and type.
    pub(crate) ranges: Vec<Value>,
}

/// The annotations that spaCy and Prodigy can tell apart; what is left out is noted. `map` is that of the text.
pub(crate) fn covered<'a>(
    annotated: &'a Annotated,
    sentences: &[TokenSentence],
    map: &OffsetMap,
    notes: &mut Notes<'_>,
) -> Covered<'a> {
    let text = annotated.document.text();
    let mut view = by_spans(annotated, notes);
    for (_, span) in &mut view.mentions {
        // Spans are made of tokens, and white space at their ends is in none.
        *span = trimmed(text, *span);
    }
    view.tell_apart(annotated, notes);
    let tokens = cover(text, sentences, &view.mentions);
    let ranges = view.mentions.iter().map(|(mention, span)| {
        let mut range = argument(map, &tokens, *span);
        range["label"] = (&*mention.kind).into();
        range
    });
    let ranges = ranges.collect();
    Covered {
        view,
        tokens,
        ranges,
    }
}

/// A relation between the mentions of two ranges, each told by its token `end`: `token_start` or `token_end`.
pub(crate) fn relation(link: &Link, [head, tail]: [&Value; 2], end: &str) -> Value {
    json!({
        "head": head[end],
        "child": tail[end],
        "head_span": head,
        "child_span": tail,
        "label": &*link.kind,
    })
}

/// A span of whole tokens by offsets and tokens, the last one inclusive.
fn argument(map: &OffsetMap, tokens: &[CoverToken], span: Span<Byte>) -> Value {
    // The document's own spans are the text's.
    let (start, end) = Offsets::Char.of_byte(map, span).unwrap_or_default();
    let first = tokens.partition_point(|token| token.span.end <= span.start);
    let last = tokens.partition_point(|token| token.span.start < span.end);
    json!({"start": start, "end": end, "token_start": first, "token_end": last.saturating_sub(1)})
}

/// A token of a text of which every character is in a token or is the one space behind one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CoverToken {
    pub(crate) span: Span<Byte>,
    /// Whether the character behind it is a space that belongs to no token.
    pub(crate) space: bool,
}

/// The tokens of the sentences, cut where a mention begins or ends, and between them a token for whatever is more than one
/// space, as spaCy cuts texts itself.
fn cover(
    text: &str,
    sentences: &[TokenSentence],
    mentions: &[(&Mention, Span<Byte>)],
) -> Vec<CoverToken> {
    let mut cuts: Vec<usize> = (mentions.iter())
        .flat_map(|(_, span)| [span.start, span.end])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut cover = Cover {
        text,
        tokens: Vec::new(),
        end: 0,
    };
    for token in sentences.iter().flat_map(|sentence| &sentence.tokens) {
        let span = token.span;
        cover.gap(span.start, &cuts);
        cover.cut(span, &cuts);
    }
    cover.gap(text.len(), &cuts);
    cover.tokens
}

struct Cover<'a> {
    text: &'a str,
    tokens: Vec<CoverToken>,
    /// Where what is covered ends.
    end: usize,
}

impl Cover<'_> {
    /// Covers what no token of a sentence does.
    fn gap(&mut self, until: usize, cuts: &[usize]) {
        if self.end >= until {
            return;
        }
        let gap = Span::new(self.end, until);
        let words = trimmed(self.text, gap);
        if words.is_empty() {
            self.blank(until);
        } else {
            self.cut(words, cuts);
            self.gap(until, cuts);
        }
    }

    /// Covers white space.
    fn blank(&mut self, until: usize) {
        if let Some(last) = self.tokens.last_mut()
            && self.end < until
            && !last.space
            && !is_blank_text(self.text, last.span)
            && self.text[self.end..].starts_with(' ')
        {
            last.space = true;
            self.end += 1;
        }
        if self.end < until {
            self.push(Span::new(self.end, until));
        }
    }

    /// Covers a token, cut.
    fn cut(&mut self, token: Span<Byte>, cuts: &[usize]) {
        let inside = cuts.partition_point(|&cut| cut <= token.start)
            ..cuts.partition_point(|&cut| cut < token.end);
        let mut start = token.start;
        for &end in cuts[inside].iter().chain([&token.end]) {
            let piece = trimmed(self.text, Span::new(start, end));
            // White space inside tokens belongs to none where a mention ends in it.
            if !piece.is_empty() {
                self.blank(piece.start);
                self.push(piece);
            }
            start = end;
        }
    }

    fn push(&mut self, span: Span<Byte>) {
        self.tokens.push(CoverToken { span, space: false });
        self.end = span.end;
    }
}

/// Whether Python takes a character for white space: it adds four separators to Unicode's.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

fn is_blank_text(text: &str, span: Span<Byte>) -> bool {
    text[span.start..span.end].chars().all(is_blank)
}

/// A span without what Python takes for white space at its ends; empty where there is nothing else.
pub(crate) fn trimmed(text: &str, span: Span<Byte>) -> Span<Byte> {
    without_ends(text, span, is_blank)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::any_document::{Holds, any_annotated, any_tokenised};

    fn words(text: &str, tokens: &[CoverToken]) -> Vec<String> {
        let words = tokens.iter();
        words
            .map(|token| {
                let space = if token.space { "_" } else { "" };
                text[token.span.start..token.span.end].to_owned() + space
            })
            .collect()
    }

    #[test]
    fn one_space_belongs_to_the_word_before_it_and_the_rest_is_a_token() {
        let text = " Ada  met\n\nBo .";
        let tokens = cover(text, &[], &[]);
        assert_eq!(words(text, &tokens), [" ", "Ada  met\n\nBo ."]);
        let mut annotated = crate::any_document::read_one(
            crate::Format::Text,
            &[r#"{"text":" Ada  met\n\nBo .","entities":[],"relations":[]}"#],
        );
        annotated.segment(
            &crate::any_document::Words,
            None,
            crate::Discontinuous::Drop,
            &mut Vec::new(),
        );
        let tokens = cover(text, annotated.sentences.as_deref().unwrap(), &[]);
        assert_eq!(
            words(text, &tokens),
            [" ", "Ada_", " ", "met", "\n\n", "Bo_", "."]
        );
    }

    proptest! {
        #[test]
        fn tokens_and_spaces_are_the_text_and_every_mention_has_its_own(
            (annotated, tokenised) in (any_annotated(Holds::ALL), any_tokenised(Holds::ALL)),
        ) {
            for annotated in [annotated, tokenised] {
                let text = annotated.document.text();
                let mentions: Vec<_> = (annotated.document.mentions().iter())
                    .map(|mention| (mention, trimmed(text, mention.spans.extent())))
                    .collect();
                let sentences = annotated.sentences.as_deref().unwrap_or_default();
                let tokens = cover(text, sentences, &mentions);
                let joined: String = (tokens.iter())
                    .map(|token| text[token.span.start..token.span.end].to_owned() + if token.space { " " } else { "" })
                    .collect();
                prop_assert_eq!(&*joined, &**text);
                for (_, span) in &mentions {
                    prop_assert!(tokens.iter().any(|token| token.span.start == span.start));
                    prop_assert!(tokens.iter().any(|token| token.span.end == span.end));
                }
            }
        }
    }
}
