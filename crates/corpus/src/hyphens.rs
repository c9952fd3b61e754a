//! What a corpus' tokens make of hyphenated words.

use serde::{Deserialize, Serialize};

use crate::Sentence;

/// Whether a hyphen between two letters parts tokens. Between other characters it does not: `5-fluorouracil` is one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hyphens {
    /// `drug-induced` is one token, as in the Penn Treebank.
    #[default]
    Joined,
    /// `drug-induced` is three tokens, as in OntoNotes.
    Split,
}

impl Hyphens {
    /// What most of the hyphens between letters show; joined where there are none.
    pub fn of(sentences: &[Sentence]) -> Self {
        let (mut joined, mut split) = (0_usize, 0_usize);
        for Sentence { tokens, .. } in sentences {
            joined += tokens
                .iter()
                .map(|token| hyphens_within(token))
                .sum::<usize>();
            split += tokens
                .windows(3)
                .filter(|three| {
                    is_lone_hyphen(&three[1]) && is_between_letters(&three[0], &three[2])
                })
                .count();
        }
        if split > joined {
            Self::Split
        } else {
            Self::Joined
        }
    }

    /// Whether hyphenated words are one token.
    pub fn is_joined(&self) -> bool {
        *self == Self::Joined
    }
}

/// Whether a character is a hyphen: ASCII's, Unicode's own, or the one that no line is broken at.
pub fn is_hyphen(character: char) -> bool {
    matches!(character, '-' | '\u{2010}' | '\u{2011}')
}

fn is_lone_hyphen(token: &str) -> bool {
    let mut characters = token.chars();
    characters.next().is_some_and(is_hyphen) && characters.next().is_none()
}

/// Hyphens between letters of a token; none of an address, which is one token whatever a corpus does.
fn hyphens_within(token: &str) -> usize {
    if token.contains('@') || token.contains("://") || token.starts_with("www.") {
        return 0;
    }
    token
        .match_indices(is_hyphen)
        .filter(|(at, hyphen)| is_between_letters(&token[..*at], &token[at + hyphen.len()..]))
        .count()
}

fn is_between_letters(before: &str, after: &str) -> bool {
    before.ends_with(char::is_alphabetic) && after.starts_with(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Hyphens {
        let sentences: Vec<Sentence> = texts
            .iter()
            .map(|text| Sentence {
                id: String::new(),
                tokens: text.split(' ').map(str::to_owned).collect(),
                entities: Vec::new(),
                relations: Vec::new(),
            })
            .collect();
        Hyphens::of(&sentences)
    }

    #[test]
    fn the_greater_part_of_hyphens_between_letters_decides() {
        assert_eq!(
            of(&["a lithium - induced tremor", "well - known"]),
            Hyphens::Split
        );
        assert_eq!(
            of(&["a self-made man", "a well-known drug - induced"]),
            Hyphens::Joined
        );
    }

    #[test]
    fn every_hyphen_counts_but_those_of_addresses() {
        assert_eq!(of(&["state-of-the-art", "a - b a - b"]), Hyphens::Joined);
        assert_eq!(
            of(&["see www.a-b-c.org or x@a-b.org", "a \u{2010} b"]),
            Hyphens::Split
        );
        assert_eq!(of(&["a\u{2011}b", "c\u{2010}d", "a - b"]), Hyphens::Joined);
    }

    #[test]
    fn hyphens_beside_other_characters_decide_nothing() {
        assert_eq!(
            of(&["5-fluorouracil and B-12 and -like", "drug - induced"]),
            Hyphens::Split
        );
        assert_eq!(of(&["1914 - 18", "( - ) x", "- a"]), Hyphens::Joined);
        assert_eq!(of(&[]), Hyphens::Joined);
    }
}
