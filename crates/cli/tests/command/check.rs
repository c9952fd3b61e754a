//! What a corpus holds and what is wrong with it.

use std::path::Path;

use serde_json::json;
use tempfile::tempdir;

use crate::{sample, spanarc, stdout};

#[test]
fn a_corpus_is_described_with_its_labels_and_their_signatures() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/abstracts-brat");
    let output = spanarc(["check".as_ref(), "--data".as_ref(), data.as_os_str()], b"");
    let text = stdout(&output);
    for part in [
        "train, format brat: 24 sentences in 6 documents",
        "dev, format brat: 8 sentences in 2 documents",
        "Component",
        "Extends               2        1  Dataset → Dataset",
        "Used_For              6        2  Method → Task",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn every_fault_is_named_and_the_exit_status_tells_of_them() {
    let folder = tempdir().unwrap();
    let text = "Parsers label trees\n";
    let annotations = "T1\tMethod 0 7\tParsers\nT2\tTask 0 7;14 19\tParsers trees\nR1\tFor Arg1:T1 Arg2:T9\nA1\tSure T1\n";
    sample::file(folder.path(), "a.txt", text.as_bytes());
    sample::file(folder.path(), "a.ann", annotations.as_bytes());
    let data = folder.path().as_os_str();
    let output = spanarc(["check".as_ref(), "--data".as_ref(), data], b"");
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stdout).unwrap();
    for part in [
        "a.ann, line 2: Task \"Parsers … trees\" (code points 0..19) is discontinuous",
        "a.ann, line 3: R1 names T9, which is not there",
    ] {
        assert!(printed.contains(part), "{part:?} is not in {printed}");
    }
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: 2 lines of the corpus are refused\n"
    );
}

#[test]
fn what_training_would_make_of_a_corpus_is_told() {
    let folder = tempdir().unwrap();
    let line = |id: usize| {
        json!({
            "id": id.to_string(),
            "tokens": ["Ada", "lives", "in", "Oslo"],
            "entities": [
                {"type": "Peop", "start": 0, "end": 1},
                {"type": "Loc", "start": 3, "end": 4},
                {"type": "Loc", "start": 2, "end": 4},
            ],
            "relations": [{"type": "Live_In", "head": 0, "tail": 1}],
        })
        .to_string()
    };
    let lines: Vec<String> = (0..10).map(line).collect();
    sample::file(folder.path(), "train.jsonl", lines.join("\n").as_bytes());
    let labels = r##"
        [[labels.entity_types]]
        name = "Peop"
        color = "#102030"
        [[labels.entity_types]]
        name = "Loc"
        color = "#302010"
        [[labels.relation_types]]
        name = "Live_In"
        color = "#203010"
        signatures = [{ head = "Loc", tail = "Peop" }]
    "##;
    let check = |config: &str| {
        sample::file(folder.path(), "check.toml", config.as_bytes());
        let (data, config) = (folder.path(), folder.path().join("check.toml"));
        let [data, config] = [data, &config].map(|path| path.to_str().unwrap());
        spanarc(["check", "--data", data, "--config", config], b"")
    };
    let output = check(&format!(
        "[corpus]\noverlaps = \"drop\"\ndev_share = 0.2\n{labels}"
    ));
    let told = stdout(&output);
    for part in [
        "8 sentences to train on, 2 cut off as dev",
        "left out of training: 8 overlapping entities and 0 relations of theirs",
        "8 relations of train outside the signatures of their types",
        "2 relations of dev outside the signatures of their types",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }

    sample::file(folder.path(), "dev.jsonl", lines[0].as_bytes());
    let refused = check("[corpus]\noverlaps = \"drop\"\ndev_share = 0.2\n");
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("there is a dev part"), "{told}");
}

#[test]
fn what_is_wrong_with_the_training_part_is_not_laid_to_dev() {
    let folder = tempdir().unwrap();
    sample::towns(folder.path());
    sample::file(folder.path(), "towns/train.jsonl", b"{\"id\": \n");
    let data = folder.path().join("towns");
    let output = spanarc(["check".as_ref(), "--data".as_ref(), data.as_os_str()], b"");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("train.jsonl, line 1: is not JSON"), "{told}");
    assert!(!told.contains("dev.jsonl, line"), "{told}");
}

#[test]
fn a_configuration_that_says_nothing_changes_nothing() {
    let folder = tempdir().unwrap();
    let line = json!({"id": 1, "tokens": ["Ada", "laughs"], "entities": [{"type": "P", "start": 0, "end": 1}], "relations": []});
    let data = sample::file(folder.path(), "train.jsonl", format!("{line}\n").as_bytes());
    let config = sample::file(folder.path(), "empty.toml", b"");
    let checked = |more: &[&std::ffi::OsStr]| {
        let fixed = ["check".as_ref(), "--data".as_ref(), data.as_os_str()];
        spanarc(fixed.iter().chain(more), b"").status.code()
    };
    assert_eq!(checked(&[]), Some(0));
    assert_eq!(checked(&["--config".as_ref(), config.as_os_str()]), Some(0));
}
