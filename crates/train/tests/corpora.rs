//! One's own corpus: parts and formats, what is refused, and a run by a configuration of ten lines.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use spanarc_corpus::{Format, Overlaps, Sentence};
use spanarc_train::{
    Corpus, Device, Run, RunConfig, RunInput,
    corpus_choice::CorpusChoice,
    corpus_files::{CorpusFiles, corpus_name},
    pretrained::PretrainedPaths,
    run_folder::{Existing, RunFolder},
};

fn examples(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name)
}

fn with(choice: CorpusChoice) -> RunConfig {
    RunConfig {
        corpus: choice,
        ..RunConfig::default()
    }
}

/// Sentences whatever they are called, in order of their words.
fn annotations(sentences: &[Sentence]) -> Vec<Sentence> {
    let unnamed = |sentence: &Sentence| Sentence {
        id: String::new(),
        ..sentence.clone()
    };
    let mut sentences: Vec<_> = sentences.iter().map(unnamed).collect();
    sentences.sort_by(|one, other| one.tokens.cmp(&other.tokens));
    sentences
}

const SENTENCE: &str = r#"{"id": "a", "tokens": ["Parsers", "label", "trees"], "entities": [{"type": "Method", "start": 0, "end": 1}, {"type": "Data", "start": 2, "end": 3}], "relations": []}"#;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn error(data: &Path, choice: CorpusChoice) -> String {
    let error = Corpus::read_for(&with(choice), data).unwrap_err();
    error
        .to_string()
        .replace(&data.display().to_string(), "DATA")
}

#[test]
fn a_corpus_is_the_same_in_brat_and_in_json_lines() {
    let [brat, lines] = ["abstracts-brat", "abstracts-jsonl"]
        .map(|name| Corpus::read(&examples(name), None).unwrap());
    assert_eq!((brat.train.len(), brat.dev.len()), (24, 8));
    assert_eq!(annotations(&brat.train), annotations(&lines.train));
    assert_eq!(annotations(&brat.dev), annotations(&lines.dev));
    assert_eq!(brat.schema(), lines.schema());
    let schema = brat.schema();
    assert_eq!(
        (schema.entity_types.len(), schema.relation_types.len()),
        (6, 7)
    );
}

#[test]
fn a_configuration_of_ten_lines_trains_on_a_corpus_of_other_labels() {
    let path = examples("abstracts.toml");
    assert!(fs::read_to_string(&path).unwrap().lines().count() <= 10);
    let config = RunConfig::read(&path).unwrap();
    let input = RunInput {
        corpus: Corpus::read_for(&config, &examples("abstracts-brat")).unwrap(),
        pretrained: PretrainedPaths::default(),
        git_revision: None,
    };
    let out = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(out.path(), Existing::Refuse).unwrap();
    let mut run = Run::prepare(&config, &input, &Device::Cpu).unwrap();
    let mut losses = Vec::new();
    let outcome = run
        .train(&folder, |metrics| {
            losses.push(metrics.loss);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(losses.last() < losses.first(), "{losses:?}");
    // Dev has names that training has not, and 24 sentences are few.
    assert!(outcome.score.unwrap() > 20., "{:?}", outcome.score);
}

#[test]
fn parts_are_found_by_name_in_whatever_format_they_are() {
    let columns = "Parsers B-Method\nlabel O\ntrees B-Data\n";
    let array = format!("[{SENTENCE}]");
    let place = folder(&[
        ("train.conll", columns),
        ("dev.json", &array),
        ("readme.md", ""),
    ]);
    let files = CorpusFiles::read(place.path(), &CorpusChoice::default(), None).unwrap();
    let formats: Vec<_> = files.parts().map(|part| part.format).collect();
    assert_eq!(formats, [Format::Conll, Format::Spert]);
    assert_eq!(
        files
            .parts()
            .map(|part| part.reading.sentences.len())
            .sum::<usize>(),
        2
    );
}

#[test]
fn the_configuration_may_name_the_parts() {
    let place = folder(&[("a/one.jsonl", SENTENCE), ("b/two.jsonl", SENTENCE)]);
    let choice = CorpusChoice {
        train: Some("a/one.jsonl".into()),
        dev: Some("b/two.jsonl".into()),
        ..CorpusChoice::default()
    };
    let corpus = Corpus::read_for(&with(choice), place.path()).unwrap();
    assert_eq!((corpus.train.len(), corpus.dev.len()), (1, 1));
}

#[test]
fn a_file_or_a_folder_of_brat_files_may_be_the_training_part_itself() {
    let documents = examples("abstracts-brat/train");
    let corpus = Corpus::read(&documents, None).unwrap();
    assert_eq!((corpus.name.as_str(), corpus.train.len()), ("train", 24));
    let corpus = Corpus::read(&examples("abstracts-jsonl/train.jsonl"), None).unwrap();
    assert_eq!((corpus.train.len(), corpus.dev.len()), (24, 0));
}

#[test]
fn a_dev_part_is_cut_from_whole_documents_and_is_the_same_for_every_seed() {
    let config = |seed| RunConfig {
        seed,
        ..with(CorpusChoice {
            dev_share: 0.3,
            ..CorpusChoice::default()
        })
    };
    let documents = examples("abstracts-brat/train");
    let read = |seed| Corpus::read_for(&config(seed), &documents).unwrap();
    let corpus = read(1);
    assert_eq!((corpus.train.len(), corpus.dev.len()), (16, 8));
    let document = |sentence: &Sentence| sentence.id.split(':').next().unwrap().to_owned();
    let dev: Vec<_> = corpus.dev.iter().map(document).collect();
    assert!(
        corpus
            .train
            .iter()
            .all(|sentence| !dev.contains(&document(sentence)))
    );
    assert_eq!(corpus, read(2));
    let both = CorpusChoice {
        dev_share: 0.3,
        ..CorpusChoice::default()
    };
    let place = folder(&[("train.jsonl", SENTENCE), ("dev.jsonl", SENTENCE)]);
    assert_eq!(
        error(place.path(), both),
        "DATA: there is a dev part, and corpus.dev_share would cut another"
    );
}

#[test]
fn a_dev_part_that_cannot_be_cut_is_an_error() {
    let place = folder(&[("train.jsonl", SENTENCE)]);
    let choice = CorpusChoice {
        dev_share: 0.5,
        ..CorpusChoice::default()
    };
    let error = error(place.path(), choice);
    assert!(
        error.starts_with("DATA: no document can be spared"),
        "{error}"
    );
}

#[test]
fn overlapping_entities_are_refused_with_their_line_and_words() {
    let overlapping = SENTENCE.replace("\"start\": 2", "\"start\": 0");
    let place = folder(&[("train.jsonl", &format!("{SENTENCE}\n{overlapping}\n"))]);
    assert_eq!(
        error(place.path(), CorpusChoice::default()),
        "DATA/train.jsonl, line 2: entities[0] (Method \"Parsers\") and entities[1] (Data \"Parsers label trees\") \
         overlap, which tags cannot express: `overlaps = \"drop\"` keeps one of them"
    );
    let kept = CorpusChoice {
        overlaps: Overlaps::Drop,
        ..CorpusChoice::default()
    };
    let corpus = Corpus::read_for(&with(kept), place.path()).unwrap();
    assert_eq!(
        corpus.train.len(),
        2,
        "the run leaves one out, and says how many went"
    );
}

#[test]
fn all_that_is_refused_is_counted_and_the_first_lines_are_shown() {
    let faulty = SENTENCE.replace("\"end\": 3", "\"end\": 4");
    let place = folder(&[("train.jsonl", &format!("{faulty}\n").repeat(7))]);
    let error = error(place.path(), CorpusChoice::default());
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(
        lines[4],
        "DATA/train.jsonl, line 5: entities[1].end is 4, out of range in a sentence of 3 tokens"
    );
    assert_eq!(lines[5], "… and 2 more");
}

#[test]
fn what_cannot_be_told_is_refused_with_what_would_help() {
    let cases: [(&[(&str, &str)], &str); 5] = [
        (
            &[("trian.jsonl", SENTENCE)],
            "DATA: holds no training part: no file or folder called train, and no files of brat, W3C, WebAnno or UIMA; `train` in the table \
             [corpus] names another",
        ),
        (
            &[("train.jsonl", SENTENCE), ("train.conll", "a O\n")],
            "DATA: holds train.conll and train.jsonl: `train` in the table [corpus] says which is meant",
        ),
        (
            &[
                ("train/a.txt", "one"),
                ("train/b.txt", "two"),
                ("train/b.ann", ""),
            ],
            "DATA/train/a.txt: has no .ann file beside it",
        ),
        (
            &[("train/a.txt", "one")],
            "DATA/train/a.txt: the format is none of brat, conll, multihead, spert, dygie, jsonl, text, json, doccano, \
             label-studio, webanno-tsv, cas-xmi, cas-json, prodigy, spacy, w3c: \"one\" is no JSON, no XML and no row of \
             columns with a tag (O, B-…, I-…)",
        ),
        (
            &[("train/a.txt", ""), ("train/a.ann", "")],
            "DATA/train holds no sentences",
        ),
    ];
    for (files, message) in cases {
        let place = folder(files);
        assert_eq!(error(place.path(), CorpusChoice::default()), message);
    }
}

#[test]
fn a_file_is_called_by_its_folder_and_its_name() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("towns");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("full.jsonl"), "").unwrap();
    assert_eq!(corpus_name(&folder), "towns");
    assert_eq!(corpus_name(&folder.join("full.jsonl")), "towns full");
    assert_eq!(corpus_name(&folder.join("absent.jsonl")), "towns absent");
}
