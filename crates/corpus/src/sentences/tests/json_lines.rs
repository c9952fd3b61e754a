//! Formats of JSON.

use super::*;

const OURS: &str = r#"{"id": "a", "tokens": ["Parsers", "label", "trees"], "entities": [{"type": "Method", "start": 0, "end": 1}, {"type": "Data", "start": 2, "end": 3}], "relations": [{"type": "Used_For", "head": 0, "tail": 1}]}"#;

const SHOWN: &str = "Parsers label trees | Method=Parsers; Data=trees; Used_For(Parsers, trees)";

#[test]
fn our_lines_are_read_with_their_places() {
    let (format, reading) = read_detected(&format!("{OURS}\n\n{{}}\n{OURS}\n"));
    assert_eq!(format, Format::Jsonl);
    assert_eq!(sentences(&reading), [SHOWN, SHOWN]);
    assert_eq!(
        places(&reading),
        [("x, line 1".to_owned(), 1), ("x, line 4".to_owned(), 2)]
    );
    assert_eq!(
        refused(&reading),
        ["x, line 3: missing field `tokens` at column 2"]
    );
}

#[test]
fn a_relation_that_stands_there_twice_is_read_once_also_where_its_entities_do() {
    let relation = r#"{"type": "Used_For", "head": 0, "tail": 1}"#;
    let other = r#"{"type": "Used_For", "head": 1, "tail": 0}"#;
    let repeated = OURS.replace(relation, &[relation, other, relation, relation].join(", "));
    let entity = r#"{"type": "Data", "start": 2, "end": 3}"#;
    let twice = OURS.replace(entity, &[entity, entity].join(", "));
    let twice = twice.replace(
        relation,
        &[relation, &relation.replace('1', "2")].join(", "),
    );
    let (_, mut reading) = read_detected(&[OURS, &repeated, &twice].join("\n"));
    reading.drop_repeated_relations();
    assert_eq!(notes(&reading), [(Note::RelationRepeated, 3)]);
    assert_eq!(
        sentences(&reading),
        [
            SHOWN,
            &format!("{SHOWN}; Used_For(trees, Parsers)"),
            &SHOWN.replace("Data=trees", "Data=trees; Data=trees")
        ]
    );
}

#[test]
fn a_misspelt_key_is_shown_beside_the_missing_one() {
    let (_, reading) = read_detected(&OURS.replace("\"relations\"", "\"realtions\""));
    assert_eq!(
        refused(&reading),
        [
            "x, line 1: missing field `relations` at column 207; the keys there are `id`, `tokens`, `entities`, `realtions`"
        ]
    );
}

#[test]
fn an_array_of_sentences_is_read_and_its_faults_are_named_with_their_lines() {
    let items = OURS.replace("\"id\": \"a\"", "\"orig_id\": 17");
    let spread = items.replace(", \"", ",\n \"");
    let text = format!("[{items},\n{spread}\n, {OURS}]\n");
    let (format, reading) = read_detected(&text);
    assert_eq!(format, Format::Spert);
    assert_eq!(refused(&reading), [""; 0]);
    assert_eq!(sentences(&reading), [SHOWN; 3]);
    let ids: Vec<_> = reading
        .sentences
        .iter()
        .map(|one| &one.sentence.id)
        .collect();
    assert_eq!(ids, ["17", "17", "a"]);

    let faulty = spread
        .replace("\"tail\": 1", "\"tail\": 5")
        .replace("\"Data\"", "7");
    let (_, reading) = read_detected(&format!("[\n{items},\n{faulty}, {{}}]"));
    let refused = refused(&reading);
    assert!(
        refused[0].starts_with(
            "x, line 9, [1]: invalid type: integer `7`, expected a string in entities[1].type"
        ),
        "{refused:?}"
    );
    assert!(
        refused[1].starts_with("x, line 14, [2]: missing field `tokens`"),
        "{refused:?}"
    );
    assert_eq!(reading.sentences.len(), 1);
}

#[test]
fn an_array_that_is_none_is_refused_where_it_breaks() {
    let cases = [
        (
            "[\n{\n",
            "x, line 3: is not JSON: EOF while parsing an object",
        ),
        ("[{}\n{}]", "x, line 2: expected `,` or `]` at column 1"),
        (
            "[{}] x",
            "x, line 1: expected nothing after the array at column 6",
        ),
        ("[{} ,", "x, line 1: is not JSON: EOF while parsing a value"),
        ("[]", "x holds no sentences"),
    ];
    for (text, problem) in cases {
        let refused = refused(&read_as(Format::Spert, text, &SentenceRules::default()));
        let last = refused.last().unwrap();
        assert!(last.starts_with(problem), "{text:?}: {refused:?}");
    }
}

const DOCUMENT: &str = r#"{"doc_key": "d", "sentences": [["Parsers", "label", "trees"], ["They", "beat", "word", "taggers"]], "ner": [[[0, 0, "Method"], [2, 2, "Data"]], [[5, 6, "Method"], [3, 3, "Generic"]]], "relations": [[[0, 0, 2, 2, "Used_For"]], [[3, 3, 5, 6, "Beats"]]], "clusters": [[[0, 0], [3, 3]]]}"#;

#[test]
fn documents_of_sentences_count_tokens_through_the_document() {
    let (format, reading) = read_detected(&format!("{DOCUMENT}\n\n{DOCUMENT}"));
    assert_eq!(format, Format::Dygie);
    assert_eq!(refused(&reading), [""; 0]);
    let second =
        "They beat word taggers | Method=word taggers; Generic=They; Beats(They, word taggers)";
    assert_eq!(sentences(&reading), [SHOWN, second, SHOWN, second]);
    let place = |line, document| (format!("x, line {line}"), document);
    assert_eq!(
        places(&reading),
        [place(1, 1), place(1, 1), place(3, 2), place(3, 2)]
    );
    assert_eq!(reading.sentences[1].sentence.id, "d:2");
}

#[test]
fn faults_of_documents_name_the_field() {
    let cases = [
        (
            "[5, 6, \"Method\"]",
            "[5, 7, \"Method\"]",
            "ner[1][0] is 5..=7, and its sentence has the document's tokens 3..=6",
        ),
        (
            "[3, 3, \"Generic\"]",
            "[2, 3, \"Generic\"]",
            "ner[1][1] is 2..=3, and its sentence has the document's tokens 3..=6",
        ),
        (
            "[3, 3, 5, 6, \"Beats\"]",
            "[3, 3, 4, 6, \"Beats\"]",
            "relations[1][0] has 4..=6 as an argument, which `ner` does not hold",
        ),
        (
            "[[3, 3, 5, 6, \"Beats\"]]",
            "[], []",
            "relations has 3 lists for 2 sentences",
        ),
    ];
    for (old, new, problem) in cases {
        let (_, reading) = read_detected(&DOCUMENT.replacen(old, new, 1));
        assert_eq!(refused(&reading)[0], format!("x, line 1: {problem}"));
    }
    let without = DOCUMENT.replace("\"relations\"", "\"others\"");
    let (_, reading) = read_detected(&without);
    assert_eq!(
        notes(&reading),
        [(Note::UnknownKey, 2), (Note::NoRelationsKey, 1)]
    );
}

#[test]
fn texts_with_offsets_are_read_however_tools_call_them() {
    let cases = [
        r#"{"id": 1, "text": "Parsers label trees", "entities": [{"id": 7, "label": "Method", "start_offset": 0, "end_offset": 7}, {"id": 9, "label": "Data", "start_offset": 14, "end_offset": 19}], "relations": [{"id": 1, "type": "Used_For", "from_id": 7, "to_id": 9}], "Comments": []}"#,
        r#"{"text": "Parsers label trees", "spans": [[0, 7, "Method"], [14, 19, "Data"]], "relations": [{"label": "Used_For", "head": 0, "tail": 1}]}"#,
        r#"{"id": "a", "text": "Parsers label trees", "entities": [{"type": "Method", "start": 0, "end": 7, "text": "Parsers", "score": 0.9}, {"type": "Data", "start": 14, "end": 19, "text": "trees", "score": 0.8}], "relations": [{"type": "Used_For", "head": 0, "tail": 1, "score": 0.7}]}"#,
    ];
    for text in cases {
        let format = Format::detect(text.as_bytes()).unwrap();
        let rules = SentenceRules {
            suggestions: Suggestions::Keep,
            ..SentenceRules::default()
        };
        let reading = read_as(format, text, &rules);
        assert_eq!(refused(&reading), [""; 0]);
        assert_eq!(sentences(&reading), [SHOWN]);
    }
    let (_, reading) =
        read_detected(r#"{"text": "Parsers label trees", "label": [[0, 7, "Method"]]}"#);
    assert_eq!(
        sentences(&reading),
        ["Parsers label trees | Method=Parsers"]
    );
    assert_eq!(notes(&reading), [(Note::NoRelationsKey, 1)]);
}

#[test]
fn offsets_of_a_text_count_what_the_text_says_they_count() {
    for (offsets, start, end) in [("char", 2, 5), ("utf16", 3, 6), ("byte", 5, 9)] {
        let text = format!(
            r#"{{"text": "🌲 zoë x", "offsets": "{offsets}", "entities": [[{start}, {end}, "A"]], "relations": []}}"#
        );
        let (_, reading) = read_detected(&text);
        assert_eq!(sentences(&reading), ["🌲 zoë x | A=zoë"], "{offsets}");
    }
}

#[test]
fn faults_of_texts_name_the_field() {
    let text = r#"{"text": "one two", "entities": [{"type": "A", "start": 0, "end": 3, "text": "one"}, [4, 7, "B"]], "relations": [{"type": "r", "head": 0, "tail": 1}]}"#;
    assert_eq!(refused(&read_detected(text).1), [""; 0]);
    let cases = [
        (
            "\"end\": 3",
            "\"end\": 5",
            "entities[0] is said to be \"one\", but the text at its offsets, counted in code points, is \"one t\"",
        ),
        (
            "[4, 7, ",
            "[4, 8, ",
            "entities[1]: char position 8 is out of range in a text of length 7",
        ),
        (
            "[4, 7, \"B\"]",
            "[4, 7]",
            "invalid length 2, expected an entity: an object, or [start, end, type] in entities[1] at column 91",
        ),
        (
            "\"start\": 0",
            "\"begin\": 0",
            "missing field `start` in entities[0] at column 83; the keys there are `type`, `begin`, `end`, `text`",
        ),
        (
            "\"tail\": 1",
            "\"tail\": 2",
            "relations[0] names 2, which is not there",
        ),
        (
            "\"tail\": 1",
            "\"child\": 1",
            "relations[0] has neither `head` and `tail` nor `from_id` and `to_id`",
        ),
        (
            "\"head\": 0, \"tail\": 1",
            "\"from_id\": 1, \"to_id\": 2",
            "relations[0] names 2, which is not there",
        ),
        (
            "\"tail\": 1",
            "\"tail\": 0",
            "relations[0] has 0 as both arguments",
        ),
        (
            "[4, 7, ",
            "[3, 4, ",
            "entities[1] (B) covers nothing visible",
        ),
    ];
    for (old, new, problem) in cases {
        let (_, reading) = read_detected(&text.replacen(old, new, 1));
        assert_eq!(refused(&reading), [format!("x, line 1: {problem}")]);
    }
}

#[test]
fn a_label_unknown_to_the_schema_is_refused_with_its_line() {
    let (_, reading) = read_detected(OURS);
    let known =
        crate::LabelSchema::from_sentences(reading.sentences.iter().map(|one| &one.sentence));
    let thing = OURS.replace("Data", "Thing");
    let seen_in = OURS.replace("Used_For", "Seen_In");
    let (_, mut other) = read_detected(&format!("{OURS}\n{thing}\n{seen_in}"));
    other.check_against(&known);
    assert_eq!(
        refused(&other),
        [
            "x, line 2: entities[1].type is \"Thing\", which the label schema does not know; it knows Data, Method",
            "x, line 3: relations[0].type is \"Seen_In\", which the label schema does not know; it knows Used_For"
        ]
    );
    assert_eq!(other.sentences.len(), 1);
}

#[test]
fn a_file_without_sentences_is_refused_in_every_format() {
    for format in [
        Format::Jsonl,
        Format::Spert,
        Format::Dygie,
        Format::Text,
        Format::Conll,
        Format::Multihead,
    ] {
        let text = if format == Format::Spert {
            "[ ]"
        } else {
            "\n\n"
        };
        let reading = read_as(format, text, &SentenceRules::default());
        assert_eq!(refused(&reading), ["x holds no sentences"], "{format:?}");
    }
}

#[test]
fn what_a_model_suggests_is_no_gold_unless_the_rules_say_so() {
    let text = r#"{"text": "Ada met Bo", "entities": [{"type": "P", "start": 0, "end": 3}, {"type": "P", "start": 8, "end": 10, "score": 0.9}], "relations": [{"type": "met", "head": 0, "tail": 1}]}"#;
    let (_, reading) = read_detected(text);
    assert_eq!(sentences(&reading), ["Ada met Bo | P=Ada"]);
    assert_eq!(notes(&reading), [(Note::Suggested, 2)]);
    assert_eq!(
        reading.notes[0].to_string(),
        "x, line 1: a model's suggestions left out: P \"Bo\" (code points 8..10)"
    );
}
