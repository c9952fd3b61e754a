//! What runs, on how much, how fast.

use std::rc::Rc;

use spanarc_protocol::{ModelSummary, Stage};
use yew::prelude::*;

use super::download::megabytes;
use crate::state::Status;

/// The figures.
#[derive(Properties, PartialEq)]
pub(crate) struct StatusLineProps {
    /// What the worker is doing.
    pub(crate) status: Status,
    /// The model, once there is one.
    pub(crate) model: Option<Rc<ModelSummary>>,
    /// Words of the text.
    pub(crate) words: usize,
    /// How long the last complete run took.
    pub(crate) milliseconds: Option<f64>,
}

/// The foot of the sheet.
#[component]
pub(crate) fn StatusLine(props: &StatusLineProps) -> Html {
    let (class, doing) = match &props.status {
        Status::Loading { .. } => ("is-busy", "Loading".to_owned()),
        Status::Annotating { total: 0, .. } => ("is-busy is-brief", "Annotating".to_owned()),
        Status::Annotating { done, total } => {
            ("is-busy", format!("Annotating {done} of {total} sentences"))
        }
        Status::Ready => ("is-ready", "Ready".to_owned()),
        Status::Failed {
            stage: Stage::Load, ..
        } => ("is-failed", "No model".to_owned()),
        Status::Failed {
            stage: Stage::Annotate,
            ..
        } => ("is-failed", "Failed".to_owned()),
    };
    let words = match props.words {
        1 => "1 word".to_owned(),
        words => format!("{} words", grouped(words)),
    };
    html! {
        <footer class="status-line" data-testid="status">
            <span class={classes!("status-doing", class)} data-testid="doing"><span class="status-words">{doing}</span></span>
            if let Some(model) = &props.model {
                <span class="status-item" data-testid="model" title={megabytes(model.bytes)}>
                    {"Model "}<b>{&model.name}</b>{format!(", {}", megabytes(model.bytes))}
                </span>
            }
            <span class="status-item" data-testid="words">{words}</span>
            if let Some(milliseconds) = props.milliseconds {
                <span class="status-item" data-testid="milliseconds">{took(milliseconds)}</span>
            }
        </footer>
    }
}

fn took(milliseconds: f64) -> String {
    if milliseconds < 10.0 {
        format!("{milliseconds:.1} ms")
    } else {
        format!("{} ms", grouped(milliseconds.round() as usize))
    }
}

/// Digits in groups of three, a thin space between.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_by_thousands() {
        assert_eq!(
            [7, 999, 2000, 1234567].map(grouped),
            ["7", "999", "2\u{2009}000", "1\u{2009}234\u{2009}567"]
        );
    }

    #[test]
    fn short_times_have_a_decimal() {
        assert_eq!(took(3.25), "3.2 ms");
        assert_eq!(took(41.7), "42 ms");
    }
}
