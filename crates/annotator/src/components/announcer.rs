//! What changed, for those who do not see it.

use std::{collections::HashMap, rc::Rc};

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::rows::{Content, Row, Rows};
use crate::{
    shown::Shown,
    state::Status,
    strings::{Strings, fill, use_strings},
};

/// How long things must stand still before they are announced: nobody wants to hear every keystroke.
const ANNOUNCE_AFTER_MS: u32 = 1000;

/// So many of what came, and so many of what went, are named; where there are more, the counts must do.
const MOST_NAMED: usize = 2;

/// What is announced.
#[derive(Properties, PartialEq)]
pub(crate) struct AnnouncerProps {
    /// The document, and which of it is shown.
    pub(crate) shown: Shown,
    /// What the worker is doing.
    pub(crate) status: Status,
}

/// A live region that screen readers read when it changes.
#[component]
pub(crate) fn Announcer(props: &AnnouncerProps) -> Html {
    let strings = use_strings();
    let said = use_state(Said::default);
    let phase = Phase::of(&props.status);
    use_effect_with((phase, props.shown.clone()), {
        let (said, strings) = (said.clone(), strings.clone());
        move |(phase, shown)| {
            let (phase, shown) = (*phase, shown.clone());
            let timer = Timeout::new(ANNOUNCE_AFTER_MS, move || match phase {
                Phase::Loading => said.set(said.next(strings.loading_model.to_string(), None)),
                Phase::Ready => {
                    let found = Found::new(&shown);
                    if let Some(words) = announcement(&strings, said.found.as_ref(), &found) {
                        said.set(said.next(words, Some(found)));
                    }
                }
                // A failure is announced by its notice.
                Phase::Failed => said.set(said.next(String::new(), None)),
                Phase::Annotating => {}
            });
            move || drop(timer)
        }
    });
    html! {
        <p class="visually-hidden" role="status" aria-live="polite" data-testid="summary">
            // Another element each time, so that the same words are read again.
            <span key={said.turn}>{&said.words}</span>
        </p>
    }
}

/// What was announced last.
#[derive(Default)]
struct Said {
    words: String,
    turn: u32,
    found: Option<Found>,
}

impl Said {
    fn next(&self, words: String, found: Option<Found>) -> Self {
        Self {
            words,
            turn: self.turn.wrapping_add(1),
            found,
        }
    }
}

/// What the worker is doing, as far as it is announced.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Loading,
    Annotating,
    Ready,
    Failed,
}

impl Phase {
    fn of(status: &Status) -> Self {
        match status {
            Status::Loading { .. } => Self::Loading,
            Status::Annotating { .. } => Self::Annotating,
            Status::Ready | Status::Unread => Self::Ready,
            Status::Failed { .. } => Self::Failed,
        }
    }
}

/// What is shown at one time.
struct Found {
    entities: Rows,
    relations: Rows,
}

impl Found {
    fn new(shown: &Shown) -> Self {
        Self {
            entities: Rows::entities(shown),
            relations: Rows::relations(shown),
        }
    }

    fn counts(&self) -> (usize, usize) {
        (self.entities.len(), self.relations.len())
    }
}

/// What to say of `now` to those who last heard of `before`: the counts, or what came and went when the counts are the same.
/// None when nothing changed.
fn announcement(strings: &Strings, before: Option<&Found>, now: &Found) -> Option<String> {
    let counts = summary(strings, now.counts());
    let Some(before) = before.filter(|before| before.counts() == now.counts()) else {
        return Some(counts);
    };
    let between = |before: &Rows, now: &Rows| {
        let (before, now) = (names(strings, before), names(strings, now));
        changes(strings, &before, &now, &counts)
    };
    between(&before.entities, &now.entities).or_else(|| between(&before.relations, &now.relations))
}

/// How much there is, in words.
fn summary(strings: &Strings, (entities, relations): (usize, usize)) -> String {
    let entities = strings.entity_count.fill(entities, &entities.to_string());
    let relations = (strings.relation_count).fill(relations, &relations.to_string());
    fill(
        &strings.summary,
        &[("entities", &entities), ("relations", &relations)],
    )
}

/// What an annotation is called: its text and the name of its type.
type Name = (Rc<str>, Rc<str>);

fn names(strings: &Strings, rows: &Rows) -> Vec<Name> {
    let name = |row: Row| match row.content {
        Content::Entity(text) => (text, row.kind.as_ref().into()),
        Content::Relation { head, tail } => {
            let text = format!("{} {} {}", head.text, strings.to, tail.text);
            (text.into(), row.kind.as_ref().into())
        }
    };
    rows.iter().map(name).collect()
}

/// What came and what went, in words, with the counts where not all is named.
fn changes(strings: &Strings, before: &[Name], now: &[Name], counts: &str) -> Option<String> {
    let (came, went) = (surplus(now, before), surplus(before, now));
    let phrases = |template: &str, names: &[&Name]| -> Vec<String> {
        (names.iter().take(MOST_NAMED))
            .map(|(text, kind)| fill(template, &[("text", text), ("type", kind)]))
            .collect()
    };
    let mut said = phrases(&strings.added, &came);
    said.extend(phrases(&strings.removed, &went));
    if came.len().max(went.len()) > MOST_NAMED {
        said.push(counts.to_owned());
    }
    (!said.is_empty()).then(|| said.join(" "))
}

/// What `names` holds more often than `others`, in the order of `names`.
fn surplus<'a>(names: &'a [Name], others: &[Name]) -> Vec<&'a Name> {
    let mut left = HashMap::<Name, usize>::new();
    for name in others {
        *left.entry(name.clone()).or_default() += 1;
    }
    let is_surplus = |name: &&Name| match left.get_mut(*name) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    names.iter().filter(is_surplus).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[(&str, &str)]) -> Vec<Name> {
        (names.iter())
            .map(|&(text, kind)| (text.into(), kind.into()))
            .collect()
    }

    fn said(before: &[(&str, &str)], now: &[(&str, &str)]) -> Option<String> {
        changes(
            &Strings::default(),
            &named(before),
            &named(now),
            "the counts",
        )
    }

    #[test]
    fn one_is_singular() {
        let strings = Strings::default();
        assert_eq!(summary(&strings, (3, 1)), "3 entities, 1 relation");
        assert_eq!(summary(&strings, (1, 0)), "1 entity, 0 relations");
    }

    #[test]
    fn what_came_is_named_before_what_went() {
        assert_eq!(
            said(
                &[("Ann", "Peop"), ("Boston", "Loc")],
                &[("Denver", "Loc"), ("Ann", "Peop")]
            )
            .as_deref(),
            Some("Denver: Loc added. Boston: Loc removed.")
        );
    }

    #[test]
    fn another_type_or_number_of_the_same_text_is_a_change() {
        assert_eq!(
            said(&[("May", "Peop")], &[("May", "Other")]).as_deref(),
            Some("May: Other added. May: Peop removed.")
        );
        assert_eq!(
            said(
                &[("Ann", "Peop"), ("Ann", "Peop"), ("Bo", "Peop")],
                &[("Ann", "Peop"), ("Bo", "Peop"), ("Bo", "Peop")]
            )
            .as_deref(),
            Some("Bo: Peop added. Ann: Peop removed.")
        );
    }

    #[test]
    fn another_order_is_no_change() {
        assert_eq!(
            said(
                &[("Ann", "Peop"), ("Bo", "Peop")],
                &[("Bo", "Peop"), ("Ann", "Peop")]
            ),
            None
        );
    }

    #[test]
    fn of_many_changes_a_few_are_named_and_the_counts_follow() {
        assert_eq!(
            said(
                &[("a", "X"), ("b", "X"), ("c", "X")],
                &[("d", "X"), ("e", "X"), ("f", "X")]
            )
            .as_deref(),
            Some("d: X added. e: X added. a: X removed. b: X removed. the counts")
        );
    }
}
