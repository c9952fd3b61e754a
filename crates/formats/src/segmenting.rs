//! Running text to sentences of tokens, so that every annotation fits them.

use std::sync::Arc;

use spanarc_document::{Byte, Id, Span, State};

use crate::{
    annotated::{Annotated, TextToken, TokenSentence},
    by_tokens::{Discontinuous, is_discontinuous, trimmed},
    note::{Note, Noted},
    place::Place,
    quoting::quoted,
};

/// How running text becomes sentences and tokens. A model should see the same tokens in training as in use, so this is
/// the business of whoever uses it.
pub trait Segmenter {
    /// The sentences of a text in order; what is in none is white space.
    fn sentences(&self, text: &str) -> Vec<Span<Byte>>;

    /// The tokens of a sentence in order, each with what the model is given for it, which is not empty.
    fn tokens(&self, sentence: &str) -> Vec<(Span<Byte>, String)>;
}

/// The longest stretch, in bytes, that a relation keeps in one sentence: about as much as the longest sentence that a model
/// reads at once.
const LONGEST_RELATION: usize = 1000;

impl Annotated {
    /// Cuts a text that has no sentences into such as fit its annotations: where a mention or a relation lies in several
    /// sentences, they are one (a relation over more than a kilobyte stays apart); where a mention begins or ends inside a token, the token is cut. Both are noted.
    ///
    /// A discontinuous mention that is to be dropped keeps nothing together.
    ///
    /// Sentences are called `id:1`, `id:2`, …. In a text that is a source of its own they have places there, by lines.
    pub fn segment(
        &mut self,
        segmenter: &dyn Segmenter,
        text_source: Option<&Arc<str>>,
        discontinuous: Discontinuous,
        notes: &mut Vec<Noted>,
    ) {
        if self.sentences.is_some() {
            return;
        }
        let text = Arc::clone(self.document.text());
        let mut stretches = self.stretches(&text, discontinuous);
        stretches.sort_by_key(|(span, _)| *span);
        let mut cuts: Vec<usize> = (self.document.mentions().iter())
            .filter(|mention| mention.state != State::Rejected)
            .map(|mention| trimmed(&text, mention.spans.extent()))
            .filter(|span| !span.is_empty())
            .flat_map(|span| [span.start, span.end])
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut noted = |note, id: Option<Id>, subject: String| {
            let place = id.map_or(&self.place, |id| self.place_of(id)).clone();
            notes.push(Noted {
                note,
                place,
                subject,
            });
        };
        let joined = joined(
            segmenter.sentences(&text),
            &stretches,
            |id, span: Span<Byte>, count| {
                let sentence = quoted(text.get(span.start..span.end).unwrap_or_default());
                let subject = format!("{sentence} ({count} sentences)");
                noted(Note::SentencesJoined, Some(id), subject);
            },
        );
        let (mut line, mut counted) = (1, 0);
        let mut sentences = Vec::with_capacity(joined.len());
        for span in joined {
            line += text[counted..span.start].matches('\n').count();
            counted = span.start;
            let tokens = tokens(&text, span, &cuts, segmenter, |word| {
                noted(
                    Note::TokenCut,
                    None,
                    format!("{} on line {line} of the text", quoted(word)),
                );
            });
            if tokens.is_empty() {
                continue;
            }
            let place =
                text_source.map_or_else(|| self.place.clone(), |source| Place::new(source, line));
            let id = format!("{}:{}", self.id, sentences.len() + 1);
            sentences.push(TokenSentence { id, place, tokens });
        }
        self.sentences = Some(sentences);
    }

    /// The stretches of text that stay in one sentence, with the annotation that wants it.
    fn stretches(&self, text: &str, discontinuous: Discontinuous) -> Vec<(Span<Byte>, Id)> {
        let standing = |id| {
            let mention = self.document.mention(id)?;
            let is_dropped =
                discontinuous == Discontinuous::Drop && is_discontinuous(text, &mention.spans);
            (mention.state != State::Rejected && !is_dropped)
                .then(|| trimmed(text, mention.spans.extent()))
        };
        let mentions = self.document.mentions().iter();
        let mut stretches: Vec<_> = mentions
            .filter_map(|mention| Some((standing(mention.id)?, mention.id)))
            .collect();
        for link in self.document.links() {
            if let (Some(head), Some(tail)) = (standing(link.head), standing(link.tail)) {
                let whole = Span::new(head.start.min(tail.start), head.end.max(tail.end));
                if whole.len() <= LONGEST_RELATION {
                    stretches.push((whole, link.id));
                }
            }
        }
        stretches
    }
}

/// The sentences, joined where a stretch lies in several; `stretches` in order of their starts.
fn joined(
    sentences: Vec<Span<Byte>>,
    stretches: &[(Span<Byte>, Id)],
    mut noted: impl FnMut(Id, Span<Byte>, usize),
) -> Vec<Span<Byte>> {
    let mut joined: Vec<Span<Byte>> = Vec::new();
    // Of the last one: the annotation that wanted it, and how many sentences it is.
    let mut last_joined = None::<(Id, usize)>;
    // The furthest end of the stretches that begin before a sentence does, and whose it is.
    let (mut next, mut reach) = (0, None::<(usize, Id)>);
    for sentence in sentences {
        while let Some(&(span, id)) = stretches
            .get(next)
            .filter(|(span, _)| span.start < sentence.start)
        {
            if reach.is_none_or(|(end, _)| end < span.end) {
                reach = Some((span.end, id));
            }
            next += 1;
        }
        match (joined.last_mut(), reach) {
            (Some(last), Some((end, id))) if end > sentence.start => {
                last.end = sentence.end;
                let (_, count) = last_joined.get_or_insert((id, 1));
                *count += 1;
            }
            (last, _) => {
                if let (Some(&mut last), Some((id, count))) = (last, last_joined.take()) {
                    noted(id, last, count);
                }
                joined.push(sentence);
            }
        }
    }
    if let (Some(&last), Some((id, count))) = (joined.last(), last_joined) {
        noted(id, last, count);
    }
    joined
}

/// The tokens of a sentence, by bytes of the text, none of which goes over a cut.
fn tokens(
    text: &str,
    sentence: Span<Byte>,
    cuts: &[usize],
    segmenter: &dyn Segmenter,
    mut noted: impl FnMut(&str),
) -> Vec<TextToken> {
    let mut tokens = Vec::new();
    for (span, word) in segmenter.tokens(&text[sentence.start..sentence.end]) {
        let span = span.shifted(sentence.start);
        let first = cuts.partition_point(|&cut| cut <= span.start);
        let after = cuts.partition_point(|&cut| cut < span.end);
        if first == after {
            tokens.push(TextToken { span, word });
            continue;
        }
        noted(&text[span.start..span.end]);
        let mut start = span.start;
        for &end in cuts[first..after].iter().chain([&span.end]) {
            let pieces = segmenter.tokens(&text[start..end]).into_iter();
            tokens.extend(pieces.map(|(piece, word)| TextToken {
                span: piece.shifted(start),
                word,
            }));
            start = end;
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        any_document::{Holds, Words, any_tokenised, read_one},
        by_tokens::Discontinuous,
        format::Format,
        note::Note,
    };

    #[test]
    fn sentences_under_one_relation_are_one_note() {
        let text = r#"{"text": "Ada.\nBo.\nEve.\nIda.", "entities": [[0, 3, "P"], [9, 12, "P"]],
            "relations": [{"type": "r", "head": 0, "tail": 1}]}"#;
        let mut annotated = read_one(Format::Json, &[text]);
        let mut notes = Vec::new();
        annotated.segment(&Words, None, Discontinuous::Drop, &mut notes);
        let joined: Vec<_> = notes
            .iter()
            .filter(|noted| noted.note == Note::SentencesJoined)
            .map(|noted| noted.subject.as_str())
            .collect();
        assert_eq!(joined, ["\"Ada.\\nBo.\\nEve.\" (3 sentences)"]);
        assert_eq!(annotated.sentences.unwrap().len(), 2);
    }

    proptest! {
        #[test]
        fn every_mention_fits_the_tokens_of_a_text_that_was_segmented(
            annotated in any_tokenised(Holds { pieces: true, ..Holds::ALL }),
        ) {
            let mut notes = Vec::new();
            let views = annotated.by_tokens(Discontinuous::Cover, &mut notes);
            prop_assert!(notes.iter().all(|noted| noted.note != Note::CutsTokens), "{notes:#?}");
            let kept: usize = views.iter().map(|view| view.mentions.len() + view.links.len()).sum();
            let left_out = (notes.iter())
                .filter(|noted| matches!(noted.note, Note::Rejected | Note::RelationAcrossSentences))
                .count();
            let all = annotated.document.mentions().len() + annotated.document.links().len();
            prop_assert_eq!(kept + left_out, all);
        }
    }
}
