use std::{fs, path::PathBuf};

use spanarc_corpus::Dropped;
use spanarc_model::bundle::MeasuredScores;
use tempfile::{TempDir, tempdir};

use super::*;
use crate::{
    ablation::{AblationReport, Depths, RunOutcome, VariantReport},
    config::RunConfig,
    cross_validation::{FoldScores, Scores},
    run_folder::RunSummary,
    statistics::{ScoreStatistics, Statistic},
};

const PUBLISHED: &str = r#"
[[corpus]]
name = "Towns"
folder = "towns"
not_in_hand = "test"
differences = ["Ours are on dev."]

[[scores]]
corpus = "Towns"
system = "Big"
citation = "Someone 2020"
url = "https://example.org/big"
encoder = "Huge"
encoder_millions = 110
measured_on = "test"
entity_macro_f1 = 87.0
relation_macro_f1 = 72.63
"#;

fn summary(seed: u64, entities: f64) -> RunSummary {
    RunSummary {
        format: RunSummary::FORMAT,
        name: "towns".into(),
        seed,
        git_revision: Some("0123456789ab".into()),
        corpora: vec!["towns".into()],
        inputs_sha256: crate::InputHashes::default(),
        encoder: Some("small".into()),
        device: "cpu".into(),
        trainable_parameters: 1_500_000,
        total_parameters: 2_000_000,
        epochs: 10,
        paused: false,
        best_epoch: 9,
        relation_threshold: 0.55,
        seconds: 600.,
        sentences_per_second: 31.25,
        scores: vec![measured("towns dev", entities)],
    }
}

fn measured(data: &str, entities: f64) -> MeasuredScores {
    MeasuredScores {
        data: data.into(),
        entity_micro_f1: entities,
        entity_macro_f1: entities - 4.,
        relation_micro_f1: 70.,
        relation_macro_f1: 71.,
    }
}

/// Of a cross-validation of two folds, so far as they are measured.
fn folds(seed: u64, entities: &[[f64; 2]]) -> String {
    let fold = |(fold, [everything, without_overlaps]): (usize, &[f64; 2])| FoldScores {
        fold,
        train_sentences: 10,
        test_sentences: 1,
        inputs_sha256: crate::InputHashes::default(),
        dropped: Dropped::default(),
        everything: measured("towns full fold", *everything),
        without_overlaps: measured("towns full fold", *without_overlaps),
    };
    let folds = entities.iter().enumerate().map(fold).collect();
    serde_json::to_string(&Scores::of("towns", "towns full", seed, 2, folds)).unwrap()
}

fn variant(name: &str, entities: f64) -> VariantReport {
    let run = summary(1, entities);
    VariantReport {
        name: name.into(),
        set: [("network.ner_layers".to_owned(), 0.into())].into(),
        equal_parameters: false,
        depths: Depths {
            shared_layers: 1,
            ner_layers: 1,
            re_layers: 2,
            hidden: 128,
        },
        trainable_parameters: Some(run.trainable_parameters),
        total_parameters: Some(run.total_parameters),
        scores: ScoreStatistics::of(&run.scores),
        mean_f1: Statistic::of([entities]),
        seconds: Statistic::of([run.seconds]),
        runs: vec![RunOutcome {
            seed: 1,
            summary: Some(run),
            error: None,
        }],
    }
}

/// A folder with `runs/`, as training leaves them, and `results/`, the records.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempdir().unwrap());
        fs::create_dir(place.path("results")).unwrap();
        fs::write(place.path("results/published.toml"), PUBLISHED).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A whole run folder.
    fn run(&self, name: &str, summary: &RunSummary) {
        let folder = self.path("runs").join(name);
        fs::create_dir_all(&folder).unwrap();
        let config = format!("seed = {}\n[training]\nepochs = 10\n", summary.seed);
        fs::write(folder.join("config.toml"), config).unwrap();
        fs::write(folder.join("metrics.jsonl"), "").unwrap();
        fs::write(folder.join("best.safetensors"), "large").unwrap();
        let summary = serde_json::to_string(summary).unwrap();
        fs::write(folder.join("summary.json"), summary).unwrap();
    }

    /// What a cross-validation leaves, so far as its folds are measured.
    fn cross_validation(&self, name: &str, seed: u64, entities: &[[f64; 2]]) {
        for fold in 0..entities.len() {
            let mut summary = summary(seed, 0.);
            summary.corpora = vec![format!("towns full without fold {fold}")];
            summary.scores.clear();
            self.run(&format!("{name}/fold-{fold}"), &summary);
        }
        let scores = folds(seed, entities);
        self.file(&format!("{name}/cross-validation.json"), &scores);
    }

    /// Any file below `runs/`.
    fn file(&self, name: &str, text: &str) {
        let path = self.path("runs").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Records `runs/NAME`.
    fn collect(&self, name: &str) -> Result<(), ResultsError> {
        self.collect_as(name, &description(name))
    }

    fn collect_as(&self, name: &str, description: &Description) -> Result<(), ResultsError> {
        let [runs, into] = ["runs", "results"].map(|folder| self.path(folder).join(name));
        collect(&runs, &into, description, false).map(|_| ())
    }

    /// Names in a folder.
    fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.path(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn page(&self) -> String {
        render(&Records::read(&self.path("results")).unwrap())
    }
}

fn description(name: &str) -> Description {
    Description {
        title: format!("title of {name}"),
        extra_data: None,
        compared_with: None,
    }
}

fn assert_row(page: &str, row: &str) {
    assert!(
        page.lines().any(|line| line == row),
        "no line\n{row}\nin\n{page}"
    );
}

#[test]
fn without_records_the_page_has_the_published_figures_and_says_that_ours_are_missing() {
    let page = Place::new().page();
    assert_row(&page, "No run of ours is recorded yet.");
    assert_row(
        &page,
        "| Big (Someone 2020) | Huge | 110 | test | – | – | 87.0 | – | 72.63 |",
    );
    assert_row(
        &page,
        "| **ours** | – | – | test: not in hand | 0 | – | – | – | – |",
    );
    assert_row(
        &page,
        "- Big, Towns, test: [Someone 2020](https://example.org/big).",
    );
    for section in [
        "## Ablations",
        "## Ideas",
        "## Searches for settings",
        "## Runs",
    ] {
        let text = format!("{section}\n\nNone is recorded yet.\n");
        assert!(page.contains(&text), "{page}");
    }
    assert!(!page.contains("with extra data"), "{page}");
}

#[test]
fn seeds_are_averaged_and_every_run_is_listed() {
    let place = Place::new();
    for (seed, entities) in [(1, 84.), (2, 85.), (10, 86.)] {
        place.run(&format!("plain/seed-{seed}"), &summary(seed, entities));
    }
    place.collect("plain").unwrap();
    let page = place.page();
    let scores = "85.00 ± 1.00 | 81.00 ± 1.00 | 70.00 ± 0.00 | 71.00 ± 0.00";
    assert_row(
        &page,
        &format!("| **title of plain** | small | 2.0 (1.5) | dev | 3 | {scores} |"),
    );
    let run = "1,500,000 | 2,000,000 | 9 | 10 | 0.55 | cpu | 10 | 31.2 | 0123456789ab |";
    for seed in [1, 2, 10] {
        assert_row(&page, &format!("| `plain/seed-{seed}` | {seed} | {run}"));
    }
    let (second, tenth) = (page.find("seed-2").unwrap(), page.find("seed-10").unwrap());
    assert!(second < tenth);
    assert_eq!(page, place.page());
}

#[test]
fn a_cross_validation_has_a_row_for_each_way_of_scoring() {
    let place = Place::new();
    place.cross_validation("folds", 1, &[[84., 85.], [86., 87.]]);
    place.collect("folds").unwrap();
    let page = place.page();
    for (measured_on, scores) in [
        ("with overlap", "85.00 ± 1.41 | 81.00 ± 1.41"),
        ("no overlap", "86.00 ± 1.41 | 82.00 ± 1.41"),
    ] {
        let scores = format!("{scores} | 70.00 ± 0.00 | 71.00 ± 0.00");
        let measured_on = format!("2 folds, {measured_on}");
        assert_row(
            &page,
            &format!("| **title of folds** | small | 2.0 (1.5) | {measured_on} | 2 | {scores} |"),
        );
    }
    assert!(page.contains("| `folds/fold-1` | 1 |"), "{page}");
}

#[test]
fn seeds_of_a_cross_validation_are_averaged_by_their_means() {
    let place = Place::new();
    place.cross_validation("folds/seed-1", 1, &[[80., 84.], [86., 90.]]);
    place.cross_validation("folds/seed-2", 2, &[[84., 88.], [86., 90.]]);
    place.collect("folds").unwrap();
    let page = place.page();
    for (measured_on, scores) in [
        ("with overlap", "84.00 ± 1.41 | 80.00 ± 1.41"),
        ("no overlap", "88.00 ± 1.41 | 84.00 ± 1.41"),
    ] {
        let scores = format!("{scores} | 70.00 ± 0.00 | 71.00 ± 0.00");
        let measured_on = format!("2 folds, {measured_on}");
        assert_row(
            &page,
            &format!("| **title of folds** | small | 2.0 (1.5) | {measured_on} | 2 | {scores} |"),
        );
    }
    assert!(page.contains("| `folds/seed-2/fold-1` | 2 |"), "{page}");
    assert_eq!(
        place.names("results/folds/seed-2"),
        ["cross-validation.json", "fold-0", "fold-1"]
    );
}

#[test]
fn seeds_that_are_one_or_have_not_measured_the_same_folds_are_not_averaged() {
    let place = Place::new();
    place.cross_validation("folds/seed-1", 1, &[[84., 85.], [86., 87.]]);
    place.cross_validation("folds/seed-2", 2, &[[84., 85.]]);
    let error = place.collect("folds").unwrap_err().to_string();
    let [first, second] = ["seed-1", "seed-2"].map(|seed| place.path("runs/folds").join(seed));
    assert_eq!(
        error,
        format!(
            "{}: has not measured the same folds of the same data as {}",
            second.display(),
            first.display()
        )
    );
    place.cross_validation("folds/seed-2", 1, &[[84., 85.], [86., 87.]]);
    let error = place.collect("folds").unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "{}: has the same seed as {}",
            second.display(),
            first.display()
        )
    );
    assert!(!place.path("results/folds").exists());
}

#[test]
fn of_an_unfinished_cross_validation_the_page_says_so() {
    let place = Place::new();
    place.run("folds/fold-0", &summary(1, 84.));
    // Another fold is under way.
    place.file("folds/fold-1/config.toml", "seed = 1\n");
    place.file("folds/cross-validation.json", &folds(1, &[[84., 84.]]));
    place.collect("folds").unwrap();
    assert_row(
        &place.page(),
        "| **title of folds** | small | 2.0 (1.5) | 1 of 2 folds | 1 | 84.00 | 80.00 | 70.00 | 71.00 |",
    );
    assert_eq!(
        place.names("results/folds"),
        ["cross-validation.json", "experiment.toml", "fold-0"]
    );
}

#[test]
fn what_used_extra_data_stands_apart_and_says_which() {
    let place = Place::new();
    place.run("plain", &summary(1, 84.));
    let mut fed = summary(1, 86.);
    fed.corpora.push("villages (auxiliary)".into());
    place.run("fed", &fed);
    place.run("adapted", &summary(1, 85.));
    place.collect("plain").unwrap();
    place.collect("fed").unwrap();
    let adapted = Description {
        extra_data: Some("unlabelled text".into()),
        ..description("adapted")
    };
    place.collect_as("adapted", &adapted).unwrap();

    let page = place.page();
    let (without, with) = page.split_once("### Towns, with extra data").unwrap();
    assert!(without.contains("title of plain"), "{page}");
    for name in ["fed", "adapted"] {
        assert!(!without.contains(&format!("title of {name}")), "{page}");
    }
    for (name, extra_data, scores) in [
        (
            "fed",
            "villages (auxiliary)",
            "86.00 | 82.00 | 70.00 | 71.00",
        ),
        (
            "adapted",
            "unlabelled text",
            "85.00 | 81.00 | 70.00 | 71.00",
        ),
    ] {
        assert_row(
            with,
            &format!(
                "| **title of {name}** | {extra_data} | small | 2.0 (1.5) | dev | 1 | {scores} |"
            ),
        );
    }
}

#[test]
fn an_idea_is_worth_the_difference_to_an_experiment_without_it() {
    let place = Place::new();
    place.run("plain", &summary(1, 84.));
    place.run("wide/seed-1", &summary(1, 84.5));
    place.run("wide/seed-2", &summary(2, 85.5));
    place.collect("plain").unwrap();
    let mut wide = description("wide");
    wide.compared_with = Some("plane".into());
    let refused = |error: ResultsError| {
        let error = error.to_string();
        assert!(
            error.ends_with("wide: is compared with plane, which is no experiment"),
            "{error}"
        );
    };
    refused(place.collect_as("wide", &wide).unwrap_err());
    assert!(!place.path("results/wide").exists());

    wide.compared_with = Some("plain".into());
    place.collect_as("wide", &wide).unwrap();
    let described = place.path("results/wide/experiment.toml");
    let text = fs::read_to_string(&described).unwrap();
    fs::write(&described, text.replace("\"plain\"", "\"plane\"")).unwrap();
    refused(Records::read(&place.path("results")).unwrap_err());
    fs::write(&described, text).unwrap();
    assert_row(
        &place.page(),
        "| title of wide | title of plain | dev | 2 and 1 | +1.00 | +1.00 | +0.00 | +0.00 | +0.50 |",
    );
}

#[test]
fn an_ablation_is_its_own_report() {
    let place = Place::new();
    let report = AblationReport {
        format: AblationReport::FORMAT,
        name: "towns".into(),
        seeds: vec![1],
        variants: vec![variant("baseline", 85.), variant("no-ner", 83.)],
    };
    place.run("layers/baseline/seed-1", &summary(1, 85.));
    place.run("layers/no-ner/seed-1", &summary(1, 83.));
    place.file(
        "layers/ablation.json",
        &serde_json::to_string(&report).unwrap(),
    );
    place.collect("layers").unwrap();
    let page = place.page();
    assert!(
        page.contains("### title of layers\n\nLearnt from towns. F1 on dev"),
        "{page}"
    );
    assert!(page.contains(&report.body()), "{page}");
    assert!(page.contains("| `layers/no-ner/seed-1` | 1 |"), "{page}");
    assert_row(&page, "No run of ours is recorded yet.");
    // The report has all runs in it; of the configurations one is kept, which it says the changes to.
    assert_eq!(
        place.names("results/layers"),
        ["ablation.json", "baseline", "experiment.toml"]
    );
    assert_eq!(
        place.names("results/layers/baseline/seed-1"),
        ["config.toml"]
    );
}

#[test]
fn only_small_files_are_collected_and_no_other_experiment_is_overwritten() {
    let place = Place::new();
    place.run("plain/seed-1", &summary(1, 84.));
    fs::create_dir(place.path("runs/plain/empty")).unwrap();
    place.collect("plain").unwrap();
    assert_eq!(place.names("results/plain"), ["experiment.toml", "seed-1"]);
    let kept = ["config.toml", "summary.json"];
    assert_eq!(place.names("results/plain/seed-1"), kept);

    let error = place.collect("plain").unwrap_err().to_string();
    assert!(
        error.ends_with("is there already: choose another name, or replace it with --force"),
        "{error}"
    );
    assert_eq!(place.names("results"), ["plain", "published.toml"]);
}

#[test]
fn a_record_names_no_folder_of_the_machine() {
    let place = Place::new();
    place.run("plain", &summary(1, 84.));
    place.file(
        "plain/config.toml",
        "start_from = \"/home/me/runs/first/best.safetensors\"\n[[auxiliary]]\ndata = \"/data/more.jsonl\"\n",
    );
    place.collect("plain").unwrap();
    let config = fs::read_to_string(place.path("results/plain/config.toml")).unwrap();
    let config: toml::Table = toml::from_str(&config).unwrap();
    assert_eq!(
        config["start_from"].as_str(),
        Some("first/best.safetensors")
    );
    assert_eq!(
        config["auxiliary"][0]["data"].as_str(),
        Some("data/more.jsonl")
    );
}

#[test]
fn replacing_takes_an_experiment_only() {
    let place = Place::new();
    place.run("plain", &summary(1, 84.));
    place.collect("plain").unwrap();
    let again = description("again");
    let replace = |into: &str| {
        let runs = place.path("runs/plain");
        collect(&runs, &place.path(into), &again, true)
    };
    assert_eq!(replace("results/plain").unwrap().description, again);
    let error = replace("runs").unwrap_err().to_string();
    assert!(error.ends_with("holds no experiment to replace"), "{error}");
    assert!(place.path("runs/plain/best.safetensors").exists());
}

#[test]
fn of_a_search_for_settings_only_the_tables_are_kept() {
    let place = Place::new();
    place.run("search/trial-0001", &summary(1, 84.));
    place.file("search/trials.jsonl", "");
    place.file("search/table.md", "");
    place.collect("search").unwrap();
    assert_eq!(
        place.names("results/search"),
        ["experiment.toml", "table.md", "trials.jsonl"]
    );
    let link = "[table of trials](../results/search/table.md)";
    assert!(place.page().contains(link));
}

#[test]
fn a_run_that_has_not_ended_is_named() {
    let place = Place::new();
    place.run("plain/seed-1", &summary(1, 84.));
    let run = place.path("runs/plain/seed-1");
    fs::remove_file(run.join("summary.json")).unwrap();
    let error = place.collect("plain").unwrap_err().to_string();
    let run = run.display();
    assert_eq!(
        error,
        format!("{run}: the run has not ended: summary.json is missing")
    );
}

#[test]
fn a_run_that_is_paused_is_no_result() {
    let place = Place::new();
    let paused = RunSummary {
        paused: true,
        ..summary(1, 84.)
    };
    place.run("plain", &paused);
    let error = place.collect("plain").unwrap_err().to_string();
    let run = place.path("runs/plain");
    let run = run.display();
    assert_eq!(
        error,
        format!("{run}: the run has not ended: it is paused after epoch 10")
    );
}

#[test]
fn seeds_of_different_configurations_are_not_averaged() {
    let place = Place::new();
    place.run("plain/seed-1", &summary(1, 84.));
    place.run("plain/seed-2", &summary(2, 85.));
    // Each seed may go on from a first stage of its own, and an earlier version did not write every setting.
    let config =
        |epochs: usize| format!("seed = 2\nstart_from = \"a\"\n[training]\nepochs = {epochs}\n");
    place.file("plain/seed-2/config.toml", &config(11));
    let error = place.collect("plain").unwrap_err().to_string();
    assert!(
        error.contains("seed-2: `training.epochs` of the configuration is not that of"),
        "{error}"
    );
    let spelt_out = format!(
        "{}parts = {}\n",
        config(10),
        RunConfig::default().training.parts
    );
    place.file("plain/seed-2/config.toml", &spelt_out);
    place.collect("plain").unwrap();
}

#[test]
fn published_scores_of_an_unknown_corpus_are_refused_by_name() {
    let place = Place::new();
    let path = place.path("results/published.toml");
    fs::write(
        &path,
        PUBLISHED.replace("corpus = \"Towns\"", "corpus = \"Twons\""),
    )
    .unwrap();
    let error = Records::read(&place.path("results"))
        .unwrap_err()
        .to_string();
    let path = path.display();
    assert_eq!(
        error,
        format!("{path}: the scores of Big are of Twons, which is no [[corpus]]")
    );
}
