//! An experiment: runs that differ by seed, by fold or by variant, and what is kept of them.

use std::{fs, iter, path::Path};

use serde::{Deserialize, Serialize};
use spanarc_model::bundle::MeasuredScores;

use super::{ResultsError, reading};
use crate::{
    ablation::AblationReport, cross_validation::Scores, run_folder::RunSummary,
    statistics::ScoreStatistics,
};

pub(super) const DESCRIPTION: &str = "experiment.toml";
pub(super) const ABLATION: &str = "ablation.json";
pub(super) const TRIALS: &str = "trials.jsonl";

/// What the names of a configuration's repetitions begin with.
pub(super) const SEED: &str = "seed-";

/// The content of `experiment.toml`: what the runs do not say of themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// What was tried, in a line.
    pub title: String,
    /// Data that it learnt from besides the corpus it is measured on; without it, what the runs name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_data: Option<String>,
    /// Experiment from which it differs in one idea, so that the difference is what the idea gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared_with: Option<String>,
}

/// One folder of records, or of whole runs.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// The folder's name.
    pub name: String,
    /// What it is.
    pub description: Description,
    /// What it came to.
    pub content: Content,
}

/// What an experiment is, told by its files.
#[derive(Debug, Clone)]
pub enum Content {
    /// Runs of one configuration or of several.
    Runs(Vec<Group>),
    /// Variants of a configuration, compared.
    Ablation(AblationReport),
    /// A search for settings, whose table stands beside its records.
    Search,
}

/// Runs of one configuration, by seed, by fold, or by both.
#[derive(Debug, Clone)]
pub struct Group {
    /// Path below the experiment's folder, with `/` on every system; empty for the folder itself.
    pub path: String,
    /// At least one.
    pub runs: Vec<RunRecord>,
    /// What the folds came to, a cross-validation for each seed; none if the runs are not folds.
    pub cross_validations: Vec<CrossValidationRecord>,
}

/// What is kept of a run.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// Path below the experiment's folder, as [`Group::path`].
    pub path: String,
    /// What it came to.
    pub summary: RunSummary,
}

/// What is kept of a cross-validation besides its runs.
#[derive(Debug, Clone)]
pub struct CrossValidationRecord {
    /// Path below the experiment's folder, as [`Group::path`].
    pub path: String,
    /// What its folds came to.
    pub scores: Scores,
}

/// Scores of a group on one data set.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupScores {
    /// Which, such as `dev`.
    pub measured_on: String,
    /// Over runs; over the folds of one cross-validation; over the means of several.
    pub scores: ScoreStatistics,
}

impl Group {
    /// Name of the runs' own corpus, without what a run adds about its parts.
    pub fn corpus(&self) -> Option<&str> {
        let name = match self.cross_validations.first() {
            Some(one) => &one.scores.data,
            None => self.runs.first()?.summary.corpora.first()?,
        };
        name.split(" (").next()
    }

    /// What the runs say they learnt from besides their own corpus.
    pub fn other_corpora(&self) -> Option<String> {
        let mut others: Vec<&str> = Vec::new();
        let of_runs = self.runs.iter().map(|run| &run.summary.corpora);
        for other in of_runs.flat_map(|corpora| corpora.iter().skip(1)) {
            if !others.contains(&other.as_str()) {
                others.push(other);
            }
        }
        (!others.is_empty()).then(|| others.join(", "))
    }

    /// By data set.
    pub fn scores(&self) -> Vec<GroupScores> {
        match self.cross_validations.as_slice() {
            [] => self.scores_of_runs(),
            [one] => scores_of_folds(&one.scores),
            seeds => scores_of_seeds(seeds),
        }
    }

    fn scores_of_runs(&self) -> Vec<GroupScores> {
        let corpus = self.corpus().unwrap_or_default();
        let measured = self.runs.iter().flat_map(|run| run.summary.scores.clone());
        averaged_by_data(measured.map(|scores| {
            let part = scores.data.strip_prefix(corpus).map(str::trim_start);
            let data = part.unwrap_or(&scores.data).to_owned();
            MeasuredScores { data, ..scores }
        }))
    }
}

/// In the order in which the data sets appear first.
fn averaged_by_data(measured: impl Iterator<Item = MeasuredScores>) -> Vec<GroupScores> {
    let mut by_data: Vec<(String, Vec<MeasuredScores>)> = Vec::new();
    for scores in measured {
        match by_data.iter_mut().find(|(known, _)| *known == scores.data) {
            Some((_, others)) => others.push(scores),
            None => by_data.push((scores.data.clone(), vec![scores])),
        }
    }
    let averaged = |(measured_on, scores): (String, Vec<MeasuredScores>)| {
        Some(GroupScores {
            measured_on,
            scores: ScoreStatistics::of(&scores)?,
        })
    };
    by_data.into_iter().filter_map(averaged).collect()
}

fn scores_of_folds(folds: &Scores) -> Vec<GroupScores> {
    let (measured, all) = (folds.folds.len(), folds.fold_count);
    let which = match measured == all {
        true => format!("{all} folds"),
        false => format!("{measured} of {all} folds"),
    };
    let scores = folds.scorings().into_iter().filter_map(|scoring| {
        Some(GroupScores {
            measured_on: format!("{which}{}", scoring.remark),
            scores: scoring.mean?,
        })
    });
    scores.collect()
}

/// Each seed counts with its means over the folds.
fn scores_of_seeds(seeds: &[CrossValidationRecord]) -> Vec<GroupScores> {
    let of_a_seed = |one: &CrossValidationRecord| scores_of_folds(&one.scores);
    let means = |group: GroupScores| group.scores.means(group.measured_on);
    averaged_by_data(seeds.iter().flat_map(of_a_seed).map(means))
}

impl Experiment {
    /// Reads a folder with its description.
    pub(super) fn read(folder: &Path) -> Result<Self, ResultsError> {
        let path = folder.join(DESCRIPTION);
        let text = fs::read_to_string(&path).map_err(ResultsError::io(&path))?;
        let description =
            toml::from_str(&text).map_err(|error| ResultsError::malformed(&path, error))?;
        Self::at(folder, description)
    }

    /// Reads what is in a folder, whether it holds whole runs or records of them.
    pub(super) fn at(folder: &Path, description: Description) -> Result<Self, ResultsError> {
        let ablation = folder.join(ABLATION);
        let content = if ablation.exists() {
            Content::Ablation(AblationReport::read(&ablation)?)
        } else if folder.join(TRIALS).exists() {
            Content::Search
        } else {
            let mut groups = Vec::new();
            reading::read_groups(folder, folder, &mut groups)?;
            if groups.is_empty() {
                return Err(ResultsError::malformed(
                    folder,
                    "holds no run that has ended",
                ));
            }
            Content::Runs(groups)
        };
        Ok(Self {
            name: reading::file_name(folder),
            description,
            content,
        })
    }

    /// Its groups; none in an ablation, which has a report, or a search.
    pub fn groups(&self) -> &[Group] {
        match &self.content {
            Content::Runs(groups) => groups,
            Content::Ablation(_) | Content::Search => &[],
        }
    }

    /// Every run, with its path below the folder of records.
    pub fn runs(&self) -> Vec<(String, &RunSummary)> {
        let below = |path: &str| match path {
            "" => self.name.clone(),
            path => format!("{}/{path}", self.name),
        };
        match &self.content {
            Content::Runs(groups) => (groups.iter().flat_map(|group| &group.runs))
                .map(|run| (below(&run.path), &run.summary))
                .collect(),
            Content::Ablation(report) => {
                let variants = report.variants.iter();
                let runs = variants.flat_map(|variant| iter::repeat(variant).zip(&variant.runs));
                runs.filter_map(|(variant, run)| {
                    let path = format!("{}/{SEED}{}", variant.name, run.seed);
                    Some((below(&path), run.summary.as_ref()?))
                })
                .collect()
            }
            Content::Search => Vec::new(),
        }
    }
}
