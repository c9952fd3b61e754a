//! Facts about the engine, with a model that can be computed by hand.

mod toy;

use std::sync::atomic::Ordering::Relaxed;

use spanarc_corpus::Hyphens;
use spanarc_engine::{Annotations, Engine};
use toy::Toy;

fn engine() -> Engine<Toy> {
    Engine::new(Toy::new())
}

fn names<'a>(text: &'a str, annotations: &Annotations) -> Vec<&'a str> {
    annotations
        .entities
        .iter()
        .map(|entity| &text[entity.span.start..entity.span.end])
        .collect()
}

/// First words of the sentences run since the last call.
fn run(engine: &Engine<Toy>) -> Vec<String> {
    let mut run: Vec<_> =
        (engine.model().run.lock()).map_or_else(|_| Vec::new(), |mut run| run.drain(..).collect());
    run.sort();
    run
}

#[test]
fn spans_and_relations_are_those_of_the_whole_text() {
    let text = "“Zoë” met Bob. then Élodie met Bob!\nWhy, Ann?";
    let annotations = engine().annotate(text).unwrap();
    assert_eq!(
        names(text, &annotations),
        ["Zoë", "Bob", "Élodie", "Bob", "Why", "Ann"]
    );
    let pairs: Vec<_> = annotations
        .relations
        .iter()
        .map(|relation| (relation.head, relation.tail))
        .collect();
    assert_eq!(pairs, [(0, 1), (2, 3), (4, 5)]);
}

#[test]
fn words_are_split_at_hyphens_for_a_model_whose_corpus_was() {
    let text = "He met the Smith-Jones family.";
    assert_eq!(
        names(text, &engine().annotate(text).unwrap()),
        ["He", "Smith-Jones"]
    );
    let mut toy = Toy::new();
    toy.hyphens = Hyphens::Split;
    let mut engine = Engine::new(toy);
    let annotations = engine.annotate(text).unwrap();
    assert_eq!(names(text, &annotations), ["He", "Smith", "Jones"]);
}

#[test]
fn a_keystroke_runs_only_the_sentence_that_changed() {
    let mut engine = engine();
    engine.annotate("Ann left. Bob came. Cid ran.").unwrap();
    assert_eq!(run(&engine), ["Ann", "Bob", "Cid"]);
    let text = "Ann left. Bobby came. Cid ran.";
    let annotations = engine.annotate(text).unwrap();
    assert_eq!(run(&engine), ["Bobby"]);
    assert_eq!(names(text, &annotations), ["Ann", "Bobby", "Cid"]);
}

#[test]
fn equal_sentences_of_a_text_run_once() {
    let mut engine = engine();
    let annotations = engine.annotate("Ann left. Ann left.\nAnn left.").unwrap();
    assert_eq!(run(&engine), ["Ann"]);
    assert_eq!(annotations.entities.len(), 3);
}

#[test]
fn texts_annotated_together_are_those_annotated_one_by_one() {
    let texts = ["Ann left. Bob came.", "", "Bob came. Cid ran.", "Ann left."];
    let mut together = engine();
    let found = together.annotate_all(&texts);
    assert_eq!(run(&together), ["Ann", "Bob", "Cid"]);
    for (text, found) in texts.iter().zip(found) {
        assert_eq!(found.unwrap(), engine().annotate(text).unwrap(), "{text}");
    }
}

#[test]
fn each_text_with_a_sentence_that_fails_is_an_error() {
    let mut engine = engine();
    engine.annotate("Ann left.").unwrap();
    engine.model().fails.store(true, Relaxed);
    let found = engine.annotate_all(&["Ann left.", "Ann left. Bob came.", "Bob came."]);
    assert!(found[0].is_ok());
    for failed in &found[1..] {
        let error = failed.as_ref().unwrap_err().to_string();
        assert!(error.starts_with("the sentence at bytes"), "{error}");
    }
}

#[test]
fn another_threshold_needs_no_inference() {
    let mut engine = engine();
    let text = "Ann Bob Cid Dan";
    assert_eq!(engine.annotate(text).unwrap().relations.len(), 1);
    run(&engine);
    engine.set_relation_threshold(0.4);
    assert_eq!(engine.annotate(text).unwrap().relations.len(), 2);
    engine.set_relation_threshold(0.0);
    assert_eq!(engine.annotate(text).unwrap().relations.len(), 3);
    assert!(run(&engine).is_empty());
}

#[test]
fn sentences_annotated_one_by_one_are_those_of_the_text() {
    let mut engine = engine();
    let text = "Ann left Bob. Bob came.";
    let spans = engine.sentences(text);
    let texts: Vec<_> = spans
        .iter()
        .map(|span| &text[span.start..span.end])
        .collect();
    assert_eq!(texts, ["Ann left Bob.", "Bob came."]);
    assert_eq!(engine.cached(texts[1]), None);
    let found = engine.annotate_sentence(texts[1]).unwrap();
    assert_eq!(names(texts[1], &found), ["Bob"]);
    assert_eq!(engine.cached(texts[1]), Some(found));
    engine.annotate(text).unwrap();
    assert_eq!(run(&engine), ["Ann", "Bob"]);
}

#[test]
fn a_failing_model_is_an_error_that_names_the_sentence_and_can_be_tried_again() {
    let mut engine = engine();
    engine.model().fails.store(true, Relaxed);
    let error = engine.annotate("  Ann left.").unwrap_err();
    assert!(error.to_string().contains("bytes 2..11"), "{error}");
    engine.model().fails.store(false, Relaxed);
    assert_eq!(engine.annotate("  Ann left.").unwrap().entities.len(), 1);
}

#[test]
fn texts_without_words_have_no_annotations() {
    for text in ["", " \n\t", "\u{200b}", "\0\u{1}\u{7f}", "…!?—"] {
        assert_eq!(
            engine().annotate(text).unwrap(),
            Annotations::default(),
            "{text:?}"
        );
    }
}

#[test]
fn words_are_annotated_as_they_are_and_placed_in_their_joined_text() {
    let mut engine = engine();
    let words = ["Zoë", "met", "Mr.", "Bob."];
    let text = words.join(" ");
    let annotations = engine.annotate_words(&words).unwrap();
    assert_eq!(names(&text, &annotations), ["Zoë", "Mr.", "Bob."]);
    assert_eq!(annotations.relations.len(), 1);
    engine.set_relation_threshold(0.4);
    assert_eq!(engine.annotate_words(&words).unwrap().relations.len(), 2);
    assert_eq!(engine.annotate_words(&[]).unwrap(), Annotations::default());
    engine.model().fails.store(true, Relaxed);
    let error = engine.annotate_words(&words).unwrap_err();
    assert!(error.to_string().contains("bytes 0..17"), "{error}");
}

#[test]
fn words_and_their_text_get_the_same_annotations() {
    let mut engine = engine();
    let words = "Ann met Bob , and Élodie -- \" the Fox \" -- saw Cid there";
    let mut long = vec![words; 40].join(" , ");
    long += &" Dan".repeat(400);
    for text in [words, &long] {
        let words: Vec<&str> = text.split(' ').collect();
        let annotations = engine.annotate_words(&words).unwrap();
        assert!(!annotations.relations.is_empty());
        assert_eq!(annotations, engine.annotate(text).unwrap());
    }
}

#[test]
fn no_list_of_words_is_too_long_for_the_model() {
    let engine = engine();
    let words = vec!["Ann"; 100_000];
    let annotations = engine.annotate_words(&words).unwrap();
    assert_eq!(annotations.entities.len(), 100_000);
    assert_eq!(run(&engine).len(), 100_000_usize.div_ceil(150));
}

#[test]
fn a_million_characters_are_annotated() {
    let mut engine = engine();
    for unit in [
        "Ann met Bob. ",
        "a",
        ".",
        "(",
        "'",
        "-. ",
        "京",
        "\u{fffd}",
        "Mr. ",
        "a.",
        "a,b",
        "a'",
    ] {
        let text = unit.repeat(1_000_000 / unit.chars().count());
        let started = std::time::Instant::now();
        engine.annotate(&text).unwrap();
        assert!(
            started.elapsed().as_secs() < 20,
            "{unit:?} took {:?}",
            started.elapsed()
        );
    }
}
