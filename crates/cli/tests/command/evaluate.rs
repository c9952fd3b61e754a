use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::tempdir;

use crate::{json_lines, sample, spanarc, stdout};

/// By hand, with a model that finds a Loc in each of the 5 words and Near between each of 6 and 2 ordered pairs:
/// Loc: gold 2 (both found), predicted 5. Peop: gold 1, predicted 0. Near: gold 2, of which one joins a Peop.
const CORPUS: &str = r#"
{"id": "a", "tokens": ["Ada", "left", "Oslo"], "entities": [{"type": "Peop", "start": 0, "end": 1}, {"type": "Loc", "start": 2, "end": 3}], "relations": [{"type": "Near", "head": 0, "tail": 1}]}
{"id": "b", "tokens": ["Bergen", "Oslo"], "entities": [{"type": "Loc", "start": 0, "end": 1}], "relations": []}
"#;

fn corpus(folder: &Path) -> PathBuf {
    sample::file(folder, "corpus.jsonl", CORPUS.as_bytes())
}

fn evaluate(folder: &Path, more: &[&str]) -> std::process::Output {
    let (model, data) = (sample::bundle_file(folder), corpus(folder));
    let fixed = [
        "evaluate",
        "--model",
        model.to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
    ];
    spanarc(fixed.iter().chain(more), b"")
}

#[test]
fn scores_are_printed_as_json_in_percent() {
    let folder = tempdir().unwrap();
    let output = evaluate(folder.path(), &["--json"]);
    let report: Value = serde_json::from_str(stdout(&output)).unwrap();
    assert_eq!(report["entities"]["micro"]["precision"], 40.0);
    assert_eq!(report["entities"]["micro"]["recall"], 200.0 / 3.0);
    assert_eq!(report["entities"]["micro"]["f1"], 50.0);
    assert_eq!(report["entities"]["macro"]["precision"], 20.0);
    assert_eq!(report["entities"]["macro"]["recall"], 50.0);
    assert_eq!(report["relations"]["strict"]["micro"]["f1"], 0.0);
    assert_eq!(
        report["relations"]["boundaries"]["micro"]["precision"],
        12.5
    );
    assert_eq!(report["relations"]["boundaries"]["macro"]["recall"], 100.0);
    assert_eq!(report["per_type"]["entities"]["Loc"]["predicted"], 5);
    assert_eq!(
        report["per_type"]["relations"]["boundaries"]["Near"]["predicted"],
        8
    );
}

#[test]
fn the_size_of_batches_changes_nothing() {
    let folder = tempdir().unwrap();
    let [one, many] = ["1", "64"].map(|n| evaluate(folder.path(), &["--json", "--batch", n]));
    assert_eq!(stdout(&one), stdout(&many));
}

#[test]
fn several_files_are_measured_as_one_corpus() {
    let folder = tempdir().unwrap();
    let (first, second) = CORPUS.trim().split_once('\n').unwrap();
    let parts = [("first.jsonl", first), ("second.jsonl", second)]
        .map(|(name, lines)| sample::file(folder.path(), name, lines.as_bytes()));
    let model = sample::bundle_file(folder.path());
    let [model, first, second] = [&model, &parts[0], &parts[1]].map(|path| path.to_str().unwrap());
    let arguments = [
        "evaluate", "--json", "--model", model, "--data", first, "--data", second,
    ];
    let together = spanarc(arguments, b"");
    assert_eq!(
        stdout(&together),
        stdout(&evaluate(folder.path(), &["--json"]))
    );
}

/// Each word is a place as soon as it is there, and near all before it; nothing is ever taken back.
#[test]
fn labels_are_counted_word_by_word() {
    let folder = tempdir().unwrap();
    let output = evaluate(folder.path(), &["--json", "--typing"]);
    let report: Value = serde_json::from_str(stdout(&output)).unwrap();
    let shown = |kind: &str| report["typing"][kind]["shown"].as_u64();
    assert_eq!((shown("entities"), shown("relations")), (Some(5), Some(8)));
    assert_eq!(report["typing"]["entities"]["taken_back"], 0);
    let table = evaluate(folder.path(), &["--typing"]);
    assert!(stdout(&table).contains("taken back"));
}

#[test]
fn a_threshold_can_be_given() {
    let folder = tempdir().unwrap();
    let output = evaluate(folder.path(), &["--json", "--threshold", "0.99"]);
    let report: Value = serde_json::from_str(stdout(&output)).unwrap();
    assert_eq!(
        report["per_type"]["relations"]["strict"]["Near"]["predicted"],
        0
    );
    let refused = evaluate(folder.path(), &["--threshold", "1.5"]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not a number from 0 to 1"));
}

#[test]
fn a_corpus_is_read_by_the_rules_of_the_configuration() {
    let folder = tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (model, data, config) = (
        sample::bundle_file(folder.path()),
        place("brat"),
        place("my.toml"),
    );
    std::fs::create_dir(&data).unwrap();
    sample::file(Path::new(&data), "a.txt", b"Oslo and Bergen");
    let annotations = b"T1\tLoc 0 4\tOslo\nT2\tLoc 0 4;9 15\tOslo Bergen\n";
    sample::file(Path::new(&data), "a.ann", annotations);
    sample::file(
        folder.path(),
        "my.toml",
        b"[corpus]\ndiscontinuous = \"drop\"\n",
    );
    let model = model.to_str().unwrap();
    let evaluate = ["evaluate", "--json", "--model", model, "--data", &data];
    let refused = spanarc(evaluate, b"");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is discontinuous"));

    let configured = ["--config", &config];
    let output = spanarc(evaluate.iter().chain(&configured), b"");
    let report: Value = serde_json::from_str(stdout(&output)).unwrap();
    assert_eq!(report["per_type"]["entities"]["Loc"]["gold"], 1);

    let out = place("small.safetensors");
    let quantize = ["quantize", "--model", model, "--out", &out, "--data", &data];
    assert_eq!(spanarc(quantize, b"").status.code(), Some(1));
    assert!(
        spanarc(quantize.iter().chain(&configured), b"")
            .status
            .success()
    );
}

#[test]
fn the_table_has_a_row_for_each_type_and_average() {
    let folder = tempdir().unwrap();
    let output = evaluate(folder.path(), &[]);
    let table = stdout(&output);
    let rows: Vec<_> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .collect();
    assert!(
        rows.contains(&vec!["Loc", "40.00", "100.00", "57.14", "2", "5", "2"]),
        "{table}"
    );
    assert!(
        rows.contains(&vec!["Peop", "0.00", "0.00", "0.00", "1", "0", "0"]),
        "{table}"
    );
    assert!(
        rows.contains(&vec!["micro", "40.00", "66.67", "50.00"]),
        "{table}"
    );
    assert!(
        rows.contains(&vec!["macro", "20.00", "50.00", "28.57"]),
        "{table}"
    );
}

#[test]
fn a_quantised_model_is_smaller_and_still_a_model() {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let small = folder.path().join("small.safetensors");
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let output = spanarc(
        ["quantize", "--model", &path(&model), "--out", &path(&small)],
        b"",
    );
    assert!(stdout(&output).contains("bytes"));
    let size = |path: &Path| std::fs::metadata(path).unwrap().len();
    assert!(size(&small) < size(&model));
    let annotated = spanarc(["annotate", "--model", &path(&small)], b"Oslo");
    assert_eq!(json_lines(&annotated)[0]["entities"][0]["type"], "Loc");
}
