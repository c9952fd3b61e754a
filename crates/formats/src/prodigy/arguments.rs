//! Which mentions relations mean, which name spans by offsets and tokens.

use std::collections::HashMap;

use serde::Deserialize;

/// A span as relations repeat it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct SpanRange {
    pub(crate) start: Option<usize>,
    pub(crate) end: Option<usize>,
    pub(crate) label: Option<String>,
}

/// Spans by what relations call them. A span's name is what the draft calls its mention.
#[derive(Default)]
pub(crate) struct Arguments {
    /// Names and types of the spans at each place.
    at: HashMap<(usize, usize), Vec<(String, String)>>,
    /// Names of the first span that ends at each token.
    ending: HashMap<usize, String>,
    /// First and last token and name of each span.
    tokens: Vec<(usize, usize, String)>,
}

impl Arguments {
    /// Adds a span.
    pub(crate) fn add(&mut self, offsets: (usize, usize), kind: &str, name: String) {
        let here = self.at.entry(offsets).or_default();
        here.push((kind.to_owned(), name));
    }

    /// Adds the tokens of a span, the last one inclusive.
    pub(crate) fn add_tokens(&mut self, first: usize, last: usize, name: String) {
        let ending = self.ending.entry(last);
        ending.or_insert_with(|| name.clone());
        self.tokens.push((first, last, name));
    }

    /// The span at the same place, of the same type if there is one; else the one that ends at the token, or else holds it.
    pub(crate) fn find(&self, span: Option<&SpanRange>, token: Option<usize>) -> Option<&str> {
        let place = span.and_then(|span| span.start.zip(span.end));
        if let Some(here) = place.and_then(|place| self.at.get(&place)) {
            let label = span.and_then(|span| span.label.as_deref());
            let same = here.iter().find(|(kind, _)| Some(kind.as_str()) == label);
            return same.or(here.first()).map(|(_, name)| name.as_str());
        }
        let token = token.filter(|_| place.is_none())?;
        let holds = |(first, last, _): &&(usize, usize, String)| (*first..=*last).contains(&token);
        let holding = || self.tokens.iter().find(holds).map(|(.., name)| name);
        let ending = self.ending.get(&token);
        ending.or_else(holding).map(String::as_str)
    }
}
