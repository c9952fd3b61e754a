//! What went wrong.

use spanarc_protocol::Stage;
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
    let Status::Failed { stage, message } = &props.status else {
        return html! {};
    };
    let on_retry = props.on_retry.clone();
    html! {
        <div class="notice" role="alert">
            <p class="notice-text">
                if *stage == Stage::Load {
                    <strong>{"The model could not be loaded. "}</strong>
                    {&**message}
                    {" You can go on typing."}
                } else {
                    <strong>{"This text could not be annotated. "}</strong>
                    {&**message}
                }
            </p>
            if *stage == Stage::Load {
                <button type="button" class="button" onclick={move |_: MouseEvent| on_retry.emit(())}>
                    {"Retry"}
                </button>
            }
        </div>
    }
}
