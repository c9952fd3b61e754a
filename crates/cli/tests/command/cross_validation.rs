//! Cross-validation by the command: folds in processes of their own, from weights of an earlier run.

use std::{fs, path::Path, process::Output};

use serde_json::json;
use tempfile::tempdir;

use crate::{json_text, message, sample, spanarc};

/// Goes on with the table `[training]`: nothing is chosen by a fold's test part.
const CHOICE: &str = "keep = \"last\"\nrelation_threshold = 0.5\n";

/// The sentences that `sample::towns` trains on, four to each of three folds.
fn write_inputs(folder: &Path) {
    sample::towns(folder);
    let config = sample::TINY_CONFIG.replace("epochs = 3", "epochs = 1") + CHOICE;
    sample::file(folder, "tiny.toml", config.as_bytes());
    let fold = |town: &str| ["Ada", "Ben", "Cleo", "Dov"].map(|person| format!("{person} {town}"));
    let folds = json!({ "test": (["Rome", "Oslo", "Lima"].map(fold)) });
    sample::file(folder, "folds.json", folds.to_string().as_bytes());
}

fn in_folder(folder: &Path, arguments: &[&str]) -> Output {
    let files = ["tiny.toml", "towns/", "folds.json", "out-", "first"];
    let named = arguments.iter().map(|argument| {
        let is_file = files.iter().any(|file| argument.starts_with(file));
        let path = folder.join(argument);
        if is_file {
            path.into_os_string()
        } else {
            (*argument).into()
        }
    });
    spanarc(named, b"")
}

#[test]
fn folds_in_processes_of_their_own_are_those_of_one_process_and_start_from_the_same_weights() {
    let place = tempdir().unwrap();
    write_inputs(place.path());
    let run = |arguments: &[&str]| in_folder(place.path(), arguments);
    let fixed = ["--config", "tiny.toml", "--data", "towns/train.jsonl"];
    let elsewhere = ["--config", "tiny.toml", "--data", "towns/dev.jsonl"];
    let first = run(&[&["train", "--out", "first"], &elsewhere[..]].concat());
    assert!(first.status.success(), "{}", message(&first));

    let validate = |out: &str, more: &[&str]| {
        let command = ["cross-validate", "--folds", "folds.json", "--out", out];
        run(&[&command, &fixed[..], more].concat())
    };
    let start = ["--start-from", "first/best.safetensors"];
    let side_by_side = validate("out-2", &[&start[..], &["--processes", "2"]].concat());
    assert!(side_by_side.status.success(), "{}", message(&side_by_side));
    let table = String::from_utf8_lossy(&side_by_side.stdout).into_owned();
    assert!(table.contains("3 of 3 folds of towns"), "{table}");
    let one_by_one = validate("out-1", &start);
    assert!(one_by_one.status.success(), "{}", message(&one_by_one));
    let plain = validate("out-0", &[]);
    assert!(plain.status.success(), "{}", message(&plain));

    let file = |name: &str| fs::read(place.path().join(name)).unwrap();
    for fold in 0..3 {
        let bundle = |out: usize| file(&format!("out-{out}/fold-{fold}/best.safetensors"));
        assert!(bundle(2) == bundle(1), "fold {fold}");
        assert!(bundle(1) != bundle(0), "fold {fold}");
    }
    let scores = |out: usize| {
        json_text(&String::from_utf8_lossy(&file(&format!(
            "out-{out}/cross-validation.json"
        ))))
    };
    assert_eq!(scores(2), scores(1));
    assert_eq!(scores(1)["folds"].as_array().unwrap().len(), 3);

    // Folds from other weights are other folds.
    let mixed = validate("out-2", &["--resume"]);
    let told = message(&mixed);
    assert!(
        !mixed.status.success() && told.contains("another configuration"),
        "{told}"
    );
}
