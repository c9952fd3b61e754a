//! An experiment: runs that differ by seed, by fold or by variant, and what is kept of them.

use std::{
    fs, iter,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use spanarc_model::bundle::MeasuredScores;

use super::ResultsError;
use crate::{
    ablation::AblationReport,
    cross_validation::{self, Scores},
    run_folder::{RunFolder, RunSummary},
    statistics::ScoreStatistics,
};

pub(super) const DESCRIPTION: &str = "experiment.toml";
pub(super) const ABLATION: &str = "ablation.json";
pub(super) const TRIALS: &str = "trials.jsonl";

/// What the names of a configuration's repetitions begin with.
const SEED: &str = "seed-";

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

/// Runs of one configuration, by seed or by fold.
#[derive(Debug, Clone)]
pub struct Group {
    /// Path below the experiment's folder, with `/` on every system; empty for the folder itself.
    pub path: String,
    /// At least one.
    pub runs: Vec<RunRecord>,
    /// Scores of the folds, if it is a cross-validation.
    pub folds: Option<Scores>,
}

/// What is kept of a run.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// Path below the experiment's folder, as [`Group::path`].
    pub path: String,
    /// What it came to.
    pub summary: RunSummary,
}

/// Scores of a group on one data set.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupScores {
    /// Which, such as `dev`.
    pub measured_on: String,
    /// Over runs or folds.
    pub scores: ScoreStatistics,
}

impl Group {
    /// Name of the runs' own corpus, without what a run adds about its parts.
    pub fn corpus(&self) -> Option<&str> {
        let name = match &self.folds {
            Some(folds) => &folds.data,
            None => self.runs.first()?.summary.corpora.first()?,
        };
        name.split(" (").next()
    }

    /// What the runs say they learnt from besides their own corpus.
    pub fn other_corpora(&self) -> Option<String> {
        let corpora = &self.runs.first()?.summary.corpora;
        let others = corpora.get(1..).filter(|others| !others.is_empty())?;
        Some(others.join(", "))
    }

    /// By data set.
    pub fn scores(&self) -> Vec<GroupScores> {
        match &self.folds {
            Some(folds) => scores_of_folds(folds),
            None => self.scores_of_runs(),
        }
    }

    fn scores_of_runs(&self) -> Vec<GroupScores> {
        let corpus = self.corpus().unwrap_or_default();
        let mut by_data: Vec<(&str, Vec<MeasuredScores>)> = Vec::new();
        for measured in self.runs.iter().flat_map(|run| &run.summary.scores) {
            let data = &measured.data;
            let part = data.strip_prefix(corpus).map_or(&**data, str::trim_start);
            match by_data.iter_mut().find(|(known, _)| *known == part) {
                Some((_, scores)) => scores.push(measured.clone()),
                None => by_data.push((part, vec![measured.clone()])),
            }
        }
        let averaged = |(part, scores): (&str, Vec<MeasuredScores>)| {
            Some(GroupScores {
                measured_on: part.to_owned(),
                scores: ScoreStatistics::of(&scores)?,
            })
        };
        by_data.into_iter().filter_map(averaged).collect()
    }
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
            read_groups(folder, folder, &mut groups)?;
            if groups.is_empty() {
                return Err(ResultsError::malformed(
                    folder,
                    "holds no run that has ended",
                ));
            }
            Content::Runs(groups)
        };
        Ok(Self {
            name: file_name(folder),
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

/// Collects the groups at `folder` and below: a cross-validation, a run, its seeds as one group, and what else there is.
fn read_groups(
    experiment: &Path,
    folder: &Path,
    groups: &mut Vec<Group>,
) -> Result<(), ResultsError> {
    let path = below(experiment, folder);
    let scores = folder.join(cross_validation::SCORES);
    if scores.exists() {
        groups.push(read_folds(experiment, folder, Scores::read(&scores)?)?);
        return Ok(());
    }
    if let Some(run) = read_run(experiment, folder)? {
        let (runs, folds) = (vec![run], None);
        groups.push(Group { path, runs, folds });
        return Ok(());
    }
    let (mut seeds, mut runs, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for inner in subfolders(folder)? {
        match read_run(experiment, &inner)? {
            Some(run) if file_name(&inner).starts_with(SEED) => {
                seeds.push(inner);
                runs.push(run);
            }
            _ => others.push(inner),
        }
    }
    check_alike(&seeds)?;
    if !runs.is_empty() {
        let folds = None;
        groups.push(Group { path, runs, folds });
    }
    (others.iter()).try_for_each(|inner| read_groups(experiment, inner, groups))
}

/// The folds that are measured. Another may be under way.
fn read_folds(experiment: &Path, folder: &Path, scores: Scores) -> Result<Group, ResultsError> {
    let mut runs = Vec::new();
    for fold in &scores.folds {
        let path = folder.join(format!("fold-{}", fold.fold));
        let missing = || ResultsError::malformed(&path, "no run has ended here");
        runs.push(read_run(experiment, &path)?.ok_or_else(missing)?);
    }
    if runs.is_empty() {
        return Err(ResultsError::malformed(folder, "no fold is measured yet"));
    }
    Ok(Group {
        path: below(experiment, folder),
        runs,
        folds: Some(scores),
    })
}

/// The run whose files stand in this very folder.
fn read_run(experiment: &Path, folder: &Path) -> Result<Option<RunRecord>, ResultsError> {
    let run = RunFolder::at(folder);
    let Some(summary) = run.summary()? else {
        if run.has_config() {
            let reason = "the run has not ended: summary.json is missing";
            return Err(ResultsError::malformed(folder, reason));
        }
        return Ok(None);
    };
    let path = below(experiment, folder);
    Ok(Some(RunRecord { path, summary }))
}

/// Refuses seeds of different configurations. Each may start from a run of its own.
fn check_alike(folders: &[PathBuf]) -> Result<(), ResultsError> {
    let mut first: Option<(&Path, toml::Table)> = None;
    for folder in folders {
        let mut config: toml::Table = RunFolder::at(folder).read_config()?;
        config.remove("seed");
        config.remove("start_from");
        let Some((path, expected)) = &first else {
            first = Some((folder, config));
            continue;
        };
        let mut fields = config.keys().chain(expected.keys());
        if let Some(field) = fields.find(|field| config.get(*field) != expected.get(*field)) {
            let first = path.display();
            let reason = format!("`{field}` of the configuration is not that of {first}");
            return Err(ResultsError::malformed(folder, reason));
        }
    }
    Ok(())
}

/// Folders in a folder by name, numbers at the end of names in numerical order.
pub(super) fn subfolders(folder: &Path) -> Result<Vec<PathBuf>, ResultsError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(ResultsError::io(folder))? {
        let path = entry.map_err(ResultsError::io(folder))?.path();
        if path.is_dir() {
            paths.push(path);
        }
    }
    paths.sort_by_key(|path| {
        let name = file_name(path);
        let stem = name.trim_end_matches(|character: char| character.is_ascii_digit());
        (stem.to_owned(), name.len(), name)
    });
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// The path of `folder` below `above`, with `/`.
fn below(above: &Path, folder: &Path) -> String {
    let parts = folder.strip_prefix(above).unwrap_or(folder).components();
    parts
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}
