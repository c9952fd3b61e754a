//! The texts that a worker annotates, and whose turn it is. Pure: no browser is needed to run it.

use std::{collections::BTreeMap, ops::Bound};

use spanarc_document::{OffsetError, Span};
use spanarc_engine::{Engine, SentenceModel};
use spanarc_model::Annotator;
use spanarc_protocol::{Reply, Request, Stage};

use crate::surface::Surface;

/// Milliseconds between two replies to a surface that are not the last of a revision, at least.
pub const REPLY_INTERVAL: f64 = 50.0;

/// The time between two such replies is at least this many times what a reply costs: those of a very long text are slow
/// themselves, on both sides, and most of the time is for annotating.
const REPLY_SHARE: f64 = 8.0;

/// Why an edit could not be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Nobody has opened the surface, or an earlier edit did not fit.
    #[error("the edit is for surface {surface}, which is not open")]
    NotOpen {
        /// The surface.
        surface: u32,
    },
    /// The text differs from the one that the page edited.
    #[error(
        "revision {revision} of surface {surface} is an edit that does not fit the text: {source}"
    )]
    Misfit {
        /// The surface.
        surface: u32,
        /// The revision that the edit leads to.
        revision: u32,
        /// Which end of it does not fit.
        source: OffsetError,
    },
}

/// The open surfaces and the model that annotates them, once there is one.
pub struct Session<M = Annotator> {
    engine: Option<Engine<M>>,
    surfaces: BTreeMap<u32, Surface>,
    /// The surface that had the last turn.
    last: u32,
}

impl<M> Default for Session<M> {
    fn default() -> Self {
        Self {
            engine: None,
            surfaces: BTreeMap::new(),
            last: 0,
        }
    }
}

impl<M: SentenceModel> Session<M> {
    /// Gives the session a model. All texts are annotated anew.
    pub fn adopt(&mut self, engine: Engine<M>) {
        self.engine = Some(engine);
        for surface in self.surfaces.values_mut() {
            surface.forget_answers();
        }
    }

    /// Takes note of a request, without annotating anything yet. [`Request::Load`] is ignored: whoever loads a model calls
    /// [`Self::adopt`].
    ///
    /// A surface whose edit fails is forgotten until it is opened again.
    pub fn hear(&mut self, request: Request) -> Result<(), EditError> {
        match request {
            Request::Load { .. } => {}
            Request::Open {
                surface,
                revision,
                text,
                visible,
            } => {
                let opened = Surface::new(revision, text, visible);
                self.surfaces.insert(surface, opened);
            }
            Request::Edit {
                surface,
                revision,
                start,
                removed,
                inserted,
                visible,
            } => {
                let Some(edited) = self.surfaces.get_mut(&surface) else {
                    return Err(EditError::NotOpen { surface });
                };
                let removed = Span::new(start, start.saturating_add(removed));
                if let Err(source) = edited.edit(revision, removed, &inserted) {
                    self.surfaces.remove(&surface);
                    return Err(EditError::Misfit {
                        surface,
                        revision,
                        source,
                    });
                }
                if let Some(visible) = visible {
                    edited.look(visible);
                }
            }
            Request::Look { surface, visible } => {
                if let Some(surface) = self.surfaces.get_mut(&surface) {
                    surface.look(visible);
                }
            }
            Request::Close { surface } => {
                self.surfaces.remove(&surface);
            }
        }
        Ok(())
    }

    /// The surface that has the next turn: the next one in a circle whose newest revision is not answered in full.
    pub fn next_surface(&self) -> Option<u32> {
        self.engine.as_ref()?;
        let after = (Bound::Excluded(self.last), Bound::Unbounded);
        let mut circle = self.surfaces.range(after).chain(&self.surfaces);
        circle
            .find(|(_, surface)| !surface.is_finished())
            .map(|(&id, _)| id)
    }

    /// Gives one surface its turn: at most one sentence is run, and at most one answer posted. `clock` counts
    /// milliseconds. Returns whether anything is left to do.
    pub fn turn(&mut self, clock: impl Fn() -> f64, mut post: impl FnMut(Reply)) -> bool {
        let Some(id) = self.next_surface() else {
            return false;
        };
        let (Some(engine), Some(surface)) = (&mut self.engine, self.surfaces.get_mut(&id)) else {
            return false;
        };
        self.last = id;
        let begun = clock();
        surface.split(engine);
        let run = match surface.is_due(begun) {
            true => Ok(()),
            false => surface.run(engine),
        };
        let ended = clock();
        surface.milliseconds += ended - begun;
        if let Err(error) = run {
            post(Reply::Failed {
                stage: Stage::Annotate,
                surface: Some(id),
                message: error.to_string(),
            });
        }
        if surface.is_due(ended) {
            post(Reply::Annotations(surface.answer(id)));
            let answered = clock();
            surface.next_reply = answered + REPLY_INTERVAL.max(REPLY_SHARE * (answered - ended));
        }
        self.next_surface().is_some()
    }
}
