//! Tag schemes: entity spans as one tag a token, and back.
//!
//! Entity types are indices here, as everywhere next to the network; names come from the label schema.

use serde::{Deserialize, Serialize};

use crate::span::{Span, Token};

/// How spans become tags. Tag 0 is O in both schemes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagScheme {
    /// B- and I- per type: tags `1 + 2·type` and `2 + 2·type`.
    #[default]
    Bio,
    /// B-, I-, L-, U- per type: tags `1 + 4·type` onwards.
    Bilou,
}

/// Why spans cannot be written as tags.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// Two spans claim one token; tags hold one entity a token.
    #[error("spans {first:?} and {second:?} overlap, which tags cannot express")]
    Overlap {
        /// The span that starts first.
        first: Span<Token>,
        /// The other one.
        second: Span<Token>,
    },
    /// A span that covers no token.
    #[error("span {span:?} is empty")]
    Empty {
        /// The span.
        span: Span<Token>,
    },
    /// A span that ends after the sentence.
    #[error("span {span:?} is out of range in a sentence of {len} tokens")]
    OutOfRange {
        /// The span.
        span: Span<Token>,
        /// Tokens of the sentence.
        len: usize,
    },
}

/// A tag's place in its entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Begin,
    Inside,
    Last,
    Unit,
}

impl TagScheme {
    const fn places(self) -> &'static [Place] {
        match self {
            Self::Bio => &[Place::Begin, Place::Inside],
            Self::Bilou => &[Place::Begin, Place::Inside, Place::Last, Place::Unit],
        }
    }

    /// The entity type and place of a tag, `None` for O.
    fn parse(self, tag: usize) -> Option<(usize, Place)> {
        let places = self.places();
        let rest = tag.checked_sub(1)?;
        Some((rest / places.len(), places[rest % places.len()]))
    }

    fn tag(self, entity_type: usize, index: usize, len: usize) -> usize {
        let place = match (self, index) {
            (Self::Bio, 0) => 0,
            (Self::Bio, _) => 1,
            (Self::Bilou, 0) if len == 1 => 3,
            (Self::Bilou, 0) => 0,
            (Self::Bilou, _) if index + 1 == len => 2,
            (Self::Bilou, _) => 1,
        };
        1 + entity_type * self.places().len() + place
    }

    /// Number of tags for that many entity types, O included.
    pub const fn tag_count(self, types: usize) -> usize {
        1 + types * self.places().len()
    }

    /// Tags of a sentence of `len` tokens, from (entity type, span) pairs in any order.
    ///
    /// Errors on spans that are empty, out of range or share a token.
    pub fn encode(
        self,
        spans: &[(usize, Span<Token>)],
        len: usize,
    ) -> Result<Vec<usize>, TagError> {
        let mut sorted = spans.to_vec();
        sorted.sort_by_key(|&(_, span)| span);
        let mut tags = vec![0; len];
        let mut previous: Option<Span<Token>> = None;
        for (entity_type, span) in sorted {
            if span.is_empty() {
                return Err(TagError::Empty { span });
            }
            if span.end > len {
                return Err(TagError::OutOfRange { span, len });
            }
            if let Some(first) = previous.filter(|first| first.overlaps(span)) {
                return Err(TagError::Overlap {
                    first,
                    second: span,
                });
            }
            for (index, tag) in tags[span.start..span.end].iter_mut().enumerate() {
                *tag = self.tag(entity_type, index, span.len());
            }
            previous = Some(span);
        }
        Ok(tags)
    }

    /// (entity type, span) pairs of a tag sequence, in text order and never overlapping.
    ///
    /// Lenient where tags break the scheme, as the conlleval script is: an inside or last tag that continues
    /// nothing of its type starts an entity, and an entity left open ends before the tag that does not continue it.
    pub fn decode(self, tags: &[usize]) -> Vec<(usize, Span<Token>)> {
        let mut spans = Vec::new();
        let mut open: Option<(usize, usize)> = None;
        for (position, &tag) in tags.iter().enumerate() {
            let parsed = self.parse(tag);
            let continues = matches!(
                (open, parsed),
                (Some((open, _)), Some((kind, Place::Inside | Place::Last))) if open == kind
            );
            if !continues {
                if let Some((kind, start)) = open {
                    spans.push((kind, Span::new(start, position)));
                }
                open = parsed.map(|(kind, _)| (kind, position));
            }
            if let (Some((kind, start)), Some((_, Place::Last | Place::Unit))) = (open, parsed) {
                spans.push((kind, Span::new(start, position + 1)));
                open = None;
            }
        }
        if let Some((kind, start)) = open {
            spans.push((kind, Span::new(start, tags.len())));
        }
        spans
    }

    /// The tag that BIO has for a token with this tag: one that begins an entity, or is one, is B-x.
    pub fn to_bio(self, tag: usize) -> usize {
        match self.parse(tag) {
            None => 0,
            Some((kind, Place::Begin | Place::Unit)) => Self::Bio.tag(kind, 0, 1),
            Some((kind, Place::Inside | Place::Last)) => Self::Bio.tag(kind, 1, 2),
        }
    }

    /// Whether tag `to` may follow tag `from`; `None` stands for the sentence's start as `from`, its end as `to`.
    ///
    /// BIO forbids I-x after anything but B-x and I-x; BILOU also forbids leaving an entity without its L-x.
    pub fn allows(self, from: Option<usize>, to: Option<usize>) -> bool {
        let from = from.and_then(|tag| self.parse(tag));
        let to = to.and_then(|tag| self.parse(tag));
        let continuing = matches!(to, Some((_, Place::Inside | Place::Last)));
        match from {
            Some((kind, Place::Begin | Place::Inside)) if continuing => {
                to.is_some_and(|(next, _)| next == kind)
            }
            Some((_, Place::Begin | Place::Inside)) => self == Self::Bio,
            _ => !continuing,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use TagScheme::{Bilou, Bio};

    fn span(start: usize, end: usize) -> Span<Token> {
        Span::new(start, end)
    }

    #[test]
    fn tags_are_numbered_as_documented() {
        let types = [(0, span(0, 3)), (1, span(3, 4)), (1, span(4, 6))];
        assert_eq!(Bio.encode(&types, 7), Ok(vec![1, 2, 2, 3, 3, 4, 0]));
        assert_eq!(Bilou.encode(&types, 7), Ok(vec![1, 2, 3, 8, 5, 7, 0]));
        assert_eq!((Bio.tag_count(2), Bilou.tag_count(2)), (5, 9));
        assert_eq!(Bio.tag_count(0), 1);
    }

    #[test]
    fn touching_entities_of_one_type_stay_apart() {
        let spans = [(0, span(0, 2)), (0, span(2, 3)), (1, span(4, 7))];
        assert_eq!(Bio.encode(&spans, 7), Ok(vec![1, 2, 1, 0, 3, 4, 4]));
        assert_eq!(Bilou.encode(&spans, 7), Ok(vec![1, 3, 4, 0, 5, 6, 7]));
        assert_eq!(Bio.decode(&[1, 2, 1, 0, 3, 4, 4]), spans);
        assert_eq!(Bilou.decode(&[1, 3, 4, 0, 5, 6, 7]), spans);
    }

    #[test]
    fn spans_that_tags_cannot_hold_are_errors_that_name_them() {
        let overlap = Bio.encode(&[(1, span(1, 4)), (0, span(0, 2))], 5);
        assert_eq!(
            overlap,
            Err(TagError::Overlap {
                first: span(0, 2),
                second: span(1, 4)
            })
        );
        let twice = Bio.encode(&[(0, span(1, 2)), (0, span(1, 2))], 5);
        assert_eq!(
            twice,
            Err(TagError::Overlap {
                first: span(1, 2),
                second: span(1, 2)
            })
        );
        assert_eq!(
            Bilou.encode(&[(0, span(2, 2))], 5),
            Err(TagError::Empty { span: span(2, 2) })
        );
        assert_eq!(
            Bilou.encode(&[(0, span(3, 6))], 5),
            Err(TagError::OutOfRange {
                span: span(3, 6),
                len: 5
            })
        );
    }

    #[test]
    fn every_scheme_has_tags_of_bio() {
        let spans = [(0, span(0, 3)), (1, span(3, 4)), (1, span(4, 6))];
        let expected = Bio.encode(&spans, 7).unwrap();
        for scheme in [Bio, Bilou] {
            let tags = scheme.encode(&spans, 7).unwrap().into_iter();
            assert!(tags.map(|tag| scheme.to_bio(tag)).eq(expected.clone()));
        }
    }

    #[test]
    fn a_broken_bio_sequence_decodes_as_conlleval_reads_it() {
        // O I-0 I-0 I-1 B-0 I-0
        assert_eq!(
            Bio.decode(&[0, 2, 2, 4, 1, 2]),
            [(0, span(1, 3)), (1, span(3, 4)), (0, span(4, 6))]
        );
    }

    #[test]
    fn a_broken_bilou_sequence_decodes_leniently() {
        // B-0 O | L-0 | I-0 U-0 | B-1
        assert_eq!(
            Bilou.decode(&[1, 0, 3, 2, 4, 5]),
            [
                (0, span(0, 1)),
                (0, span(2, 3)),
                (0, span(3, 4)),
                (0, span(4, 5)),
                (1, span(5, 6))
            ]
        );
    }

    #[test]
    fn bio_forbids_only_an_inside_tag_without_its_entity() {
        assert!(Bio.allows(Some(1), Some(2)) && Bio.allows(Some(2), Some(2)));
        assert!(Bio.allows(Some(2), Some(1)) && Bio.allows(Some(1), Some(0)));
        assert!(!Bio.allows(None, Some(2)));
        assert!(!Bio.allows(Some(0), Some(2)));
        assert!(!Bio.allows(Some(3), Some(2)));
        assert!(Bio.allows(None, Some(1)) && Bio.allows(Some(1), None) && Bio.allows(None, None));
    }

    #[test]
    fn bilou_demands_that_an_entity_is_finished() {
        let [begin, inside, last, unit, other_inside] = [1, 2, 3, 4, 6].map(Some);
        assert!(Bilou.allows(begin, inside) && Bilou.allows(begin, last));
        assert!(Bilou.allows(inside, last) && Bilou.allows(inside, inside));
        assert!(Bilou.allows(last, begin) && Bilou.allows(unit, unit) && Bilou.allows(last, None));
        for illegal in [Some(0), begin, unit, other_inside, None] {
            assert!(
                !Bilou.allows(begin, illegal) && !Bilou.allows(inside, illegal),
                "{illegal:?}"
            );
        }
        for continuing in [inside, last] {
            assert!(!Bilou.allows(None, continuing) && !Bilou.allows(Some(0), continuing));
            assert!(!Bilou.allows(last, continuing) && !Bilou.allows(unit, continuing));
        }
    }

    fn disjoint_spans() -> impl Strategy<Value = (Vec<(usize, Span<Token>)>, usize)> {
        prop::collection::vec((0usize..3, 1usize..4, 0usize..3), 0..8).prop_map(|parts| {
            let mut position = 0;
            let mut spans = Vec::new();
            for (gap, len, entity_type) in parts {
                spans.push((entity_type, span(position + gap, position + gap + len)));
                position += gap + len;
            }
            (spans, position + 1)
        })
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding((spans, len) in disjoint_spans(), bilou: bool) {
            let scheme = if bilou { Bilou } else { Bio };
            let tags = scheme.encode(&spans, len).unwrap();
            prop_assert!(tags.iter().all(|&tag| tag < scheme.tag_count(3)));
            prop_assert_eq!(scheme.decode(&tags), spans);
        }

        #[test]
        fn an_allowed_sequence_is_one_that_encoding_gives_back(
            tags in prop::collection::vec(0usize..9, 0..8), bilou: bool,
        ) {
            let scheme = if bilou { Bilou } else { Bio };
            let steps = std::iter::once(None).chain(tags.iter().copied().map(Some));
            let next = tags.iter().copied().map(Some).chain([None]);
            let allowed = steps.zip(next).all(|(from, to)| scheme.allows(from, to));
            let again = scheme.encode(&scheme.decode(&tags), tags.len()).unwrap();
            prop_assert_eq!(allowed, again == tags);
        }
    }
}
