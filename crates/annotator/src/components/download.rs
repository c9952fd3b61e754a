//! How much of the model has arrived.

use yew::prelude::*;

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
    html! {
        <div class="legend download" data-testid="progress">
            <label for="download">{"Loading the model"}</label>
            if let Some(total) = props.total {
                <progress id="download" max={total.to_string()} value={props.received.to_string()} />
            } else {
                <progress id="download" />
            }
            <span class="download-amount">{amount(props.received, props.total)}</span>
        </div>
    }
}

fn amount(received: usize, total: Option<usize>) -> String {
    match (received, total) {
        (0, None) => String::new(),
        (received, None) => megabytes(received),
        (received, Some(total)) => format!("{} of {}", megabytes(received), megabytes(total)),
    }
}

/// Bytes as megabytes, with the unit.
pub(crate) fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_how_much_of_how_much() {
        assert_eq!(amount(0, None), "");
        assert_eq!(amount(1_250_000, None), "1.2 MB");
        assert_eq!(amount(1_000_000, Some(16_400_000)), "1.0 MB of 16.4 MB");
    }
}
