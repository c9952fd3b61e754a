//! Ablations and searches: what they leave, and that being killed costs them nothing but the run at hand.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::{
    json_text, message,
    sample::{self, TINY_CONFIG},
    spanarc,
};

const VARIANTS: &str = r#"
[[variant]]
name = "averaged"
set = { training.average = 0.5 }

[[variant]]
name = "diverging"
set = { training.learning_rate = 1e30, training.clip = 1e30, training.warmup = 0 }
"#;

const SPACE: &str = r#"
[halving]
rungs = [1]
eta = 2
[space]
network.shared_layers = [0, 1, 2]
network.ner_layers = [0, 1]
training.learning_rate = { low = 1e-3, high = 1e-2, log = true }
"#;

/// Folders for a corpus of 16 sentences, a configuration and a study.
struct Place(TempDir);

impl Place {
    fn new(config: &str) -> Self {
        let place = tempdir().unwrap();
        sample::towns(place.path());
        for (file, text) in [
            ("tiny.toml", config),
            ("variants.toml", VARIANTS),
            ("space.toml", SPACE),
        ] {
            sample::file(place.path(), file, text.as_bytes());
        }
        Self(place)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Arguments of a study in the folder `out`.
    fn arguments(&self, command: &str, out: &str, more: &[&str]) -> Vec<String> {
        let [config, data, out] =
            ["tiny.toml", "towns", out].map(|name| self.path(name).to_str().unwrap().to_owned());
        let fixed = [command, "--config", &config, "--data", &data, "--out", &out];
        fixed.iter().chain(more).map(ToString::to_string).collect()
    }

    fn study(&self, command: &str, out: &str, more: &[&str]) -> Output {
        spanarc(self.arguments(command, out, more), b"")
    }

    fn ablate(&self, out: &str, more: &[&str]) -> Output {
        self.study("ablate", out, &[&["--seeds", "1,2"], more].concat())
    }

    /// Ablates variants other than the usual ones.
    fn ablate_variants(&self, variants: &str, out: &str, more: &[&str]) -> Output {
        sample::file(self.0.path(), "other.toml", variants.as_bytes());
        let path = self.path("other.toml").to_str().unwrap().to_owned();
        let fixed = ["--variants", &path, "--threads", "1"];
        self.ablate(out, &[&fixed, more].concat())
    }

    fn tune(&self, out: &str, more: &[&str]) -> Output {
        let space = self.path("space.toml").to_str().unwrap().to_owned();
        let fixed = ["--space", &space, "--trials", "4", "--seed", "7"];
        self.study("tune", out, &[&fixed, more].concat())
    }

    /// Kills a study as soon as `file` is there, and waits until no process of it is left.
    fn killed_at(&self, arguments: Vec<String>, file: &str) {
        let mut study = Command::new(env!("CARGO_BIN_EXE_spanarc"))
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until(|| self.path(file).exists());
        study.kill().unwrap();
        study.wait().unwrap();
        wait_until(|| !self.is_mentioned_by_a_process());
    }

    fn is_mentioned_by_a_process(&self) -> bool {
        let folder = self.0.path().to_str().unwrap().to_owned();
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .filter_map(|process| fs::read(process.path().join("cmdline")).ok())
            .any(|line| String::from_utf8_lossy(&line).contains(&folder))
    }
}

fn wait_until(holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(120), "in vain");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Without what a clock decides.
fn timeless(text: &str) -> String {
    let mut value: Value = json_text(text);
    strip(&mut value);
    value.to_string()
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("seconds");
            fields.remove("sentences_per_second");
            fields.values_mut().for_each(strip);
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        _ => {}
    }
}

fn timeless_lines(text: &str) -> Vec<String> {
    text.lines().map(timeless).collect()
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", message(output));
}

fn count(folder: &Path, name: &str) -> usize {
    let runs = fs::read_dir(folder).unwrap().flatten();
    runs.filter(|run| run.path().join(name).exists()).count()
}

#[test]
fn the_papers_study_compares_variants_over_seeds() {
    let place = Place::new(&TINY_CONFIG.replace("epochs = 3", "epochs = 1"));
    let output = place.ablate("study", &["--processes", "2", "--threads", "1"]);
    succeeded(&output);
    let table = String::from_utf8_lossy(&output.stdout);
    assert_eq!(table, place.text("study/ablation.md"));
    for row in [
        "| baseline | 1/1/1 × 4 |",
        "| no-task-specific | 1/0/0 × 4 |",
        "| no-ner-specific | 1/0/1 × 4 |",
        "| no-re-specific | 1/1/0 × 4 |",
        "| no-shared | 0/1/1 × 4 |",
    ] {
        assert!(table.contains(row), "{row}\n{table}");
    }
    assert_eq!(table.matches("2 of 2").count(), 6, "{table}");

    let report = json_text(&place.text("study/ablation.json"));
    let weights = |index: usize| {
        report["variants"][index]["trainable_parameters"]
            .as_f64()
            .unwrap()
    };
    let all_shared = &report["variants"][5];
    assert_eq!(all_shared["name"], "all-shared");
    assert_eq!(all_shared["depths"]["ner_layers"], 0);
    // Less than what one unit more or less would make.
    assert!(
        (weights(5) / weights(0) - 1.).abs() < 0.15,
        "{} {}",
        weights(5),
        weights(0)
    );
    assert!(weights(1) < weights(2) && weights(2) < weights(0));
    assert_eq!(report["variants"][0]["scores"]["entity_micro_f1"]["n"], 2);
    assert_eq!(report["variants"][0]["runs"][1]["summary"]["seed"], 2);

    // A finished study costs nothing: no run is touched.
    let run = place.path("study/no-shared/seed-2/summary.json");
    let before = fs::metadata(&run).unwrap().modified().unwrap();
    succeeded(&place.ablate("study", &["--resume"]));
    assert_eq!(fs::metadata(&run).unwrap().modified().unwrap(), before);
    assert_eq!(place.text("study/ablation.md"), table);
}

#[test]
fn variants_of_ones_own_are_compared_and_failures_are_told() {
    let place = Place::new(TINY_CONFIG);
    let variants = place.path("variants.toml");
    let more = ["--variants", variants.to_str().unwrap(), "--threads", "1"];
    let output = place.ablate("study", &more);
    assert_eq!(output.status.code(), Some(1));
    let told = message(&output);
    assert!(
        told.contains("2 of 6 runs failed; --resume tries them again"),
        "{told}"
    );
    let table = place.text("study/ablation.md");
    assert!(
        table.contains("- averaged: `training.average = 0.5`"),
        "{table}"
    );
    assert!(
        table.contains("- diverging, seed 1, failed: the loss became"),
        "{table}"
    );
    assert!(table.contains("| 0 of 2 |"), "{table}");
    assert!(
        place
            .path("study/averaged/seed-2/best.safetensors")
            .exists()
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_ablation_leaves_no_process_and_goes_on_to_the_same_table() {
    let place = Place::new(TINY_CONFIG);
    let variants = place.path("variants.toml");
    let more = [
        "--variants",
        variants.to_str().unwrap(),
        "--processes",
        "2",
        "--threads",
        "1",
    ];
    place.ablate("whole", &more);
    let arguments = place.arguments(
        "ablate",
        "killed",
        &[&["--seeds", "1,2"][..], &more].concat(),
    );
    place.killed_at(arguments, "killed/averaged/seed-1/metrics.jsonl");

    let refused = place.ablate("killed", &more);
    assert!(
        message(&refused).contains("--resume"),
        "{}",
        message(&refused)
    );
    place.ablate("killed", &[&more[..], &["--resume"]].concat());
    assert_eq!(
        timeless(&place.text("killed/ablation.json")),
        timeless(&place.text("whole/ablation.json"))
    );
}

#[test]
fn a_folder_of_other_settings_is_refused() {
    let place = Place::new(&TINY_CONFIG.replace("epochs = 3", "epochs = 1"));
    let variants =
        |hidden: usize| format!("[[variant]]\nname = \"more\"\nset.network.hidden = {hidden}\n");
    succeeded(&place.ablate_variants(&variants(5), "study", &[]));
    let refused = place.ablate_variants(&variants(6), "study", &["--resume"]);
    let told = message(&refused);
    assert!(
        told.contains("more/seed-1 holds a run with other settings"),
        "{told}"
    );
}

#[test]
fn a_folder_of_runs_on_another_corpus_is_refused() {
    let place = Place::new(&TINY_CONFIG.replace("epochs = 3", "epochs = 2"));
    let variants = "[[variant]]\nname = \"trained-on-dev\"\nset.corpus.train = \"dev.jsonl\"\n";
    let ablate = |more: &[&str]| place.ablate_variants(variants, "study", more);
    succeeded(&ablate(&[]));
    succeeded(&place.tune("search", &["--threads", "1"]));
    // The variant reads the corpus its own way, and is on the same one.
    succeeded(&ablate(&["--resume"]));
    let report = place.text("study/ablation.json");
    let train = place.text("towns/train.jsonl");
    let (_, shorter) = train.split_once('\n').unwrap();
    fs::write(place.path("towns/train.jsonl"), shorter).unwrap();

    let told = message(&ablate(&["--resume"]));
    assert!(
        told.contains("baseline/seed-1 holds a run with another `corpus`"),
        "{told}"
    );
    assert_eq!(place.text("study/ablation.json"), report);
    let told = message(&place.tune("search", &["--resume"]));
    assert!(
        told.contains("search.toml") && told.contains("other settings or inputs (corpus"),
        "{told}"
    );
}

#[test]
fn a_folder_of_runs_with_other_word_vectors_is_refused_and_stays_as_it_was() {
    let config = TINY_CONFIG.replace("epochs = 3", "epochs = 2") + "\n[words]\nsize = 2\n";
    let place = Place::new(&config);
    let vectors = |numbers: &str| {
        sample::file(
            place.0.path(),
            "vectors.txt",
            format!("lives {numbers}\n").as_bytes(),
        );
    };
    let words = place.path("vectors.txt").to_str().unwrap().to_owned();
    let more = ["--words", &words, "--threads", "1"];
    let resumed = [&more[..], &["--resume"]].concat();
    let variants = "[[variant]]\nname = \"more\"\nset.network.hidden = 5\n";
    vectors("1 2");
    succeeded(&place.ablate_variants(variants, "study", &more[..2]));
    succeeded(&place.tune("search", &more));
    let trials = place.text("search/trials.jsonl");
    // As if it had been killed between the last epoch and its end.
    fs::remove_file(place.path("study/more/seed-2/summary.json")).unwrap();
    vectors("3 4");

    let told = message(&place.tune("search", &resumed));
    assert!(told.contains("other settings or inputs"), "{told}");
    assert_eq!(place.text("search/trials.jsonl"), trials);
    let refused_for = |run: &str| {
        let told =
            message(&place.ablate_variants(variants, "study", &["--words", &words, "--resume"]));
        assert!(
            told.contains(&format!("{run} holds a run with another `words`")),
            "{told}"
        );
    };
    refused_for("baseline/seed-1");
    fs::remove_dir_all(place.path("study/baseline")).unwrap();
    fs::remove_dir_all(place.path("study/more/seed-1")).unwrap();
    refused_for("more/seed-2");
    assert!(!place.path("study/baseline").exists());
    vectors("1 2");
    succeeded(&place.ablate_variants(variants, "study", &["--words", &words, "--resume"]));
    succeeded(&place.tune("search", &resumed));
}

#[test]
fn mistakes_are_told_before_anything_is_trained() {
    let place = Place::new(TINY_CONFIG);
    sample::file(
        place.0.path(),
        "variants.toml",
        b"[[variant]]\nname = \"deep\"\nset.network.layers = 3\n",
    );
    sample::file(
        place.0.path(),
        "space.toml",
        b"[space]\nnetwork.layers = [1]\n",
    );
    let variants = place.path("variants.toml");
    let told = message(&place.ablate("study", &["--variants", variants.to_str().unwrap()]));
    assert!(
        told.contains("variants.toml: network.layers = 3: unknown field `layers`"),
        "{told}"
    );
    let told = message(&place.tune("search", &[]));
    assert!(
        told.contains("space.toml: network.layers = 1: unknown field `layers`"),
        "{told}"
    );
    // One that the baseline would be trained before, and one that every trial would fail at.
    let told = message(&place.ablate_variants(
        "[[variant]]\nname = \"encoded\"\nset.encoder.layers = 2\n",
        "encoded",
        &[],
    ));
    assert!(told.contains("no encoder was given (--encoder)"), "{told}");
    assert!(!place.path("encoded/baseline").exists());
    let with_space = |text: &str| {
        sample::file(place.0.path(), "space.toml", text.as_bytes());
        message(&place.tune("search", &["--resume"]))
    };
    let told = with_space("[space]\nnetwork.hidden = [4, 0]\n");
    assert!(
        told.contains("space.toml: network configuration, hidden: 0 is outside 1..=4096"),
        "{told}"
    );
    let told = with_space("[halving]\nrungs = [2, 3]\n[space]\nnetwork.hidden = [4, 5]\n");
    assert!(
        told.contains("space.toml: halving.rungs: 3 is not below training.epochs, which is 3"),
        "{told}"
    );
    fs::remove_file(place.path("towns/train.jsonl")).unwrap();
    let told = message(&place.ablate("other", &[]));
    assert!(told.contains("towns: holds no training part"), "{told}");
}

#[test]
fn a_search_finds_settings_that_train_by_themselves() {
    let place = Place::new(TINY_CONFIG);
    let output = place.tune("search", &["--processes", "2", "--threads", "1"]);
    succeeded(&output);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("was best"), "{printed}");

    let trials: Vec<Value> = place
        .text("search/trials.jsonl")
        .lines()
        .map(json_text)
        .collect();
    let states: Vec<&str> = trials
        .iter()
        .map(|trial| trial["state"].as_str().unwrap())
        .collect();
    let of = |state: &str| states.iter().filter(|other| **other == state).count();
    assert_eq!((of("finished"), of("stopped")), (2, 2), "{states:?}");
    for trial in &trials {
        let finished = trial["state"] == "finished";
        let rungs = trial["rungs"].as_array().unwrap().iter();
        let epochs: Vec<u64> = rungs.map(|rung| rung["epochs"].as_u64().unwrap()).collect();
        let expected: &[u64] = if finished { &[1, 3] } else { &[1] };
        assert_eq!(epochs, expected);
    }
    // What nobody goes on with keeps its bundle only.
    assert_eq!(count(&place.path("search"), "best.safetensors"), 4);
    assert_eq!(count(&place.path("search"), "last.safetensors"), 0);
    let svg = place.text("search/plot.svg");
    assert!(svg.contains("network.shared_layers") && svg.contains("after epoch 1"));

    // The best trial is the run that its settings make without a search.
    let best = place.path("search/best.toml");
    let out = place.path("again");
    let arguments = ["train", "--config", best.to_str().unwrap(), "--data"];
    let data = place.path("towns");
    let more = [data.to_str().unwrap(), "--out", out.to_str().unwrap()];
    succeeded(&spanarc(arguments.into_iter().chain(more), b""));
    let name = printed.split_whitespace().next().unwrap();
    let scores =
        |folder: &str| json_text(&place.text(&format!("{folder}/summary.json")))["scores"].clone();
    assert_eq!(scores("again"), scores(&format!("search/{name}")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_search_goes_on_to_the_same_trials() {
    let place = Place::new(TINY_CONFIG);
    succeeded(&place.tune("whole", &["--threads", "1"]));
    for (out, file) in [
        ("early", "early/trial-0002/metrics.jsonl"),
        // In a trial that goes on after its rung.
        ("late", "late/trial-0004/summary.json"),
    ] {
        let space = place.path("space.toml").to_str().unwrap().to_owned();
        let more = [
            "--space",
            &space,
            "--trials",
            "4",
            "--seed",
            "7",
            "--processes",
            "2",
        ];
        place.killed_at(place.arguments("tune", out, &more), file);
        succeeded(&place.tune(out, &["--resume", "--processes", "2", "--threads", "1"]));
        let [resumed, whole] =
            [out, "whole"].map(|out| timeless_lines(&place.text(&format!("{out}/trials.jsonl"))));
        assert_eq!(resumed, whole);
        assert_eq!(
            place.text(&format!("{out}/best.toml")),
            place.text("whole/best.toml")
        );
    }

    let other = place.tune("whole", &["--resume", "--trials", "5"]);
    assert!(!other.status.success());
}

#[test]
fn a_trial_that_fails_does_not_end_the_search() {
    let place = Place::new(TINY_CONFIG);
    let space = "[space]\ntraining.learning_rate = [0.01, 1e30]\ntraining.clip = [1e30]\ntraining.warmup = [0]\n";
    sample::file(place.0.path(), "space.toml", space.as_bytes());
    let output = place.tune("search", &["--threads", "1"]);
    succeeded(&output);
    assert!(message(&output).contains("the space holds 2 different settings only"));
    let table = place.text("search/table.md");
    assert!(
        table.contains("| failed |") && table.contains(": the loss became"),
        "{table}"
    );
    assert!(
        place
            .text("search/best.toml")
            .contains("learning_rate = 0.01")
    );
}
