mod collecting;
mod cross_validation;
mod page;

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
