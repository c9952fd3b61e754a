//! The trials as a table in Markdown.

use super::{Trial, TrialState, by_score};
use crate::markdown::{grouped, table as markdown};

/// Trials that came furthest first, and of those the best.
pub(super) fn table(name: &str, trials: &[Trial]) -> String {
    let fields: Vec<&String> = trials
        .first()
        .map(|trial| trial.settings.keys().collect())
        .unwrap_or_default();
    let mut head = vec!["trial"];
    head.extend(fields.iter().map(|field| field.as_str()));
    head.extend([
        "state",
        "epochs",
        "mean F1",
        "NER micro",
        "NER macro",
        "RE micro",
        "RE macro",
        "trained weights",
        "seconds",
    ]);
    let mut sorted: Vec<&Trial> = by_score(trials.iter()).collect();
    // The sort is stable: within a rung it stays by score.
    sorted.sort_by_key(|trial| {
        let failed = trial.state == TrialState::Failed;
        (failed, std::cmp::Reverse(trial.rungs.len()))
    });
    let rows: Vec<Vec<String>> = sorted.iter().map(|trial| row(trial, &fields)).collect();
    let mut text = format!(
        "# Search for settings of {name}\n\n\
         F1 on dev in percent, strict, of the best epoch so far; one seed. Epoch and relation threshold are chosen on dev, \
         where the configuration does not fix them. \
         Trials stopped at an earlier rung have lower scores for that reason too: only rows of the same number of epochs \
         can be compared.\n\n"
    );
    text += &markdown(&head, &rows);
    let errors: Vec<String> = trials
        .iter()
        .filter_map(|trial| {
            Some(format!(
                "- trial {}: {}",
                trial.trial,
                trial.error.as_ref()?
            ))
        })
        .collect();
    if !errors.is_empty() {
        text += &format!("\n{}\n", errors.join("\n"));
    }
    text
}

fn row(trial: &Trial, fields: &[&String]) -> Vec<String> {
    let none = || "–".to_owned();
    let state = match trial.state {
        TrialState::Open => "open",
        TrialState::Stopped => "stopped",
        TrialState::Finished => "finished",
        TrialState::Failed => "failed",
    };
    let last = trial.rungs.last();
    let score = |value: Option<f64>| value.map_or_else(none, |value| format!("{value:.2}"));
    let mut cells = vec![trial.trial.to_string()];
    cells.extend(fields.iter().map(|&field| {
        let value = trial.settings.get(field);
        value.map_or_else(none, ToString::to_string)
    }));
    cells.extend([
        state.to_owned(),
        last.map_or_else(none, |rung| rung.epochs.to_string()),
        score(last.map(|rung| rung.score)),
        score(last.map(|rung| rung.dev.entity_micro_f1)),
        score(last.map(|rung| rung.dev.entity_macro_f1)),
        score(last.map(|rung| rung.dev.relation_micro_f1)),
        score(last.map(|rung| rung.dev.relation_macro_f1)),
        trial.trainable_parameters.map_or_else(none, grouped),
        last.map_or_else(none, |rung| format!("{:.0}", rung.seconds)),
    ]);
    cells
}
