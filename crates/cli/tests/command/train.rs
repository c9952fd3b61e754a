//! From a corpus to a described model, and what a run folder allows.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::{message, sample, spanarc, stdout};

const CONFIG: &str = r#"
name = "tiny"
seed = 3

[network]
hidden = 8
re_layers = 1
ner_feed_forward = 8
characters = 4

[training]
epochs = 1
batch = 4
"#;

/// Folders for a corpus of 16 sentences, a configuration and a run.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = tempdir().unwrap();
        sample::towns(place.path());
        sample::file(place.path(), "tiny.toml", CONFIG.as_bytes());
        Self(place)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `spanarc train` on that data, into the folder `run`.
    fn train(&self, data: &str, more: &[&str]) -> Output {
        self.train_by(["tiny.toml", data, "run"], more)
    }

    /// The same by another configuration, or into another folder.
    fn train_by(&self, paths: [&str; 3], more: &[&str]) -> Output {
        let [config, data, out] = paths.map(|name| self.path(name));
        let fixed = [
            "train",
            "--config",
            text(&config),
            "--data",
            text(&data),
            "--out",
            text(&out),
        ];
        spanarc(fixed.iter().chain(more), b"")
    }

    fn trained(&self, more: &[&str]) {
        let output = self.train("towns", more);
        assert!(output.status.success(), "{}", message(&output));
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.starts_with("epoch 1 was best on dev"), "{printed}");
    }

    fn summary(&self, run: &str) -> Value {
        let text = fs::read_to_string(self.path(run).join("summary.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn run_file(&self, name: &str) -> String {
        fs::read_to_string(self.path("run").join(name)).unwrap()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_run_is_kept_unless_it_is_to_be_replaced() {
    let place = Place::new();
    place.trained(&[]);
    let (config, metrics) = (
        place.run_file("config.toml"),
        place.run_file("metrics.jsonl"),
    );
    assert!(config.contains("seed = 3"), "{config}");
    assert_eq!(metrics.lines().count(), 1);

    let refused = place.train("towns", &["--seed", "7"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        message(&refused).contains("holds a run already"),
        "{}",
        message(&refused)
    );
    assert_eq!(place.run_file("config.toml"), config);

    place.trained(&["--resume"]);
    assert_eq!(place.run_file("metrics.jsonl"), metrics);

    place.trained(&["--force", "--seed", "7"]);
    assert_eq!(
        place.run_file("config.toml"),
        config.replace("seed = 3", "seed = 7")
    );
    assert_eq!(place.run_file("metrics.jsonl").lines().count(), 1);
}

#[test]
fn mistyped_data_is_named_and_leaves_the_folder_free() {
    let place = Place::new();
    let refused = place.train("twons", &[]);
    assert_eq!(refused.status.code(), Some(1));
    let missing = place.path("twons");
    assert!(
        message(&refused).contains(text(&missing)),
        "{}",
        message(&refused)
    );
    let nothing = place.train("towns", &["--resume"]);
    assert!(
        message(&nothing).contains("holds no run to resume"),
        "{}",
        message(&nothing)
    );
    place.trained(&[]);
}

#[test]
fn what_cannot_train_replaces_no_run() {
    let place = Place::new();
    place.trained(&[]);
    let before = place.run_file("metrics.jsonl");
    assert!(!place.train("twons", &["--force"]).status.success());
    assert_eq!(place.run_file("metrics.jsonl"), before);
    assert!(place.path("run/best.safetensors").exists());
}

#[test]
fn a_trained_model_can_be_quantised_measured_and_described() {
    let place = Place::new();
    place.trained(&[]);
    let [best, dev, small] = [
        "run/best.safetensors",
        "towns/dev.jsonl",
        "small.safetensors",
    ]
    .map(|name| place.path(name));
    let output = spanarc(
        [
            "quantize",
            "--model",
            text(&best),
            "--out",
            text(&small),
            "--data",
            text(&dev),
            "--name",
            "towns, small",
            "--note",
            "four towns only",
        ],
        b"",
    );
    assert!(stdout(&output).contains("small.safetensors"));

    let inspected = spanarc(["inspect", text(&small), "--json"], b"");
    let inspected: Value = serde_json::from_str(stdout(&inspected)).unwrap();
    let metadata = &inspected["metadata"];
    assert_eq!(metadata["name"], "towns, small");
    assert_eq!(metadata["provenance"]["note"], "four towns only");
    assert_eq!(metadata["provenance"]["seed"], 3);
    let schema = &metadata["schema"];
    assert_eq!(
        schema["relation_types"][0]["signatures"],
        json!([{"head": "Person", "tail": "Town"}])
    );

    // The card beside it says so, in words.
    let card = fs::read_to_string(place.path("small.card.md")).unwrap();
    let printed = spanarc(["inspect", text(&small), "--card"], b"");
    assert_eq!(card, stdout(&printed));
    for part in [
        "# Model card: `small.safetensors`",
        "| Name | towns, small |",
        "| Weights | large matrices int8",
        "| Person | 12 |",
        "| Lives_In | Person → Town | 12 |",
        "- Training data: 12 sentences, 60 tokens",
        "four towns only",
        "| towns dev |",
    ] {
        assert!(card.contains(part), "{part:?} is not in\n{card}");
    }

    // The scores are those of the quantised weights.
    let evaluated = spanarc(
        [
            "evaluate",
            "--json",
            "--model",
            text(&small),
            "--data",
            text(&dev),
        ],
        b"",
    );
    let report: Value = serde_json::from_str(stdout(&evaluated)).unwrap();
    assert_eq!(
        metadata["scores"],
        json!([{
            "data": "towns dev",
            "entity_micro_f1": report["entities"]["micro"]["f1"],
            "entity_macro_f1": report["entities"]["macro"]["f1"],
            "relation_micro_f1": report["relations"]["strict"]["micro"]["f1"],
            "relation_macro_f1": report["relations"]["strict"]["macro"]["f1"],
        }])
    );
}

#[test]
fn a_model_that_learnt_from_dev_carries_the_scores_of_its_twin() {
    let place = Place::new();
    place.trained(&[]);
    let of_twin = place.summary("run")["scores"][0].clone();
    let settings = "keep = \"last\"\nrelation_threshold = 0.5\nwith_dev = true\n";
    let config = CONFIG.replace("[training]\n", &format!("[training]\n{settings}"));
    sample::file(place.0.path(), "full.toml", config.as_bytes());
    let [config, data, full, twin, small] =
        ["full.toml", "towns", "full", "run", "small.safetensors"].map(|name| place.path(name));
    let trained = spanarc(
        [
            "train",
            "--config",
            text(&config),
            "--data",
            text(&data),
            "--out",
            text(&full),
        ],
        b"",
    );
    assert!(trained.status.success(), "{}", message(&trained));
    let card = fs::read_to_string(full.join("best.card.md")).unwrap();
    assert!(
        card.contains("- Fitted to: towns (train and dev)"),
        "{card}"
    );
    assert!(
        card.contains("None: these weights have not been measured."),
        "{card}"
    );

    let other = place.path("other");
    sample::file(
        place.0.path(),
        "longer.toml",
        CONFIG.replace("epochs = 1", "epochs = 2").as_bytes(),
    );
    let longer = place.path("longer.toml");
    let arguments = ["train", "--config", text(&longer), "--data", text(&data)];
    let trained = spanarc(arguments.iter().chain(&["--out", text(&other)]), b"");
    assert!(trained.status.success(), "{}", message(&trained));

    let elsewhere = place.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::copy(twin.join("config.toml"), elsewhere.join("config.toml")).unwrap();
    let summary = fs::read_to_string(twin.join("summary.json")).unwrap();
    let summary = summary.replace("\"towns\"", "\"villages\"");
    fs::write(elsewhere.join("summary.json"), summary).unwrap();

    let best = full.join("best.safetensors");
    let quantize = |model: &Path, out: &Path, twins: &[&Path]| {
        let mut arguments = vec!["quantize", "--model", text(model), "--out", text(out)];
        arguments.extend(twins.iter().flat_map(|twin| ["--twin", text(twin)]));
        spanarc(arguments, b"")
    };
    let of_twin_itself = twin.join("best.safetensors");
    for (model, out, twins, told) in [
        (
            &best,
            &small,
            &[&*full][..],
            "the run of seed 3 was not measured on data that it had not learnt from",
        ),
        (
            &best,
            &small,
            &[&twin, &twin],
            "two of the twins have the seed 3",
        ),
        (
            &best,
            &small,
            &[&other],
            "the run of seed 3 is no twin: `training.epochs` of its configuration is not that of the others",
        ),
        (
            &best,
            &small,
            &[&elsewhere],
            "the run of seed 3 is no twin: it has learnt from villages",
        ),
        (
            &of_twin_itself,
            &small,
            &[&other],
            "the bundle has not learnt from dev",
        ),
        (&best, &best, &[], "is read, and would be replaced"),
    ] {
        let refused = quantize(model, out, twins);
        assert!(message(&refused).contains(told), "{}", message(&refused));
        assert!(!small.exists());
    }

    let output = quantize(&best, &small, &[&twin]);
    assert!(output.status.success(), "{}", message(&output));
    let inspected = spanarc(["inspect", text(&small), "--json"], b"");
    let inspected: Value = serde_json::from_str(stdout(&inspected)).unwrap();
    let source = "towns dev of twins that did not learn from it, f32, seed 3";
    assert_eq!(
        inspected["metadata"]["estimated_scores"],
        json!([{"source": source, "scores": [of_twin]}])
    );
    assert_eq!(inspected["metadata"]["scores"], Value::Null);
    let printed = spanarc(["inspect", text(&small)], b"");
    assert!(stdout(&printed).contains(source), "{}", stdout(&printed));
    let card = fs::read_to_string(place.path("small.card.md")).unwrap();
    assert!(
        card.contains("**not of the weights in this file**"),
        "{card}"
    );
    assert!(card.contains(&format!("| {source} |")), "{card}");

    let dev = place.path("towns/dev.jsonl");
    let measured = ["--data", text(&dev)];
    let quantize = ["quantize", "--model", text(&best), "--out", text(&small)];
    let output = spanarc(quantize.iter().chain(&measured), b"");
    assert!(output.status.success(), "{}", message(&output));
    let card = fs::read_to_string(place.path("small.card.md")).unwrap();
    assert!(card.contains("| towns dev (learnt from) |"), "{card}");
    for (model, warned) in [(&small, true), (&of_twin_itself, false)] {
        let evaluated = spanarc(
            ["evaluate", "--model", text(model)].iter().chain(&measured),
            b"",
        );
        assert!(evaluated.status.success(), "{}", message(&evaluated));
        let warning = message(&evaluated);
        assert_eq!(
            warning.contains("has learnt from towns dev"),
            warned,
            "{warning}"
        );
    }
}

#[test]
fn a_run_spares_what_it_is_made_of() {
    let place = Place::new();
    place.trained(&[]);
    let best = place.path("run/best.safetensors");
    let bundle = fs::read(&best).unwrap();
    for more in [
        &["--force", "--start-from", text(&best)][..],
        &["--force", "--average-with", text(&best)],
    ] {
        let config = CONFIG.replace("epochs = 1", "epochs = 1\nkeep = \"last\"");
        sample::file(place.0.path(), "tiny.toml", config.as_bytes());
        let refused = place.train("towns", more);
        assert!(
            message(&refused).contains("best.safetensors is read, and would be replaced"),
            "{}",
            message(&refused)
        );
        assert!(fs::read(&best).unwrap() == bundle);
    }

    let own = format!("# Mine.\n{CONFIG}");
    fs::create_dir(place.path("new")).unwrap();
    fs::write(place.path("new/config.toml"), &own).unwrap();
    let refused = place.train_by(["new/config.toml", "towns", "new"], &[]);
    assert!(
        message(&refused).contains("config.toml is read, and would be replaced"),
        "{}",
        message(&refused)
    );
    assert_eq!(
        fs::read_to_string(place.path("new/config.toml")).unwrap(),
        own
    );
}

#[test]
fn a_run_without_its_best_bundle_does_not_go_on() {
    let place = Place::new();
    place.trained(&[]);
    let best = place.path("run/best.safetensors");
    let bundle = fs::read(&best).unwrap();
    let resume = || message(&place.train("towns", &["--resume"]));
    let summary = place.run_file("summary.json");
    fs::write(&best, &bundle[..1000]).unwrap();
    assert!(resume().contains("best.safetensors: "), "{}", resume());
    fs::remove_file(&best).unwrap();
    assert!(
        resume().contains("best.safetensors: reading"),
        "{}",
        resume()
    );
    assert_eq!(place.run_file("summary.json"), summary);
}

#[test]
fn what_no_bundle_can_hold_is_refused_before_training() {
    let place = Place::new();
    let name = "x".repeat(2 << 20);
    let config = CONFIG.replace("name = \"tiny\"", &format!("name = \"{name}\""));
    sample::file(place.0.path(), "tiny.toml", config.as_bytes());
    let refused = message(&place.train("towns", &[]));
    assert!(refused.contains("too long a name"), "{refused}");
    assert!(!place.path("run").exists());
}

#[test]
fn dev_is_not_learnt_from_unnoticed() {
    let place = Place::new();
    let auxiliary =
        "\n[[auxiliary]]\ndata = \"towns/dev.jsonl\"\nhead = \"main\"\nrelations = true\n";
    sample::file(
        place.0.path(),
        "tiny.toml",
        format!("{CONFIG}{auxiliary}").as_bytes(),
    );
    let refused = message(&place.train("towns", &[]));
    assert!(
        refused.contains("the run would learn from towns dev"),
        "{refused}"
    );
    for parts in ["dev = \"train.jsonl\"", "train = \".\""] {
        let config = format!("{CONFIG}\n[corpus]\n{parts}\n");
        sample::file(place.0.path(), "tiny.toml", config.as_bytes());
        let refused = message(&place.train("towns", &[]));
        assert!(refused.contains("is in the training part"), "{refused}");
    }
}

#[test]
fn a_run_counts_once_in_a_mean() {
    let place = Place::new();
    place.trained(&[]);
    let best = place.path("run/best.safetensors");
    fs::rename(place.path("run"), place.path("other")).unwrap();
    let other = place.path("other/best.safetensors");
    assert!(!best.exists());
    let config = CONFIG.replace("epochs = 1", "epochs = 1\nkeep = \"last\"");
    sample::file(place.0.path(), "tiny.toml", config.as_bytes());
    let refused = message(&place.train(
        "towns",
        &[
            "--average-with",
            text(&other),
            "--average-with",
            text(&other),
        ],
    ));
    assert!(refused.contains("named twice in average_with"), "{refused}");
}
