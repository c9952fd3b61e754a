//! What runs, on how much, how fast.

use std::rc::Rc;

use spanarc_protocol::{ModelSummary, Stage};
use yew::prelude::*;

use super::download::megabytes;
use crate::{
    state::Status,
    strings::{Strings, fill, use_strings},
};

/// The figures.
#[derive(Properties, PartialEq)]
pub(crate) struct StatusLineProps {
    /// What the worker is doing.
    pub(crate) status: Status,
    /// The model, once there is one.
    pub(crate) model: Option<Rc<ModelSummary>>,
    /// Length of the text that this speaks of, in UTF-16 code units.
    pub(crate) length: usize,
    /// Words of the text.
    pub(crate) words: usize,
    /// How long the last complete run took.
    pub(crate) milliseconds: Option<f64>,
}

/// The foot of the sheet.
#[component]
pub(crate) fn StatusLine(props: &StatusLineProps) -> Html {
    let strings = use_strings();
    let (class, doing) = match &props.status {
        Status::Unread => ("", strings.no_model.to_string()),
        Status::Loading { .. } => ("is-busy", strings.loading.to_string()),
        Status::Annotating { total: 0, .. } => ("is-busy is-brief", strings.annotating.to_string()),
        Status::Annotating { done, total } => {
            let values = [("done", &*done.to_string()), ("total", &total.to_string())];
            ("is-busy", fill(&strings.annotating_sentences, &values))
        }
        Status::Ready => ("is-ready", strings.ready.to_string()),
        Status::Failed {
            stage: Stage::Load, ..
        } => ("is-failed", strings.no_model.to_string()),
        Status::Failed { .. } => ("is-failed", strings.failed.to_string()),
    };
    let words = (strings.word_count).fill(props.words, &grouped(props.words));
    // Words that change are in elements that are made anew with them: see the notice.
    html! {
        <footer class="status-line" part="status" data-testid="status">
            <span class={classes!("status-doing", class)} data-testid="doing" data-ready={strings.ready.clone()} data-length={props.length.to_string()}>
                <span key={doing.clone()} class="status-words">{&doing}</span>
            </span>
            if let Some(model) = &props.model {
                <span class="status-item" data-testid="model" title={megabytes(&strings, model.bytes)}>
                    <span>{format!("{} ", strings.model)}</span>
                    <b translate="no">{&model.name}</b>
                    <span translate="no">{format!(", {}", megabytes(&strings, model.bytes))}</span>
                </span>
            }
            <span key={words.clone()} class="status-item" data-testid="words">{&words}</span>
            if let Some(milliseconds) = props.milliseconds {
                <span class="status-item" data-testid="milliseconds" translate="no">{took(&strings, milliseconds)}</span>
            }
        </footer>
    }
}

fn took(strings: &Strings, milliseconds: f64) -> String {
    let number = if milliseconds < 10.0 {
        format!("{milliseconds:.1}")
    } else {
        grouped(milliseconds.round() as usize)
    };
    fill(&strings.milliseconds, &[("number", &number)])
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
        let strings = Strings::default();
        assert_eq!(took(&strings, 3.25), "3.2 ms");
        assert_eq!(took(&strings, 41.7), "42 ms");
    }
}
