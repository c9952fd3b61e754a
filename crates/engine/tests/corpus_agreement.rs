//! How well the tokeniser agrees with the corpus that the model was trained on.
//!
//! The corpus is not part of the project: its sentences are joined to text by the rules of print, and split again.

use std::path::PathBuf;

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
        if !(joined || closes_quote || attached || inside_number) {
            text.push(' ');
        }
        text.push_str(word);
        let opens = word == "(" || word == "`" || (word == "\"" && !quoted);
        joined = opens || (word == "'" && next == Some("'"));
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

#[test]
fn the_tokeniser_agrees_with_the_training_corpus() {
    let Some(shared) = shared() else { return };
    let corpus = std::fs::read_to_string(shared.join("data/conll04/train.jsonl")).unwrap();
    let mut raw = Agreement::default();
    let mut unglued = Agreement::default();
    for line in corpus.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let mut gold: Vec<String> = serde_json::from_value(line["tokens"].clone()).unwrap();
        let text = print(&gold);
        let tokens = tokens(&text);
        let found = spans(
            tokens
                .iter()
                .map(|token| &text[token.span.start..token.span.end]),
        );
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
    for (name, agreement) in [("as it is", &raw), ("final periods apart", &unglued)] {
        println!(
            "corpus {name}: token F1 {:.2}, sentences {:.1} %",
            agreement.f1(),
            agreement.whole()
        );
    }
    assert!(raw.f1() > 98.4 && raw.whole() > 73.0);
    assert!(unglued.f1() > 99.5 && unglued.whole() > 93.0);
}
