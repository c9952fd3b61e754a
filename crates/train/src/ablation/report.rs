//! What an ablation came to: `ablation.json`, and the same for readers as `ablation.md`.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{BASELINE, Resolved};
use crate::{
    config::NetworkChoice,
    evaluation,
    markdown::{NONE, grouped, signed, table},
    overrides::Overrides,
    run_folder::RunSummary,
    statistics::{ScoreStatistics, Statistic},
    study::{self, Result, StudyError},
};

/// The content of `ablation.json`. While a study runs it covers the runs so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AblationReport {
    /// Version of this file's format: [`AblationReport::FORMAT`].
    pub format: u32,
    /// Name of the configuration.
    pub name: String,
    /// Seeds of each variant's runs.
    pub seeds: Vec<u64>,
    /// The baseline first.
    pub variants: Vec<VariantReport>,
}

/// A variant and its runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariantReport {
    /// Name of the variant and its folder.
    pub name: String,
    /// What it changes.
    pub set: Overrides,
    /// Whether shared layers and width were chosen to match the baseline's number of trained weights.
    pub equal_parameters: bool,
    /// Layers and width that it came to.
    pub depths: Depths,
    /// Number of weights that training changes; none before the first run has ended.
    pub trainable_parameters: Option<u64>,
    /// Number of weights.
    pub total_parameters: Option<u64>,
    /// F1 on dev over the runs, in percent.
    pub scores: Option<ScoreStatistics>,
    /// The mean of the four F1 scores, over the runs.
    pub mean_f1: Option<Statistic>,
    /// Time of a run.
    pub seconds: Option<Statistic>,
    /// The runs that have ended, in the order of the seeds.
    pub runs: Vec<RunOutcome>,
}

/// The stacks of BiRNN layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Depths {
    /// Layers that both tasks share.
    pub shared_layers: usize,
    /// Layers of the entity task.
    pub ner_layers: usize,
    /// Layers of the relation task.
    pub re_layers: usize,
    /// Units of a layer in each direction.
    pub hidden: usize,
}

/// How one run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunOutcome {
    /// Its seed.
    pub seed: u64,
    /// What it came to, if it did not fail.
    pub summary: Option<RunSummary>,
    /// Why it failed, if it did. It is tried again when the study is resumed.
    pub error: Option<String>,
}

impl AblationReport {
    /// The version that is written and read.
    pub const FORMAT: u32 = 1;

    pub(super) fn new(name: &str, seeds: &[u64], variants: &[Resolved]) -> Self {
        let variant = |(variant, config): &Resolved| VariantReport {
            name: variant.name.clone(),
            set: variant.set.clone(),
            equal_parameters: variant.equal_parameters,
            depths: Depths::of(&config.network),
            trainable_parameters: None,
            total_parameters: None,
            scores: None,
            mean_f1: None,
            seconds: None,
            runs: Vec::new(),
        };
        Self {
            format: Self::FORMAT,
            name: name.to_owned(),
            seeds: seeds.to_vec(),
            variants: variants.iter().map(variant).collect(),
        }
    }

    /// Takes up how a run ended: its place in the folder, and how it is recorded.
    pub(super) fn record(
        &mut self,
        variant: usize,
        seed: usize,
        outcome: std::result::Result<RunSummary, String>,
    ) -> (String, RunOutcome) {
        let seed = self.seeds[seed];
        let (summary, error) = match outcome {
            Ok(summary) => (Some(summary), None),
            Err(reason) => (None, Some(reason)),
        };
        let outcome = RunOutcome {
            seed,
            summary,
            error,
        };
        let order = |run: &RunOutcome| self.seeds.iter().position(|seed| *seed == run.seed);
        let variant = &mut self.variants[variant];
        variant.runs.push(outcome.clone());
        variant.runs.sort_by_key(order);
        variant.sum_up();
        (format!("{}/seed-{seed}", variant.name), outcome)
    }

    /// Writes `ablation.json` and `ablation.md`.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join("ablation.json");
        let json = serde_json::to_string_pretty(self)
            .map_err(|error| StudyError::malformed(&path, error))?;
        study::write(&path, &(json + "\n"))?;
        study::write(&folder.join("ablation.md"), &self.markdown())
    }

    /// Reads `ablation.json`.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|source| StudyError::io(path, source))?;
        let report: Self =
            serde_json::from_str(&text).map_err(|error| StudyError::malformed(path, error))?;
        if report.format == Self::FORMAT {
            return Ok(report);
        }
        let (format, known) = (report.format, Self::FORMAT);
        let reason = format!("is of format {format}; this program reads {known}");
        Err(StudyError::malformed(path, reason))
    }

    /// The report for readers.
    pub fn markdown(&self) -> String {
        format!("# Ablation of {}\n\n{}", self.name, self.body())
    }

    /// The same without its heading.
    pub(crate) fn body(&self) -> String {
        let seeds: Vec<String> = self.seeds.iter().map(ToString::to_string).collect();
        let seeds = match seeds.as_slice() {
            [seed] => format!(", seed {seed}"),
            seeds => format!(
                ": mean ± sample standard deviation over seeds {}",
                seeds.join(", ")
            ),
        };
        let mut text = format!(
            "F1 on dev in percent, strict{seeds}. Epoch and relation threshold are chosen on dev, where the \
             configuration does not fix them.\n\n"
        );
        let head = [
            "variant",
            "layers (shared/NER/RE) × units",
            "trained weights",
            "to baseline",
            "all weights",
            "NER micro",
            "NER macro",
            "RE micro",
            "RE macro",
            "mean of the four",
            "to baseline",
            "runs",
            "seconds a run",
        ];
        let baseline = self
            .variants
            .iter()
            .find(|variant| variant.name == BASELINE);
        let rows: Vec<Vec<String>> = self
            .variants
            .iter()
            .map(|variant| variant.row(baseline, self.seeds.len()))
            .collect();
        text += &table(&head, &rows);
        let mut notes = Vec::new();
        for variant in &self.variants {
            let name = &variant.name;
            let set: Vec<String> = variant
                .set
                .iter()
                .map(|(field, value)| format!("`{field} = {value}`"))
                .collect();
            if !set.is_empty() {
                let equal = if variant.equal_parameters {
                    "; shared layers and units chosen so that as many weights are trained as in the baseline"
                } else {
                    ""
                };
                notes.push(format!("- {name}: {}{equal}", set.join(", ")));
            }
            for run in &variant.runs {
                if let Some(error) = &run.error {
                    notes.push(format!("- {name}, seed {}, failed: {error}", run.seed));
                }
            }
        }
        if !notes.is_empty() {
            text += &format!("\n{}\n", notes.join("\n"));
        }
        text
    }
}

impl VariantReport {
    fn summaries(&self) -> impl Iterator<Item = &RunSummary> {
        self.runs.iter().filter_map(|run| run.summary.as_ref())
    }

    fn sum_up(&mut self) {
        let scores: Vec<_> = self
            .summaries()
            .filter_map(|summary| summary.scores.first().cloned())
            .collect();
        self.mean_f1 = Statistic::of(scores.iter().map(evaluation::dev_score));
        self.scores = ScoreStatistics::of(&scores);
        self.seconds = Statistic::of(self.summaries().map(|summary| summary.seconds));
        let first = self.summaries().next();
        (self.trainable_parameters, self.total_parameters) = (
            first.map(|summary| summary.trainable_parameters),
            first.map(|summary| summary.total_parameters),
        );
    }

    fn row(&self, baseline: Option<&Self>, seeds: usize) -> Vec<String> {
        let none = || NONE.to_owned();
        let depths = &self.depths;
        let of_baseline = baseline.filter(|baseline| baseline.name != self.name);
        let weights = |count: Option<u64>| count.map_or_else(none, grouped);
        let more_weights = || {
            let (ours, theirs) = (
                self.trainable_parameters?,
                of_baseline?.trainable_parameters?,
            );
            let sign = if ours < theirs { '−' } else { '+' };
            let difference = ours.abs_diff(theirs);
            let share = 100. * difference as f64 / theirs.max(1) as f64;
            Some(format!(
                "{sign}{} ({sign}{share:.2} %)",
                grouped(difference)
            ))
        };
        let gain = || Some(signed(self.mean_f1?.mean - of_baseline?.mean_f1?.mean));
        let statistic =
            |value: Option<Statistic>| value.map_or_else(none, |value| value.to_string());
        let figures = match &self.scores {
            Some(scores) => scores.all().map(|figure| figure.to_string()),
            None => [none(), none(), none(), none()],
        };
        let mut row = vec![
            self.name.clone(),
            format!(
                "{}/{}/{} × {}",
                depths.shared_layers, depths.ner_layers, depths.re_layers, depths.hidden
            ),
            weights(self.trainable_parameters),
            more_weights().unwrap_or_else(none),
            weights(self.total_parameters),
        ];
        row.extend(figures);
        row.extend([
            statistic(self.mean_f1),
            gain().unwrap_or_else(none),
            format!("{} of {seeds}", self.summaries().count()),
            self.seconds
                .map_or_else(none, |seconds| format!("{seconds:.0}")),
        ]);
        row
    }
}

impl Depths {
    fn of(network: &NetworkChoice) -> Self {
        Self {
            shared_layers: network.shared_layers,
            ner_layers: network.ner_layers,
            re_layers: network.re_layers,
            hidden: network.hidden,
        }
    }
}

#[cfg(test)]
mod tests {
    use spanarc_model::bundle::MeasuredScores;

    use super::*;
    use crate::{RunConfig, ablation::Variant};

    fn summary(seed: u64, parameters: u64, f1: f64) -> RunSummary {
        RunSummary {
            format: RunSummary::FORMAT,
            name: "tiny".into(),
            seed,
            git_revision: None,
            corpora: vec!["towns".into()],
            inputs_sha256: crate::InputHashes::default(),
            encoder: None,
            device: "cpu".into(),
            trainable_parameters: parameters,
            total_parameters: parameters + 1000,
            epochs: 2,
            paused: false,
            best_epoch: 2,
            relation_threshold: 0.5,
            seconds: 10.,
            sentences_per_second: 1.,
            scores: vec![MeasuredScores {
                data: "towns dev".into(),
                entity_micro_f1: f1,
                entity_macro_f1: f1,
                relation_micro_f1: f1,
                relation_macro_f1: f1,
            }],
        }
    }

    /// A baseline with two runs, of which the second ended first, and a variant of which one failed.
    fn report() -> AblationReport {
        let variant = Variant {
            name: "no-shared".into(),
            set: [("network.shared_layers".to_owned(), 0.into())].into(),
            path: "ideas.toml".into(),
            equal_parameters: false,
        };
        let variants =
            [Variant::baseline(), variant].map(|variant| (variant, RunConfig::default()));
        let mut report = AblationReport::new("tiny", &[5, 3], &variants);
        report.record(0, 1, Ok(summary(3, 20_000, 82.)));
        report.record(0, 0, Ok(summary(5, 20_000, 80.)));
        report.record(1, 0, Ok(summary(5, 19_000, 80.5)));
        report.record(1, 1, Err("the loss became NaN".into()));
        report
    }

    #[test]
    fn the_table_has_statistics_and_differences() {
        let text = report().markdown();
        let baseline = "| baseline | 1/1/2 × 128 | 20,000 | – | 21,000 | 81.00 ± 1.41 |";
        assert!(text.contains(baseline), "{text}");
        let variant = "| no-shared | 1/1/2 × 128 | 19,000 | −1,000 (−5.00 %) | 20,000 | 80.50 |";
        assert!(text.contains(variant), "{text}");
        assert!(text.contains("| 80.50 | −0.50 | 1 of 2 | 10 |"), "{text}");
        assert!(
            text.contains("- no-shared: `network.shared_layers = 0`\n"),
            "{text}"
        );
        assert!(
            text.contains("- no-shared, seed 3, failed: the loss became NaN\n"),
            "{text}"
        );
    }

    #[test]
    fn runs_stand_in_the_order_of_the_seeds_whichever_ended_first() {
        let report = report();
        let seeds: Vec<u64> = report.variants[0].runs.iter().map(|run| run.seed).collect();
        assert_eq!(seeds, [5, 3]);
    }

    #[test]
    fn the_file_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let report = report();
        report.write(folder.path()).unwrap();
        let mut read = AblationReport::read(&folder.path().join("ablation.json")).unwrap();
        // The last binary digit of a standard deviation may be lost.
        for (read, written) in read.variants.iter_mut().zip(&report.variants) {
            assert_eq!(read.scores.is_some(), written.scores.is_some());
            (read.scores, read.mean_f1) = (written.scores, written.mean_f1);
        }
        assert_eq!(read, report);
    }
}
