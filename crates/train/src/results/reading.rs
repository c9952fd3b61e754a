//! From folders of runs, or of records of them, to groups.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{CrossValidationRecord, Group, ResultsError, RunRecord, experiment::SEED};
use crate::{
    config::RunConfig,
    cross_validation::{self, Scores},
    run_folder::RunFolder,
};

/// Collects the groups at `folder` and below: a cross-validation, a run, its seeds as one group, and what else there is.
pub(super) fn read_groups(
    experiment: &Path,
    folder: &Path,
    groups: &mut Vec<Group>,
) -> Result<(), ResultsError> {
    if let Some(group) = read_one(experiment, folder)? {
        groups.push(group);
        return Ok(());
    }
    let (mut seeds, mut others) = (Vec::new(), Vec::new());
    for inner in subfolders(folder)? {
        match read_one(experiment, &inner)? {
            Some(seed) if file_name(&inner).starts_with(SEED) => seeds.push(seed),
            _ => others.push(inner),
        }
    }
    if !seeds.is_empty() {
        groups.push(as_one_group(experiment, folder, seeds)?);
    }
    (others.iter()).try_for_each(|inner| read_groups(experiment, inner, groups))
}

/// The run or the cross-validation whose files stand in this very folder.
fn read_one(experiment: &Path, folder: &Path) -> Result<Option<Group>, ResultsError> {
    let scores = folder.join(cross_validation::SCORES);
    if scores.exists() {
        return read_folds(experiment, folder, Scores::read(&scores)?).map(Some);
    }
    Ok(read_run(experiment, folder)?.map(|run| Group {
        path: run.path.clone(),
        runs: vec![run],
        cross_validations: Vec::new(),
    }))
}

/// Seeds of one configuration: runs, or cross-validations that have measured the same folds.
fn as_one_group(
    experiment: &Path,
    folder: &Path,
    seeds: Vec<Group>,
) -> Result<Group, ResultsError> {
    let measured = |group: &Group| {
        let scores = &group.cross_validations.first()?.scores;
        let folds: Vec<usize> = scores.folds.iter().map(|fold| fold.fold).collect();
        Some((scores.data.clone(), scores.fold_count, folds))
    };
    let seed = |group: &Group| group.runs.first().map(|run| run.summary.seed);
    for (index, group) in seeds.iter().enumerate() {
        let refuse = |reason: &str, other: &Group| {
            let other = experiment.join(&other.path);
            let reason = format!("{reason} {}", other.display());
            Err(ResultsError::malformed(
                &experiment.join(&group.path),
                reason,
            ))
        };
        if measured(group) != measured(&seeds[0]) {
            return refuse(
                "has not measured the same folds of the same data as",
                &seeds[0],
            );
        }
        if let Some(other) = seeds[..index]
            .iter()
            .find(|other| seed(other) == seed(group))
        {
            return refuse("has the same seed as", other);
        }
    }
    let mut whole = Group {
        path: below(experiment, folder),
        runs: Vec::new(),
        cross_validations: Vec::new(),
    };
    for seed in seeds {
        whole.runs.extend(seed.runs);
        whole.cross_validations.extend(seed.cross_validations);
    }
    check_alike(whole.runs.iter().map(|run| experiment.join(&run.path)))?;
    Ok(whole)
}

/// The folds that are measured. Another may be under way.
fn read_folds(experiment: &Path, folder: &Path, scores: Scores) -> Result<Group, ResultsError> {
    let path = below(experiment, folder);
    let mut runs = Vec::new();
    for fold in &scores.folds {
        let run = folder.join(format!("fold-{}", fold.fold));
        let missing = || ResultsError::malformed(&run, "no run has ended here");
        runs.push(read_run(experiment, &run)?.ok_or_else(missing)?);
    }
    if runs.is_empty() {
        return Err(ResultsError::malformed(folder, "no fold is measured yet"));
    }
    Ok(Group {
        path: path.clone(),
        runs,
        cross_validations: vec![CrossValidationRecord { path, scores }],
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
    if summary.paused {
        let reason = "the run has not ended: it is paused after epoch";
        let reason = format!("{reason} {}", summary.epochs);
        return Err(ResultsError::malformed(folder, reason));
    }
    let path = below(experiment, folder);
    Ok(Some(RunRecord { path, summary }))
}

/// Refuses runs of different configurations. Each may have a seed of its own and start from a run of its own. What one of
/// an earlier version leaves to the default is the same as the default spelt out.
fn check_alike(folders: impl Iterator<Item = PathBuf>) -> Result<(), ResultsError> {
    let mut first: Option<(PathBuf, RunConfig)> = None;
    for folder in folders {
        let config: RunConfig = RunFolder::at(&folder).read_config()?;
        let Some((path, expected)) = &first else {
            first = Some((folder, config));
            continue;
        };
        if let Some(field) = config.difference(expected) {
            let first = path.display();
            let reason = format!("`{field}` of the configuration is not that of {first}");
            return Err(ResultsError::malformed(&folder, reason));
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

pub(super) fn file_name(path: &Path) -> String {
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
