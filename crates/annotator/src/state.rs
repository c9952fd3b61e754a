//! The state of the annotator beside its document, and how it changes. Pure: no browser is needed to run it.

use std::{collections::BTreeSet, rc::Rc, sync::Arc};

use spanarc_protocol::{ModelSummary, Stage};
use yew::Reducible;

use crate::{
    Schema,
    kinds::Kinds,
    session::Snapshot,
    shown::Shown,
    view::{Target, View},
    worker::News,
};

/// What the annotator shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AnnotatorState {
    /// The document, and which of it is shown.
    pub(crate) shown: Shown,
    /// The loaded model; stays while a dead worker is replaced.
    pub(crate) model: Option<Rc<ModelSummary>>,
    /// What the worker is doing.
    pub(crate) status: Status,
    /// How long the last complete run took.
    pub(crate) milliseconds: Option<f64>,
    /// What the host wants.
    wanted: Wanted,
    /// What the pointer or the keyboard was last on; see [`AnnotatorState::focus`].
    focus: Option<Focus>,
}

/// What the host wants to be shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Wanted {
    /// The score from which suggested entities are shown.
    pub(crate) entity_threshold: f32,
    /// The score from which suggested relations are shown; the model's own where there is none.
    pub(crate) relation_threshold: Option<f32>,
    /// The host's types.
    pub(crate) schema: Rc<Schema>,
}

/// What the worker is doing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Status {
    /// Nothing: no model is wanted.
    Unread,
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

impl Status {
    /// Nothing has arrived yet.
    const LOADING: Self = Self::Loading {
        received: 0,
        total: None,
    };

    /// The text was handed over.
    const ASKED: Self = Self::Annotating { done: 0, total: 0 };

    /// Whether a text that changes now will be annotated without anyone's doing.
    fn follows_text(&self) -> bool {
        match self {
            Self::Annotating { .. } | Self::Ready => true,
            Self::Failed { stage, .. } => *stage != Stage::Load,
            Self::Loading { .. } | Self::Unread => false,
        }
    }
}

/// An annotation that the pointer or the keyboard is on, and where.
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
    /// The document has changed.
    Changed(Snapshot),
    /// News from the worker. Answers are in the document already.
    Heard(News),
    /// The model is asked for once more.
    Retried,
    /// Another model is wanted, or none.
    ModelChosen {
        /// Whether there is one.
        any: bool,
    },
    /// The host wants something else to be shown.
    Wanted(Wanted),
    /// The relation threshold was moved.
    ThresholdMoved(f32),
    /// An entity type was shown or hidden.
    EntityTypeToggled(Arc<str>),
    /// A relation type was shown or hidden.
    RelationTypeToggled(Arc<str>),
    /// The pointer or the keyboard moved on, or away.
    Focused(Option<Focus>),
}

impl AnnotatorState {
    /// An annotator that shows a document, and waits for a model if `waiting`.
    pub(crate) fn new(snapshot: Snapshot, wanted: Wanted, waiting: bool) -> Self {
        let view = View {
            threshold: wanted.relation_threshold.unwrap_or_default(),
            entity_threshold: wanted.entity_threshold,
            ..View::default()
        };
        Self {
            shown: Shown {
                kinds: Kinds::of(&wanted.schema, None, &snapshot.document),
                snapshot,
                view: Rc::new(view),
            },
            model: None,
            status: if waiting {
                Status::LOADING
            } else {
                Status::Unread
            },
            milliseconds: None,
            wanted,
            focus: None,
        }
    }

    fn want(&mut self, wanted: Wanted) {
        let own = self.model.as_ref().map(|model| model.relation_threshold);
        let view = Rc::make_mut(&mut self.shown.view);
        view.entity_threshold = wanted.entity_threshold;
        if wanted.relation_threshold != self.wanted.relation_threshold {
            view.threshold = wanted.relation_threshold.or(own).unwrap_or_default();
        }
        self.wanted = wanted;
        self.shown.kinds = self.kinds();
    }

    fn kinds(&self) -> Rc<Kinds> {
        let model = self.model.as_deref();
        Kinds::of(&self.wanted.schema, model, self.shown.document())
    }

    /// Words of the text, as people count them.
    pub(crate) fn words(&self) -> usize {
        self.shown.document().text().split_whitespace().count()
    }

    /// What the pointer or the keyboard is on, as long as that is shown: what is gone sends no event when it is left.
    pub(crate) fn focus(&self) -> Option<Focus> {
        let Shown { view, .. } = &self.shown;
        self.focus
            .filter(|focus| focus.target.is_shown(self.shown.document(), view))
    }

    fn heard(&mut self, news: News) {
        match news {
            News::Progress { received, total } => {
                self.status = Status::Loading { received, total };
            }
            News::Ready(model) => {
                if self.model.is_none() {
                    let threshold = self.wanted.relation_threshold;
                    Rc::make_mut(&mut self.shown.view).threshold =
                        threshold.unwrap_or(model.relation_threshold);
                }
                self.model = Some(model);
                self.shown.kinds = self.kinds();
                self.status = Status::ASKED;
            }
            News::Answer(reply) if reply.revision == self.shown.snapshot.revision => {
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
            News::Answer(_) => {}
            News::Failed { stage, message } => {
                let message = message.into();
                self.status = Status::Failed { stage, message };
            }
            News::Replaced => self.status = Status::LOADING,
            News::Lost(message) => {
                self.status = Status::Failed {
                    stage: Stage::Load,
                    message: message.into(),
                };
            }
        }
    }
}

impl Reducible for AnnotatorState {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut state = Rc::unwrap_or_clone(self);
        match action {
            Action::Changed(snapshot) => {
                let edited = snapshot.revision != state.shown.snapshot.revision;
                Kinds::include(&mut state.shown.kinds, &snapshot.document);
                state.shown.snapshot = snapshot;
                if edited && state.status.follows_text() {
                    state.status = Status::ASKED;
                }
            }
            Action::Heard(news) => state.heard(news),
            Action::Retried => state.status = Status::LOADING,
            Action::ModelChosen { any } => {
                state = Self::new(state.shown.snapshot, state.wanted, any);
            }
            Action::Wanted(wanted) => state.want(wanted),
            Action::ThresholdMoved(threshold) => {
                Rc::make_mut(&mut state.shown.view).threshold = threshold;
            }
            Action::EntityTypeToggled(name) => {
                toggle(
                    &mut Rc::make_mut(&mut state.shown.view).hidden_entity_types,
                    name,
                );
            }
            Action::RelationTypeToggled(name) => {
                toggle(
                    &mut Rc::make_mut(&mut state.shown.view).hidden_relation_types,
                    name,
                );
            }
            Action::Focused(focus) => state.focus = focus,
        }
        Rc::new(state)
    }
}

fn toggle(names: &mut BTreeSet<Arc<str>>, name: Arc<str>) {
    if !names.remove(&name) {
        names.insert(name);
    }
}

#[cfg(test)]
mod tests {
    use spanarc_document::Document;
    use spanarc_protocol::{AnnotationsReply, FoundEntity, FoundRelation, Label, SentenceAnswer};

    use super::*;
    use crate::session::Session;

    const TEXT: &str = "Mary Jones works for Acme Corp.";

    /// An annotator and the document that it shows.
    struct Page {
        session: Session,
        state: AnnotatorState,
    }

    fn model() -> Rc<ModelSummary> {
        let label = |name: &str| Label {
            name: name.into(),
            color: "#336699".into(),
        };
        Rc::new(ModelSummary {
            name: "news".into(),
            bytes: 10,
            entity_types: vec![label("Org"), label("Peop")],
            relation_types: vec![label("Work_For")],
            relation_threshold: 0.6,
        })
    }

    fn page(text: &str) -> Page {
        let session = Session::new(Document::new(text));
        let state = AnnotatorState::new(session.snapshot(), Wanted::default(), true);
        Page { session, state }
    }

    impl Page {
        fn after(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
            let state = (actions.into_iter())
                .fold(Rc::new(self.state), |state, action| state.reduce(action));
            self.state = Rc::unwrap_or_clone(state);
            self
        }

        fn answered(mut self, revision: u32, done: usize) -> Self {
            let entity = |entity_type, start, end| FoundEntity {
                entity_type,
                start,
                end,
                score: 0.9,
            };
            let reply = AnnotationsReply {
                surface: 0,
                revision,
                done,
                total: 1,
                sentences: vec![SentenceAnswer {
                    start: 0,
                    end: TEXT.len(),
                    entities: vec![entity(1, 0, 10), entity(0, 21, 30)],
                    relations: vec![FoundRelation {
                        relation_type: 0,
                        head: 0,
                        tail: 1,
                        score: 0.7,
                    }],
                }],
                milliseconds: 12.0,
            };
            self.session.answered(&reply, &model());
            let snapshot = self.session.snapshot();
            self.after([
                Action::Changed(snapshot),
                Action::Heard(News::Answer(reply)),
            ])
        }

        fn edited(mut self, text: &str) -> Self {
            let caret = Span::new(text.len(), text.len());
            self.session.typed(text, caret, caret, false, 0);
            let snapshot = self.session.snapshot();
            self.after([Action::Changed(snapshot)])
        }

        fn counts(&self) -> (usize, usize) {
            (
                self.state.shown.mentions().count(),
                self.state.shown.links().count(),
            )
        }
    }

    use spanarc_document::Span;

    fn ready() -> Action {
        Action::Heard(News::Ready(model()))
    }

    fn annotated() -> Page {
        page(TEXT).after([ready()]).answered(1, 1)
    }

    #[test]
    fn an_answer_to_the_present_text_ends_the_work() {
        let page = annotated();
        assert_eq!(page.counts(), (2, 1));
        assert_eq!(page.state.status, Status::Ready);
        assert_eq!(page.state.milliseconds, Some(12.0));
    }

    #[test]
    fn an_edit_asks_anew_and_keeps_what_it_does_not_touch() {
        let page = annotated().edited(&TEXT.replace("works", "worked"));
        assert_eq!(page.state.status, Status::ASKED);
        assert_eq!(page.counts(), (2, 1));
        let page = page.answered(1, 1);
        assert_eq!(
            page.state.status,
            Status::ASKED,
            "the answer is to an older text"
        );
    }

    #[test]
    fn the_threshold_starts_at_the_models_and_a_new_worker_leaves_it() {
        assert_eq!(annotated().state.shown.view.threshold, 0.6);
        let moved = annotated().after([
            Action::ThresholdMoved(0.8),
            Action::Heard(News::Replaced),
            ready(),
        ]);
        assert_eq!(moved.state.shown.view.threshold, 0.8);
    }

    #[test]
    fn another_model_begins_with_its_own_threshold_and_hides_nothing() {
        let page = annotated().after([
            Action::ThresholdMoved(0.8),
            Action::EntityTypeToggled("Org".into()),
            Action::ModelChosen { any: true },
        ]);
        assert!(page.state.model.is_none());
        assert_eq!(page.state.status, Status::LOADING);
        let page = page.after([ready()]);
        let expected = View {
            threshold: 0.6,
            ..View::default()
        };
        assert_eq!(*page.state.shown.view, expected);
    }

    #[test]
    fn only_what_is_shown_is_in_focus() {
        let document = annotated().state.shown.snapshot.document;
        let (mention, link) = (document.mentions()[1].id, document.links()[0].id);
        for target in [Target::Mention(mention), Target::Link(link)] {
            let focus = Focus {
                target,
                origin: Origin::Text,
            };
            let focused = || annotated().after([Action::Focused(Some(focus))]);
            assert_eq!(focused().state.focus(), Some(focus));
            assert_eq!(focused().edited("Something else").state.focus(), None);
            let hidden = focused().after([Action::EntityTypeToggled("Org".into())]);
            assert_eq!(hidden.state.focus(), None);
        }
    }

    #[test]
    fn a_failure_is_told_and_typing_goes_on() {
        let failed = News::Failed {
            stage: Stage::Load,
            message: "404".into(),
        };
        let page = page("").after([Action::Heard(failed)]).edited("Ann");
        assert!(matches!(page.state.status, Status::Failed { .. }));
        assert_eq!(&**page.state.shown.document().text(), "Ann");
        let page = page.after([Action::Retried]);
        assert_eq!(page.state.status, Status::LOADING);
    }

    #[test]
    fn a_replaced_worker_keeps_text_and_annotations() {
        let page = annotated().after([Action::Heard(News::Replaced)]);
        assert_eq!(page.counts(), (2, 1));
        assert!(page.state.model.is_some());
    }
}
