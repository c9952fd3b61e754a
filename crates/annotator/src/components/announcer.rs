//! What changed, for those who do not see it.

use std::rc::Rc;

use yew::prelude::*;

use crate::{
    annotations::Annotations,
    hooks::use_settled,
    state::{Status, View},
};

/// How long things must stand still before they are announced: nobody wants to hear every keystroke.
const ANNOUNCE_AFTER_MS: u32 = 1000;

/// What is announced.
#[derive(Properties, PartialEq)]
pub(crate) struct AnnouncerProps {
    /// What was found.
    pub(crate) annotations: Rc<Annotations>,
    /// What of it is shown.
    pub(crate) view: View,
    /// What the worker is doing.
    pub(crate) status: Status,
}

/// A live region that screen readers read when it changes.
#[component]
pub(crate) fn Announcer(props: &AnnouncerProps) -> Html {
    let summary = match props.status {
        Status::Ready => summary(
            props.view.mentions(&props.annotations).count(),
            props.view.links(&props.annotations).count(),
        ),
        Status::Loading { .. } => "Loading the model".to_owned(),
        // A failure is announced by its notice; what goes on is not worth a word.
        Status::Annotating { .. } | Status::Failed { .. } => String::new(),
    };
    let settled = use_settled(summary, ANNOUNCE_AFTER_MS);
    html! {
        <p class="visually-hidden" role="status" aria-live="polite" data-testid="summary">{settled}</p>
    }
}

/// How much there is, in words.
pub(crate) fn summary(entities: usize, relations: usize) -> String {
    let count =
        |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
    format!(
        "{}, {}",
        count(entities, "entity", "entities"),
        count(relations, "relation", "relations")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        assert_eq!(summary(3, 1), "3 entities, 1 relation");
        assert_eq!(summary(1, 0), "1 entity, 0 relations");
    }
}
