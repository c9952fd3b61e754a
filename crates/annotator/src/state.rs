//! The state of the annotator and how it changes. Pure: no browser is needed to run it.

use std::{collections::BTreeSet, rc::Rc};

use spanarc_protocol::{ModelSummary, Reply, Stage};
use yew::Reducible;

use crate::{
    annotations::{Annotations, Link, Mention},
    scene::Target,
    text::{Edit, Paragraphs},
    worker::News,
};

/// What the annotator shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AnnotatorState {
    /// What stands in the text surface.
    pub(crate) text: Rc<str>,
    /// Counts the states of the text.
    pub(crate) revision: u32,
    /// The text's hard lines.
    pub(crate) paragraphs: Rc<Paragraphs>,
    /// What was found in the text, whether shown or not.
    pub(crate) annotations: Rc<Annotations>,
    /// Which of it is shown.
    pub(crate) view: View,
    /// The absolute address of the model that is wanted.
    pub(crate) model_url: Rc<str>,
    /// What that model says of itself, once it has been loaded; stays while a dead worker is replaced.
    pub(crate) model: Option<Rc<ModelSummary>>,
    /// What the worker is doing.
    pub(crate) status: Status,
    /// How long the last complete run took.
    pub(crate) milliseconds: Option<f64>,
    /// What the pointer or the keyboard was last on; see [`AnnotatorState::focus`].
    focus: Option<Focus>,
}

/// What the worker is doing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Status {
    /// Fetching the model.
    Loading {
        /// Bytes so far.
        received: usize,
        /// Bytes in all, when known.
        total: Option<usize>,
    },
    /// Reading the text.
    Annotating {
        /// Sentences so far.
        done: usize,
        /// Sentences in all; 0 while not known.
        total: usize,
    },
    /// Waiting for text.
    Ready,
    /// Something went wrong.
    Failed {
        /// What could not be done.
        stage: Stage,
        /// Why.
        message: Rc<str>,
    },
}

/// Which annotations are shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct View {
    /// The score from which a relation is shown.
    pub(crate) threshold: f32,
    /// Entity types that are not shown.
    pub(crate) hidden_entity_types: BTreeSet<usize>,
    /// Relation types that are not shown.
    pub(crate) hidden_relation_types: BTreeSet<usize>,
}

impl View {
    /// Whether `mention` is shown.
    pub(crate) fn shows_mention(&self, mention: &Mention) -> bool {
        !self.hidden_entity_types.contains(&mention.entity_type)
    }

    /// The mentions that are shown.
    pub(crate) fn mentions<'a>(
        &'a self,
        annotations: &'a Annotations,
    ) -> impl Iterator<Item = &'a Mention> {
        annotations
            .mentions
            .iter()
            .filter(|m| self.shows_mention(m))
    }

    /// The links that are shown: those whose arguments are shown too.
    pub(crate) fn links<'a>(
        &'a self,
        annotations: &'a Annotations,
    ) -> impl Iterator<Item = &'a Link> {
        annotations
            .links
            .iter()
            .filter(|link| self.shows_link(annotations, link))
    }

    /// Whether `link`, one of `annotations`, is shown.
    pub(crate) fn shows_link(&self, annotations: &Annotations, link: &Link) -> bool {
        let mentions = &annotations.mentions;
        link.score >= self.threshold
            && !self.hidden_relation_types.contains(&link.relation_type)
            && self.shows_mention(&mentions[link.head])
            && self.shows_mention(&mentions[link.tail])
    }
}

/// What the pointer or the keyboard is on, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Focus {
    /// The annotation.
    pub(crate) target: Target,
    /// Where it is pointed at.
    pub(crate) origin: Origin,
}

/// Where an annotation is pointed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In the text.
    Text,
    /// In the list.
    List,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// The text surface says something else.
    Edited(String),
    /// News from the worker.
    Heard(News),
    /// The model is asked for once more.
    Retried,
    /// Another model is wanted.
    ModelChosen(Rc<str>),
    /// The relation threshold was moved.
    ThresholdMoved(f32),
    /// An entity type was shown or hidden.
    EntityTypeToggled(usize),
    /// A relation type was shown or hidden.
    RelationTypeToggled(usize),
    /// The pointer or the keyboard moved on, or away.
    Focused(Option<Focus>),
}

impl AnnotatorState {
    /// An annotator that opens with `text` and waits for the model at `model_url`.
    pub(crate) fn new(text: &str, model_url: Rc<str>) -> Self {
        Self {
            model_url,
            text: text.into(),
            revision: 1,
            paragraphs: Rc::new(Paragraphs::new(text)),
            annotations: Rc::default(),
            view: View::default(),
            model: None,
            status: Status::Loading {
                received: 0,
                total: None,
            },
            milliseconds: None,
            focus: None,
        }
    }

    /// Words of the text, as people count them.
    pub(crate) fn words(&self) -> usize {
        self.text.split_whitespace().count()
    }

    /// What the pointer or the keyboard is on, as long as that is shown: what is gone sends no event when it is left.
    pub(crate) fn focus(&self) -> Option<Focus> {
        self.focus.filter(|focus| match focus.target {
            Target::Mention(id) => self.view.mentions(&self.annotations).any(|m| m.id == id),
            Target::Link(id) => self.view.links(&self.annotations).any(|l| l.id == id),
        })
    }

    fn edited(mut self, text: &str) -> Self {
        if let Some(edit) = Edit::between(&self.text, text) {
            self.revision += 1;
            self.annotations = Rc::new(self.annotations.carried(edit));
            self.paragraphs = Rc::new(self.paragraphs.updated(text));
            self.text = text.into();
            if self.is_annotating() {
                self.status = Status::Annotating { done: 0, total: 0 };
            }
        }
        self
    }

    /// The text stays; what another model found in it goes.
    fn with_model(self, url: Rc<str>) -> Self {
        if url == self.model_url {
            return self;
        }
        Self {
            revision: self.revision + 1,
            ..Self::new(&self.text, url)
        }
    }

    fn heard(mut self, news: News) -> Self {
        match news {
            News::Reply(Reply::Progress { received, total }) => {
                self.status = Status::Loading { received, total }
            }
            News::Reply(Reply::Ready { model }) => {
                if self.model.is_none() {
                    self.view.threshold = model.relation_threshold;
                }
                self.model = Some(Rc::new(model));
                self.status = Status::Annotating { done: 0, total: 0 };
            }
            News::Reply(Reply::Annotations(reply)) if reply.revision == self.revision => {
                self.annotations = Rc::new(self.annotations.answered(&reply, &self.text));
                self.status = if reply.done >= reply.total {
                    self.milliseconds = Some(reply.milliseconds);
                    Status::Ready
                } else {
                    Status::Annotating {
                        done: reply.done,
                        total: reply.total,
                    }
                };
            }
            News::Reply(Reply::Started | Reply::Annotations(_)) => {}
            News::Reply(Reply::Failed { stage, message, .. }) => {
                self.status = Status::Failed {
                    stage,
                    message: message.into(),
                };
            }
            News::Replaced => {
                self.status = Status::Loading {
                    received: 0,
                    total: None,
                };
            }
            News::Lost(message) => {
                self.status = Status::Failed {
                    stage: Stage::Load,
                    message: message.into(),
                };
            }
        }
        self
    }

    /// Whether a text that changes now will be annotated without anyone's doing.
    fn is_annotating(&self) -> bool {
        matches!(
            self.status,
            Status::Annotating { .. }
                | Status::Ready
                | Status::Failed {
                    stage: Stage::Annotate,
                    ..
                }
        )
    }
}

impl Reducible for AnnotatorState {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut state = Rc::unwrap_or_clone(self);
        match action {
            Action::Edited(text) => state = state.edited(&text),
            Action::Heard(news) => state = state.heard(news),
            Action::Retried => {
                state.status = Status::Loading {
                    received: 0,
                    total: None,
                };
            }
            Action::ModelChosen(url) => state = state.with_model(url),
            Action::ThresholdMoved(threshold) => state.view.threshold = threshold,
            Action::EntityTypeToggled(index) => toggle(&mut state.view.hidden_entity_types, index),
            Action::RelationTypeToggled(index) => {
                toggle(&mut state.view.hidden_relation_types, index)
            }
            Action::Focused(focus) => state.focus = focus,
        }
        Rc::new(state)
    }
}

fn toggle(set: &mut BTreeSet<usize>, index: usize) {
    if !set.remove(&index) {
        set.insert(index);
    }
}

#[cfg(test)]
mod tests {
    use spanarc_protocol::{AnnotationsReply, FoundEntity, FoundRelation};

    use super::*;

    const TEXT: &str = "Mary Jones works for Acme Corp.";

    fn after(state: AnnotatorState, actions: impl IntoIterator<Item = Action>) -> AnnotatorState {
        let state = actions
            .into_iter()
            .fold(Rc::new(state), |state, action| state.reduce(action));
        Rc::unwrap_or_clone(state)
    }

    fn page(text: &str) -> AnnotatorState {
        AnnotatorState::new(text, "news".into())
    }

    fn ready() -> Action {
        Action::Heard(News::Reply(Reply::Ready {
            model: ModelSummary {
                name: "news".into(),
                language: "en".into(),
                bytes: 10,
                cached: false,
                entity_types: vec![],
                relation_types: vec![],
                relation_threshold: 0.6,
            },
        }))
    }

    fn answer(revision: u32, done: usize) -> Action {
        let entity = |entity_type, start, end| FoundEntity {
            entity_type,
            start,
            end,
            score: 0.9,
        };
        Action::Heard(News::Reply(Reply::Annotations(AnnotationsReply {
            id: 0,
            revision,
            done,
            total: 1,
            entities: vec![entity(3, 0, 10), entity(1, 21, 30)],
            relations: vec![FoundRelation {
                relation_type: 4,
                head: 0,
                tail: 1,
                score: 0.7,
            }],
            milliseconds: 12.0,
            words: 7,
        })))
    }

    fn annotated() -> AnnotatorState {
        after(page(TEXT), [ready(), answer(1, 1)])
    }

    #[test]
    fn an_answer_to_the_present_text_is_shown() {
        let state = annotated();
        assert_eq!(state.annotations.mentions.len(), 2);
        assert_eq!(state.status, Status::Ready);
        assert_eq!(state.milliseconds, Some(12.0));
    }

    #[test]
    fn an_answer_to_another_text_changes_nothing() {
        let state = annotated();
        assert_eq!(after(state.clone(), [answer(7, 1)]), state);
    }

    #[test]
    fn an_edit_keeps_what_it_does_not_touch_until_the_answer_comes() {
        let state = after(
            annotated(),
            [Action::Edited(TEXT.replace("works", "worked"))],
        );
        assert_eq!(state.revision, 2);
        assert_eq!(state.annotations.mentions[1].span.start, 22);
        assert_eq!(state.annotations.links.len(), 1);
        assert_eq!(state.status, Status::Annotating { done: 0, total: 0 });
    }

    #[test]
    fn an_edit_that_changes_nothing_is_none() {
        let state = annotated();
        assert_eq!(after(state.clone(), [Action::Edited(TEXT.into())]), state);
    }

    #[test]
    fn the_threshold_starts_at_the_models_and_a_new_worker_leaves_it() {
        assert_eq!(annotated().view.threshold, 0.6);
        let moved = after(
            annotated(),
            [
                Action::ThresholdMoved(0.8),
                Action::Heard(News::Replaced),
                ready(),
            ],
        );
        assert_eq!(moved.view.threshold, 0.8);
    }

    #[test]
    fn another_model_finds_the_text_and_nothing_of_the_last_one() {
        let moved = after(
            annotated(),
            [Action::ThresholdMoved(0.8), Action::EntityTypeToggled(1)],
        );
        let state = after(moved, [Action::ModelChosen("other".into())]);
        assert_eq!((&*state.text, &*state.model_url), (TEXT, "other"));
        assert!(state.model.is_none() && state.annotations.mentions.is_empty());
        assert!(matches!(state.status, Status::Loading { .. }));
        // An answer that the last model owed.
        let state = after(state, [answer(1, 1)]);
        assert!(state.annotations.mentions.is_empty());
        let state = after(state, [ready(), answer(2, 1)]);
        assert_eq!(
            state.view,
            View {
                threshold: 0.6,
                ..View::default()
            }
        );
        assert_eq!(state.annotations.mentions.len(), 2);
        // Choosing the same once more changes nothing.
        assert_eq!(
            after(state.clone(), [Action::ModelChosen("other".into())]),
            state
        );
    }

    #[test]
    fn a_threshold_above_a_score_hides_the_link_and_keeps_it() {
        let state = after(annotated(), [Action::ThresholdMoved(0.8)]);
        assert_eq!(state.view.links(&state.annotations).count(), 0);
        let state = after(state, [Action::ThresholdMoved(0.7)]);
        assert_eq!(state.view.links(&state.annotations).count(), 1);
    }

    #[test]
    fn hiding_an_entity_type_hides_its_links_too() {
        let state = after(annotated(), [Action::EntityTypeToggled(1)]);
        assert_eq!(state.view.mentions(&state.annotations).count(), 1);
        assert_eq!(state.view.links(&state.annotations).count(), 0);
        let state = after(
            state,
            [Action::EntityTypeToggled(1), Action::RelationTypeToggled(4)],
        );
        assert_eq!(state.view.mentions(&state.annotations).count(), 2);
        assert_eq!(state.view.links(&state.annotations).count(), 0);
    }

    #[test]
    fn only_what_is_shown_is_in_focus() {
        let state = annotated();
        let (mention, link) = (
            state.annotations.mentions[1].id,
            state.annotations.links[0].id,
        );
        for target in [Target::Mention(mention), Target::Link(link)] {
            let focus = Focus {
                target,
                origin: Origin::Text,
            };
            let state = after(state.clone(), [Action::Focused(Some(focus))]);
            assert_eq!(state.focus(), Some(focus));
            for gone in [
                Action::Edited("Something else".into()),
                Action::ModelChosen("other".into()),
                Action::EntityTypeToggled(1),
            ] {
                assert_eq!(after(state.clone(), [gone]).focus(), None);
            }
        }
    }

    #[test]
    fn a_failure_is_told_and_typing_goes_on() {
        let failed = Reply::Failed {
            stage: Stage::Load,
            id: None,
            message: "404".into(),
        };
        let state = after(
            page(""),
            [
                Action::Heard(News::Reply(failed)),
                Action::Edited("Ann".into()),
            ],
        );
        assert!(matches!(state.status, Status::Failed { .. }));
        assert_eq!(&*state.text, "Ann");
        let state = after(state, [Action::Retried]);
        assert!(matches!(state.status, Status::Loading { .. }));
    }

    #[test]
    fn a_replaced_worker_keeps_text_and_annotations() {
        let state = after(annotated(), [Action::Heard(News::Replaced)]);
        assert_eq!(&*state.text, TEXT);
        assert_eq!(state.annotations.mentions.len(), 2);
        assert!(state.model.is_some());
    }
}
