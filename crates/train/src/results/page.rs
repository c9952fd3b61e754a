//! The page as Markdown. It follows from the records alone: the same records give the same bytes.

use super::{
    ComparedCorpus, Content, Experiment, PublishedScores, Records, comparison, comparison::Row,
};
use crate::ablation::AblationReport;

const HEAD: &str = "\
# Results

<!-- Made by `spanarc results` from the records in `results/`. Do not edit: change the records and make it anew. -->

F1 in percent. Strict: an entity counts when boundaries and type are right, a relation when its type and both its entities
are. *Micro* is over all entities or relations, *macro* the mean over types. Ours are mean ± sample standard deviation over
*n* runs that differ in nothing but the seed. A cross-validation of one seed is averaged over its *n* folds, one of several over
the *n* seeds, each with its mean over the folds. Ours are those of f32 weights; what int8 changes is
told [with the shipped models](../web/models/README.md). Weights are in millions: ours all and, in brackets, those that training changed; of published
systems the encoder's. – where there is no figure or we could not verify it.
";

const ABOUT_IDEAS: &str = "\
What each gave: the difference of the means to an experiment without it. *n* are the runs of both.
";

const ABOUT_RUNS: &str = "\
Every run behind the tables, by its folder of records, where its settings are. *Epoch* is the one whose weights count; sentences a
second are those of training, without evaluation; *revision* is the program's, in runs before 22 November 2026 that of the
checkout in which it ran, from which the program may have been built a little earlier.
";

const NOTHING_YET: &str = "None is recorded yet.\n";

/// The whole page.
pub fn render(records: &Records) -> String {
    let Records {
        published,
        experiments,
    } = records;
    let mut sections = vec![HEAD.to_owned()];
    for corpus in &published.corpora {
        sections.push(compared_corpus(records, corpus));
    }
    sections.extend(other_corpora(records));
    sections.push(format!("## Ablations\n\n{}", ablations(experiments)));
    sections.push(section(
        "Ideas",
        comparison::ideas(experiments).map(|table| format!("{ABOUT_IDEAS}\n{table}")),
    ));
    sections.push(section("Searches for settings", searches(experiments)));
    let runs: Vec<_> = experiments.iter().flat_map(Experiment::runs).collect();
    sections.push(section(
        "Runs",
        (!runs.is_empty()).then(|| format!("{ABOUT_RUNS}\n{}", comparison::table_of_runs(&runs))),
    ));
    if !published.scores.is_empty() {
        let sources: String = published.scores.iter().map(source).collect();
        sections.push(format!("## Sources of the published figures\n\n{sources}"));
    }
    sections.join("\n")
}

fn section(title: &str, body: Option<String>) -> String {
    format!(
        "## {title}\n\n{}",
        body.unwrap_or_else(|| NOTHING_YET.to_owned())
    )
}

fn compared_corpus(records: &Records, corpus: &ComparedCorpus) -> String {
    let name = &corpus.name;
    let mut parts = vec![format!("## {name}\n")];
    parts.extend(corpus.differences.iter().map(|text| format!("{text}\n")));
    let mut rows = comparison::ours(&records.experiments, |name| corpus.is_called(name));
    if rows.is_empty() {
        parts.push("No run of ours is recorded yet.\n".to_owned());
    }
    if let Some(data) = &corpus.not_in_hand
        && !rows.iter().any(|row| row.measured_on == *data)
    {
        rows.push(Row::missing(data));
    }
    let published = records.published.scores.iter();
    let published = published.filter(|scores| scores.corpus == *name);
    rows.extend(published.map(Row::published));
    let (with, without): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.extra_data.is_some());
    for (title, rows, with_extra_data) in [
        ("without extra data", without, false),
        ("with extra data", with, true),
    ] {
        if !rows.is_empty() {
            let table = comparison::table_of(&rows, with_extra_data);
            parts.push(format!("### {name}, {title}\n\n{table}"));
        }
    }
    parts.join("\n")
}

/// Corpora of ours that nobody's figures are compared on.
fn other_corpora(records: &Records) -> Vec<String> {
    let groups = records.experiments.iter().flat_map(Experiment::groups);
    let compared = |name: &str| {
        let mut corpora = records.published.corpora.iter();
        corpora.any(|corpus| corpus.is_called(name))
    };
    let mut others: Vec<&str> = groups
        .filter_map(|group| group.corpus())
        .filter(|name| !compared(name))
        .collect();
    others.sort_unstable();
    others.dedup();
    let section = |name: &str| {
        let rows = comparison::ours(&records.experiments, |corpus| corpus == name);
        format!("## {name}\n\n{}", comparison::table_of(&rows, true))
    };
    others.into_iter().map(section).collect()
}

fn ablations(experiments: &[Experiment]) -> String {
    let reports = experiments.iter().filter_map(|experiment| {
        let Content::Ablation(report) = &experiment.content else {
            return None;
        };
        Some(ablation(experiment, report))
    });
    match reports.collect::<Vec<_>>() {
        reports if reports.is_empty() => NOTHING_YET.to_owned(),
        reports => reports.join("\n"),
    }
}

fn ablation(experiment: &Experiment, report: &AblationReport) -> String {
    let title = &experiment.description.title;
    let mut text = format!("### {title}\n\n");
    let mut runs = report.variants.iter().flat_map(|variant| &variant.runs);
    if let Some(summary) = runs.find_map(|run| run.summary.as_ref()) {
        let extra = experiment.description.extra_data.iter();
        let corpora: Vec<&str> = (summary.corpora.iter().chain(extra))
            .map(String::as_str)
            .collect();
        text += &format!("Learnt from {}. ", corpora.join(", "));
    }
    text + &report.body()
}

fn searches(experiments: &[Experiment]) -> Option<String> {
    let searches =
        (experiments.iter()).filter(|experiment| matches!(experiment.content, Content::Search));
    let line = |experiment: &Experiment| {
        let (name, title) = (&experiment.name, &experiment.description.title);
        format!(
            "- {title}: [table of trials](../results/{name}/table.md), \
             [each in full](../results/{name}/trials.jsonl)\n"
        )
    };
    let lines: String = searches.map(line).collect();
    (!lines.is_empty()).then_some(lines)
}

fn source(scores: &PublishedScores) -> String {
    let PublishedScores {
        system,
        citation,
        url,
        corpus,
        measured_on,
        ..
    } = scores;
    let remark = (scores.remark.as_deref())
        .map(|remark| format!(" {remark}"))
        .unwrap_or_default();
    format!("- {system}, {corpus}, {measured_on}: [{citation}]({url}).{remark}\n")
}
