//! What went wrong.

use spanarc_protocol::Stage;
use yew::prelude::*;

use super::button::Button;
use crate::{state::Status, strings::use_strings};

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
    let strings = use_strings();
    let Status::Failed { stage, message } = &props.status else {
        return html! {};
    };
    let headline = match stage {
        Stage::Load => &strings.load_failed,
        Stage::Edit | Stage::Annotate => &strings.annotate_failed,
    };
    html! {
        <div class="notice" part="notice" role="alert">
            // Browsers that translate put other elements around words. Each phrase has an element of its own, made anew when its
            // words change, so that nothing has to be found in there.
            <p class="notice-text">
                <strong key={headline.to_string()}>{format!("{headline} ")}</strong>
                <span key={message.to_string()}>{&**message}</span>
                if *stage == Stage::Load {
                    <span>{format!(" {}", strings.load_failed_hint)}</span>
                }
            </p>
            if *stage == Stage::Load {
                <Button class="button" on_press={props.on_retry.clone()}>{&*strings.retry}</Button>
            }
        </div>
    }
}
