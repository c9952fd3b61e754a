//! What was written in a format is read back, and nothing makes a reader panic.

use proptest::prelude::*;

use super::*;
use crate::{Entity, OffsetMap, Relation, TagScheme};

/// A sentence of one to eight words with entities anywhere, overlapping ones among them.
fn any_sentence() -> impl Strategy<Value = Sentence> {
    let tokens = prop::collection::vec("[a-zäλ🌲]{1,5}", 1..8);
    let spans = prop::collection::vec((0usize..8, 0usize..3, "[A-C]"), 0..5);
    let links = prop::collection::vec((0usize..5, 0usize..5, "[r-t]"), 0..4);
    (tokens, spans, links).prop_map(|(tokens, spans, links)| {
        let length = tokens.len();
        let entities: Vec<_> = spans
            .into_iter()
            .map(|(start, more, kind)| {
                let start = start % length;
                let span = Span::new(start, (start + 1 + more).min(length));
                Entity { kind, span }
            })
            .collect();
        let relations = links
            .into_iter()
            .filter(|&(head, tail, _)| head != tail && head.max(tail) < entities.len())
            .map(|(head, tail, kind)| Relation { kind, head, tail })
            .collect();
        Sentence {
            id: String::new(),
            tokens,
            entities,
            relations,
        }
    })
}

/// Text and annotations of brat: a sentence a line, its words parted by spaces.
fn as_brat(sentences: &[Sentence]) -> (String, String) {
    let mut text = String::new();
    let (mut entities, mut lines, mut relations) = (0, Vec::new(), 0);
    let mut spans = Vec::new();
    for sentence in sentences {
        let starts: Vec<usize> = sentence
            .tokens
            .iter()
            .map(|token| {
                text.push_str(token);
                text.push(' ');
                text.len() - token.len() - 1
            })
            .collect();
        text.pop();
        text.push('\n');
        for Entity { kind, span } in &sentence.entities {
            let last = span.end - 1;
            let end = starts[last] + sentence.tokens[last].len();
            spans.push((kind, Span::<Byte>::new(starts[span.start], end)));
        }
        for relation in &sentence.relations {
            let (head, tail) = (entities + relation.head, entities + relation.tail);
            lines.push(format!(
                "R{relations}\t{} Arg1:T{head} Arg2:T{tail}\n",
                relation.kind
            ));
            relations += 1;
        }
        entities += sentence.entities.len();
    }
    let map = OffsetMap::new(&text);
    let entities = spans.into_iter().enumerate().map(|(index, (kind, span))| {
        let chars = map.to_char(span).unwrap();
        let words = &text[span.start..span.end];
        format!("T{index}\t{kind} {} {}\t{words}\n", chars.start, chars.end)
    });
    // Relations before the entities that they name.
    let annotations = lines.into_iter().chain(entities).collect();
    (text, annotations)
}

fn read_brat(text: &[u8], annotations: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let file = |name, bytes| File { name, bytes };
    let (text, annotations) = (file("d.txt", text), file("d.ann", annotations));
    let rules = SentenceRules::default();
    read_pair(
        Format::Brat,
        "d",
        [text, annotations],
        &rules,
        &Plain,
        &mut reading,
    );
    reading
}

fn without_ids(reading: &Reading) -> Vec<Sentence> {
    let sentences = reading.sentences.iter().map(|one| one.sentence.clone());
    sentences
        .map(|sentence| Sentence {
            id: String::new(),
            ..sentence
        })
        .collect()
}

proptest! {
    #[test]
    fn sentences_written_for_brat_are_read_back(sentences in prop::collection::vec(any_sentence(), 1..4)) {
        let (text, annotations) = as_brat(&sentences);
        let reading = read_brat(text.as_bytes(), annotations.as_bytes());
        prop_assert_eq!(refused(&reading), [""; 0]);
        prop_assert_eq!(notes(&reading), []);
        prop_assert_eq!(without_ids(&reading), sentences);
    }

    #[test]
    fn sentences_written_as_documents_are_read_back(sentences in prop::collection::vec(any_sentence(), 1..4)) {
        let mut start = 0;
        let (mut ner, mut relations) = (Vec::new(), Vec::new());
        for sentence in &sentences {
            let ends = |entity: &Entity| (start + entity.span.start, start + entity.span.end - 1);
            ner.push(sentence.entities.iter().map(|entity| {
                let (first, last) = ends(entity);
                serde_json::json!([first, last, entity.kind])
            }).collect::<Vec<_>>());
            relations.push(sentence.relations.iter().map(|relation| {
                let (head, tail) = (ends(&sentence.entities[relation.head]), ends(&sentence.entities[relation.tail]));
                serde_json::json!([head.0, head.1, tail.0, tail.1, relation.kind])
            }).collect::<Vec<_>>());
            start += sentence.tokens.len();
        }
        let tokens: Vec<_> = sentences.iter().map(|sentence| &sentence.tokens).collect();
        let line = serde_json::json!({"doc_key": "d", "sentences": tokens, "ner": ner, "relations": relations});
        let (format, reading) = read_detected(&line.to_string());
        prop_assert_eq!(format, Format::Dygie);
        // Spans do not tell entities on the same words apart: such relations may come to name one entity twice.
        let distinct = sentences.iter().all(|sentence| {
            let spans: std::collections::BTreeSet<_> = sentence.entities.iter().map(|entity| entity.span).collect();
            spans.len() == sentence.entities.len()
        });
        if distinct {
            prop_assert_eq!(without_ids(&reading), sentences);
        }
    }

    #[test]
    fn sentences_written_as_columns_are_read_back_in_every_dialect(
        sentences in prop::collection::vec(any_sentence(), 1..4), bilou: bool,
    ) {
        let names = ["A", "B", "C"];
        let scheme = if bilou { TagScheme::Bilou } else { TagScheme::Bio };
        let mut text = String::new();
        let mut expected = Vec::new();
        for mut sentence in sentences {
            sentence.relations.clear();
            sentence.entities.sort_by_key(|entity| entity.span);
            let mut end = 0;
            sentence.entities.retain(|entity| {
                let free = entity.span.start >= end;
                end = if free { entity.span.end } else { end };
                free
            });
            let spans: Vec<_> = sentence.entities.iter()
                .map(|entity| (names.iter().position(|name| *name == entity.kind).unwrap(), entity.span))
                .collect();
            let tags = scheme.encode(&spans, sentence.tokens.len()).unwrap();
            for (token, tag) in sentence.tokens.iter().zip(tags) {
                let places: &[&str] = if bilou { &["B", "I", "L", "U"] } else { &["B", "I"] };
                let tag = match tag.checked_sub(1) {
                    None => "O".to_owned(),
                    Some(tag) => format!("{}-{}", places[tag % places.len()], names[tag / places.len()]),
                };
                text.push_str(&format!("{token} {tag}\n"));
            }
            text.push('\n');
            expected.push(sentence);
        }
        let (format, reading) = read_detected(&text);
        prop_assert_eq!(format, Format::Conll);
        prop_assert_eq!(refused(&reading), [""; 0]);
        prop_assert_eq!(without_ids(&reading), expected);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(
        sentences in prop::collection::vec(any_sentence(), 1..3),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let (text, annotations) = as_brat(&sentences);
        let lines = [
            r#"{"doc_key": "d", "sentences": [["a", "b"]], "ner": [[[0, 1, "A"]]], "relations": [[]]}"#,
            r#"[{"tokens": ["a"], "entities": [], "relations": []}, {"tokens": []}]"#,
            r#"{"text": "ä b", "entities": [[0, 1, "A"], [2, 3, "B"]], "relations": [{"type": "r", "head": 0, "tail": 1}]}"#,
            "0\ta\tB-X\t['N']\t[0]\n1\tb\tL-X\t['r', 'N']\t[0, 1]\n",
        ];
        let damage = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            for (at, byte) in &edits {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            bytes
        };
        let mut readings = vec![
            read_brat(&damage(&text), annotations.as_bytes()),
            read_brat(text.as_bytes(), &damage(&format!("{annotations}\n"))),
        ];
        for line in lines {
            let bytes = damage(line);
            let formats = [Format::Jsonl, Format::Spert, Format::Dygie, Format::Text, Format::Conll, Format::Multihead];
            for format in formats.into_iter().chain(Format::detect(&bytes)) {
                let mut reading = Reading::default();
                read(format, bytes.as_slice(), "x", &SentenceRules::default(), &Plain, &mut reading);
                readings.push(reading);
            }
        }
        for located in readings.iter().flat_map(|reading| &reading.sentences) {
            prop_assert_eq!(located.sentence.validate(), Ok(()));
        }
    }
}
