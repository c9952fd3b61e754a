//! How much of the model has arrived.

use yew::prelude::*;

use crate::strings::{Strings, fill, use_strings};

/// Bytes of the model's file.
#[derive(Properties, PartialEq)]
pub(crate) struct DownloadProps {
    /// Those that have arrived.
    pub(crate) received: usize,
    /// All, when the server says.
    pub(crate) total: Option<usize>,
}

/// Stands where the legend will, until the model and its types are there.
#[component]
pub(crate) fn Download(props: &DownloadProps) -> Html {
    let strings = use_strings();
    html! {
        <div class="legend download" data-testid="progress">
            <label class="download-label">
                <span>{&*strings.loading_model}</span>
                if let Some(total) = props.total {
                    <progress max={total.to_string()} value={props.received.to_string()} />
                } else {
                    <progress />
                }
            </label>
            <span class="download-amount" translate="no">{amount(&strings, props.received, props.total)}</span>
        </div>
    }
}

fn amount(strings: &Strings, received: usize, total: Option<usize>) -> String {
    match (received, total) {
        (0, None) => String::new(),
        (received, None) => megabytes(strings, received),
        (received, Some(total)) => fill(
            &strings.received,
            &[
                ("received", &megabytes(strings, received)),
                ("total", &megabytes(strings, total)),
            ],
        ),
    }
}

/// Bytes as megabytes, with the unit.
pub(crate) fn megabytes(strings: &Strings, bytes: usize) -> String {
    let number = format!("{:.1}", bytes as f64 / 1e6);
    fill(&strings.megabytes, &[("number", &number)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_how_much_of_how_much() {
        let amount = |received, total| amount(&Strings::default(), received, total);
        assert_eq!(amount(0, None), "");
        assert_eq!(amount(1_250_000, None), "1.2 MB");
        assert_eq!(amount(1_000_000, Some(16_400_000)), "1.0 MB of 16.4 MB");
    }
}
