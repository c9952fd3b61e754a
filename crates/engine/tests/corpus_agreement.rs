//! How well the tokeniser agrees with the corpora that the models were trained on.
//!
//! The corpora are not part of the project: their sentences are joined to text by the rules of print, and split again.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use spanarc_corpus::{Hyphens, Sentence, jsonl};
use spanarc_engine::token::tokens;

/// The shared data, or a note that this test was skipped.
fn shared() -> Option<PathBuf> {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let path = std::env::var_os("SPANARC_SHARED").map_or(default, PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    println!(
        "SKIPPED: no shared data at {} (set SPANARC_SHARED)",
        path.display()
    );
    None
}

/// The text that a newspaper would print for `words`.
fn print(words: &[String]) -> String {
    let number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut text = String::new();
    let mut quoted = false;
    let mut joined = true;
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1).map(String::as_str);
        let previous = index.checked_sub(1).map(|index| words[index].as_str());
        let before_previous = index.checked_sub(2).map(|index| words[index].as_str());
        let closes_quote = word == "\"" && quoted;
        let clitic = word.len() > 1 && word.starts_with('\'');
        let inside_number = matches!(previous, Some("," | ":"))
            && number(word)
            && (previous == Some(":") || word.len() == 3)
            && before_previous.is_some_and(|word| number(word.trim_start_matches('$')));
        let attached = matches!(
            word.as_str(),
            "," | "." | ";" | ":" | "?" | "!" | ")" | "'" | ".."
        ) || clitic;
        let hyphen = word == "-"
            && previous.is_some_and(|word| word.ends_with(char::is_alphabetic))
            && next.is_some_and(|word| word.starts_with(char::is_alphabetic));
        if !(joined || closes_quote || attached || inside_number || hyphen) {
            text.push(' ');
        }
        text.push_str(word);
        let opens = word == "(" || word == "`" || (word == "\"" && !quoted);
        joined = opens || hyphen || (word == "'" && next == Some("'"));
        if word == "\"" {
            quoted = !quoted;
        }
    }
    text
}

/// Spans of words in their text without its white space.
fn spans<'a>(words: impl Iterator<Item = &'a str>) -> Vec<(usize, usize)> {
    let mut end = 0;
    words
        .map(|word| {
            let start = end;
            end += word.len();
            (start, end)
        })
        .collect()
}

/// Token F1 and share of sentences that agree in full, in percent.
#[derive(Default)]
struct Agreement {
    gold: usize,
    found: usize,
    same: usize,
    sentences: usize,
    same_sentences: usize,
}

impl Agreement {
    fn add(&mut self, gold: &[(usize, usize)], found: &[(usize, usize)]) {
        self.gold += gold.len();
        self.found += found.len();
        self.same += gold
            .iter()
            .filter(|span| found.binary_search(span).is_ok())
            .count();
        self.sentences += 1;
        self.same_sentences += usize::from(gold == found);
    }

    fn f1(&self) -> f64 {
        200.0 * self.same as f64 / (self.gold + self.found) as f64
    }

    fn whole(&self) -> f64 {
        100.0 * self.same_sentences as f64 / self.sentences as f64
    }
}

/// The sentences of a corpus in the shared data; none where there is no such data.
fn corpus(file: &str) -> Option<Vec<Sentence>> {
    let path = shared()?.join("data").join(file);
    if !path.is_file() {
        println!("SKIPPED: no corpus at {}", path.display());
        return None;
    }
    let bytes = std::fs::read(&path).unwrap();
    Some(jsonl::read(bytes.as_slice(), file).unwrap())
}

/// Where the tokeniser finds the words of `text`.
fn found(text: &str, hyphens: Hyphens) -> Vec<(usize, usize)> {
    let tokens = tokens(text, hyphens);
    spans(
        tokens
            .iter()
            .map(|token| &text[token.span.start..token.span.end]),
    )
}

fn report(name: &str, agreement: &Agreement) {
    let (f1, whole) = (agreement.f1(), agreement.whole());
    println!("{name}: token F1 {f1:.2}, sentences {whole:.1} %");
}

#[test]
fn the_tokeniser_agrees_with_the_training_corpus() {
    let Some(sentences) = corpus("conll04/train.jsonl") else {
        return;
    };
    assert_eq!(Hyphens::of(&sentences), Hyphens::Joined);
    let mut raw = Agreement::default();
    let mut unglued = Agreement::default();
    for Sentence {
        tokens: mut gold, ..
    } in sentences
    {
        let found = found(&print(&gold), Hyphens::Joined);
        raw.add(&spans(gold.iter().map(String::as_str)), &found);

        // A fifth of the sentences has its final period glued to the last word, by no rule that can be seen in the text.
        let last = gold.pop().unwrap();
        match last.strip_suffix('.') {
            Some(word) if !word.is_empty() && !word.contains('.') => {
                gold.extend([word.to_owned(), ".".to_owned()])
            }
            _ => gold.push(last),
        }
        unglued.add(&spans(gold.iter().map(String::as_str)), &found);
    }
    report("as it is", &raw);
    report("final periods apart", &unglued);
    assert!(raw.f1() > 98.4 && raw.whole() > 73.0);
    assert!(unglued.f1() > 99.5 && unglued.whole() > 93.0);
}

#[test]
fn the_tokeniser_agrees_with_a_corpus_that_splits_hyphenated_words() {
    let Some(sentences) = corpus("ade/full.jsonl") else {
        return;
    };
    assert_eq!(Hyphens::of(&sentences), Hyphens::Split);
    let [joined, split] = [Hyphens::Joined, Hyphens::Split].map(|hyphens| {
        let mut agreement = Agreement::default();
        for sentence in &sentences {
            let gold = spans(sentence.tokens.iter().map(String::as_str));
            agreement.add(&gold, &found(&print(&sentence.tokens), hyphens));
        }
        agreement
    });
    report("joined", &joined);
    report("split", &split);
    assert!(split.f1() > 99.7 && split.whole() > 97.5);
    assert!(joined.f1() < 95.);
}
