//! A trial of a search, as `trials.jsonl` records it.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};
use spanarc_model::bundle::MeasuredScores;

use crate::{
    evaluation,
    overrides::Overrides,
    run_folder::RunSummary,
    study::{self, Result, StudyError},
};

/// One line of `trials.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Counted from 1; the folder is `trial-0001`.
    pub trial: usize,
    /// What it tries.
    pub settings: Overrides,
    /// Where it stands.
    pub state: TrialState,
    /// What it came to at each rung that it reached, the last being the end of training.
    pub rungs: Vec<Rung>,
    /// Number of weights that training changes; none before the first rung.
    pub trainable_parameters: Option<u64>,
    /// Number of weights.
    pub total_parameters: Option<u64>,
    /// Why it failed, if it did.
    pub error: Option<String>,
}

/// Where a trial stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrialState {
    /// Has not been given up, and has not come to its end.
    Open,
    /// Given up at a rung.
    Stopped,
    /// Trained to its end.
    Finished,
    /// Its process failed.
    Failed,
}

/// What a trial came to by a rung: of the epochs until then, the best on dev.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Epochs trained.
    pub epochs: usize,
    /// Of them the best.
    pub best_epoch: usize,
    /// Mean of the four F1 scores, in percent, to four decimals.
    pub score: f64,
    /// The scores, in percent, to four decimals.
    pub dev: MeasuredScores,
    /// Time of all epochs until then.
    pub seconds: f64,
}

impl Trial {
    /// One that has not begun.
    pub fn new(trial: usize, settings: Overrides) -> Self {
        Self {
            trial,
            settings,
            state: TrialState::Open,
            rungs: Vec::new(),
            trainable_parameters: None,
            total_parameters: None,
            error: None,
        }
    }

    /// Name of its folder.
    pub fn folder(&self) -> String {
        format!("trial-{:04}", self.trial)
    }

    /// Its score at the last rung that it reached.
    pub fn score(&self) -> Option<f64> {
        self.rungs.last().map(|rung| rung.score)
    }

    /// Takes up how its run ended at the next rung.
    pub(super) fn record(&mut self, outcome: std::result::Result<RunSummary, String>) {
        let rung = outcome.and_then(|summary| {
            self.trainable_parameters = Some(summary.trainable_parameters);
            self.total_parameters = Some(summary.total_parameters);
            Rung::of(&summary).ok_or_else(|| "the run was not measured on dev".to_owned())
        });
        match rung {
            Ok(rung) => self.rungs.push(rung),
            Err(reason) => {
                self.state = TrialState::Failed;
                self.error = Some(reason);
            }
        }
    }
}

impl Rung {
    fn of(summary: &RunSummary) -> Option<Self> {
        // Few decimals: read back from JSON they are the same to the last bit, so that a search that goes on decides as
        // one that never stopped.
        let short = |value: f64| (value * 1e4).round() / 1e4;
        let dev = summary.scores.first()?;
        let dev = MeasuredScores {
            data: dev.data.clone(),
            entity_micro_f1: short(dev.entity_micro_f1),
            entity_macro_f1: short(dev.entity_macro_f1),
            relation_micro_f1: short(dev.relation_micro_f1),
            relation_macro_f1: short(dev.relation_macro_f1),
        };
        Some(Self {
            epochs: summary.epochs,
            best_epoch: summary.best_epoch,
            score: short(evaluation::dev_score(&dev)),
            dev,
            seconds: summary.seconds,
        })
    }
}

/// Writes `trials.jsonl` whole.
pub(super) fn write(path: &Path, trials: &[Trial]) -> Result<()> {
    let mut text = String::new();
    for trial in trials {
        let line =
            serde_json::to_string(trial).map_err(|error| StudyError::malformed(path, error))?;
        text += &line;
        text.push('\n');
    }
    study::write(path, &text)
}

/// Reads `trials.jsonl`; none where it is missing.
pub(super) fn read(path: &Path) -> Result<Option<Vec<Trial>>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StudyError::io(path, source)),
    };
    let line = |(index, line): (usize, &str)| {
        serde_json::from_str(line)
            .map_err(|error| StudyError::malformed(path, format!("line {}: {error}", index + 1)))
    };
    text.lines()
        .enumerate()
        .map(line)
        .collect::<Result<_>>()
        .map(Some)
}
