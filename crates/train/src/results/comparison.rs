//! Systems on a corpus, ours and others', as rows of a table; and what our ideas gave.

use super::{ComparedCorpus, Experiment, Group, PublishedScores, experiment::GroupScores};
use crate::{
    markdown::{NONE, grouped, signed, table},
    run_folder::RunSummary,
    statistics::ScoreStatistics,
};

/// A system on a corpus.
pub(super) struct Row {
    system: String,
    pub(super) extra_data: Option<String>,
    encoder: String,
    weights: String,
    pub(super) measured_on: String,
    repetitions: String,
    figures: [String; 4],
}

impl Row {
    /// A row for each data set that a group is measured on.
    pub(super) fn of_group(experiment: &Experiment, group: &Group) -> Vec<Self> {
        let Some(run) = group.runs.first().map(|run| &run.summary) else {
            return Vec::new();
        };
        let title = &experiment.description.title;
        let row = |GroupScores {
                       measured_on,
                       scores,
                   }| Self {
            system: match group.path.as_str() {
                "" => format!("**{title}**"),
                path => format!("**{title}**, {path}"),
            },
            extra_data: (experiment.description.extra_data.clone())
                .or_else(|| group.other_corpora()),
            encoder: run.encoder.clone().unwrap_or_else(|| "none".to_owned()),
            weights: millions(run),
            measured_on,
            repetitions: scores.entity_micro_f1.n.to_string(),
            figures: scores.all().map(|figure| figure.to_string()),
        };
        group.scores().into_iter().map(row).collect()
    }

    /// A row of what somebody published.
    pub(super) fn published(scores: &PublishedScores) -> Self {
        let figure =
            |figure: Option<f64>| figure.map_or(NONE.to_owned(), |value| format!("{value:?}"));
        Self {
            system: format!("{} ({})", scores.system, scores.citation),
            extra_data: scores.extra_data.clone(),
            encoder: scores.encoder.clone().unwrap_or_else(|| NONE.to_owned()),
            weights: scores
                .encoder_millions
                .map_or(NONE.to_owned(), |value| value.to_string()),
            measured_on: scores.measured_on.clone(),
            repetitions: NONE.to_owned(),
            figures: [
                scores.entity_micro_f1,
                scores.entity_macro_f1,
                scores.relation_micro_f1,
                scores.relation_macro_f1,
            ]
            .map(figure),
        }
    }

    /// In place of ours on data that is not in hand.
    pub(super) fn missing(data: &str) -> Self {
        let none = || NONE.to_owned();
        Self {
            system: "**ours**".to_owned(),
            extra_data: None,
            encoder: none(),
            weights: none(),
            measured_on: format!("{data}: not in hand"),
            repetitions: "0".to_owned(),
            figures: [none(), none(), none(), none()],
        }
    }

    fn cells(&self, with_extra_data: bool) -> Vec<String> {
        let mut cells = vec![self.system.clone()];
        if with_extra_data {
            cells.push(self.extra_data.clone().unwrap_or_else(|| NONE.to_owned()));
        }
        cells.extend([
            self.encoder.clone(),
            self.weights.clone(),
            self.measured_on.clone(),
            self.repetitions.clone(),
        ]);
        cells.extend(self.figures.clone());
        cells
    }
}

/// Rows as a table, with a column for extra data if they used any.
pub(super) fn table_of(rows: &[Row], with_extra_data: bool) -> String {
    let mut head = vec!["system"];
    head.extend(with_extra_data.then_some("extra data"));
    head.extend(["encoder", "weights", "measured on", "n"]);
    head.extend(ScoreStatistics::NAMES);
    let cells: Vec<_> = rows.iter().map(|row| row.cells(with_extra_data)).collect();
    table(&head, &cells)
}

/// Our rows on a corpus.
pub(super) fn ours(experiments: &[Experiment], is_wanted: impl Fn(&str) -> bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for experiment in experiments {
        for group in experiment.groups() {
            if group.corpus().is_some_and(&is_wanted) {
                rows.extend(Row::of_group(experiment, group));
            }
        }
    }
    rows
}

impl ComparedCorpus {
    /// Whether a name in a run is of this corpus or of a part of it, as `ade full` is of `ade`.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.folder.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }
}

/// What each experiment gave that names another to be compared with, as a table; none where there is no such.
pub(super) fn ideas(experiments: &[Experiment]) -> Option<String> {
    let mut rows = Vec::new();
    for experiment in experiments {
        let other = experiment.description.compared_with.as_deref();
        let Some(other) = experiments.iter().find(|one| Some(&*one.name) == other) else {
            continue;
        };
        for group in experiment.groups() {
            rows.extend(idea(experiment, group, other));
        }
    }
    let mut head = vec!["idea", "compared with", "measured on", "n"];
    head.extend(ScoreStatistics::NAMES);
    head.push("mean of the four");
    (!rows.is_empty()).then(|| table(&head, &rows))
}

fn idea(experiment: &Experiment, group: &Group, other: &Experiment) -> Vec<Vec<String>> {
    let same = other
        .groups()
        .iter()
        .find(|one| one.path == group.path)
        .or_else(|| other.groups().first());
    let Some(same) = same else {
        return Vec::new();
    };
    let base = same.scores();
    let row = |scores: GroupScores| {
        let base = base
            .iter()
            .find(|base| base.measured_on == scores.measured_on)?;
        let (ours, theirs) = (scores.scores.all(), base.scores.all());
        let gains: Vec<f64> = (ours.iter().zip(&theirs))
            .map(|(ours, theirs)| ours.mean - theirs.mean)
            .collect();
        let mean = gains.iter().sum::<f64>() / gains.len() as f64;
        let mut row = vec![
            match group.path.as_str() {
                "" => experiment.description.title.clone(),
                path => format!("{}, {path}", experiment.description.title),
            },
            other.description.title.clone(),
            scores.measured_on,
            format!("{} and {}", ours[0].n, theirs[0].n),
        ];
        row.extend(gains.into_iter().chain([mean]).map(signed));
        Some(row)
    };
    group.scores().into_iter().filter_map(row).collect()
}

/// All weights and, in brackets, the trained ones, in millions.
fn millions(run: &RunSummary) -> String {
    let millions = |count: u64| count as f64 / 1e6;
    let (all, trained) = (run.total_parameters, run.trainable_parameters);
    format!("{:.1} ({:.1})", millions(all), millions(trained))
}

/// The runs behind the tables, by their paths.
pub(super) fn table_of_runs(runs: &[(String, &RunSummary)]) -> String {
    let head = [
        "run",
        "seed",
        "trained weights",
        "all weights",
        "epoch",
        "of",
        "threshold",
        "device",
        "minutes",
        "sentences a second",
        "revision",
    ];
    let row = |(path, run): &(String, &RunSummary)| {
        vec![
            format!("`{path}`"),
            run.seed.to_string(),
            grouped(run.trainable_parameters),
            grouped(run.total_parameters),
            run.best_epoch.to_string(),
            run.epochs.to_string(),
            format!("{:.2}", run.relation_threshold),
            run.device.clone(),
            format!("{:.0}", run.seconds / 60.),
            format!("{:.1}", run.sentences_per_second),
            (run.git_revision.clone()).unwrap_or_else(|| NONE.to_owned()),
        ]
    };
    table(&head, &runs.iter().map(row).collect::<Vec<_>>())
}
