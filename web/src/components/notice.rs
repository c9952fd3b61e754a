//! Download progress, and what went wrong.

use spanarc_wasm::protocol::Stage;
use yew::prelude::*;

use crate::state::Status;

/// What there is to tell.
#[derive(Properties, PartialEq)]
pub(crate) struct NoticeProps {
    /// What the worker is doing.
    pub(crate) status: Status,
    /// Asked to try again.
    pub(crate) on_retry: Callback<()>,
}

/// A strip under the head of the page; nothing while all is well.
#[component]
pub(crate) fn Notice(props: &NoticeProps) -> Html {
    match &props.status {
        Status::Loading { received, total } => html! {
            <div class="notice" data-testid="progress">
                <label class="notice-text" for="download">{"Loading the model"}</label>
                if let Some(total) = total {
                    <progress id="download" max={total.to_string()} value={received.to_string()} />
                } else {
                    <progress id="download" />
                }
                <span class="notice-figures">{amount(*received, *total)}</span>
            </div>
        },
        Status::Failed { stage, message } => {
            let what = match stage {
                Stage::Load => "The model could not be loaded.",
                Stage::Annotate => "This text could not be annotated.",
            };
            let on_retry = props.on_retry.clone();
            html! {
                <div class="notice notice-failure" role="alert">
                    <p class="notice-text"><strong>{what}</strong>{" "}{&**message}{" "}
                        if *stage == Stage::Load {
                            <span class="notice-aside">{"You can go on typing."}</span>
                        }
                    </p>
                    <button type="button" class="button" onclick={Callback::from(move |_: MouseEvent| on_retry.emit(()))}>
                        {"Retry"}
                    </button>
                </div>
            }
        }
        Status::Annotating { .. } | Status::Ready => html! {},
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
