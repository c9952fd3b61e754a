//! Look, behaviour and model as the class hands them over.

use std::rc::Rc;

use serde::Deserialize;
use spanarc_annotator::{ModelSource, PanelPlace, Schema, Settings};

/// All of it; what is absent has its default.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Configuration {
    placeholder: Option<Rc<str>>,
    label: Option<Rc<str>>,
    description: Option<Rc<str>>,
    invalid: bool,
    /// What the program refused of what was set before it was there.
    notice: Option<Rc<str>>,
    read_only: bool,
    disabled: bool,
    required: bool,
    panel: Option<Panel>,
    no_legend: bool,
    entity_threshold: Option<f32>,
    relation_threshold: Option<f32>,
    pub(super) schema: Rc<Schema>,
    /// Absolute address of the model.
    model: Option<Rc<str>>,
    /// Absolute address of the worker's script.
    worker_url: Option<Rc<str>>,
    /// Absolute address of the worker's WebAssembly.
    wasm_url: Option<Rc<str>>,
    /// How many workers may share a long text.
    workers: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Panel {
    None,
    Side,
    Below,
}

impl Configuration {
    /// The model, if one is wanted.
    pub(super) fn model(&self) -> Option<ModelSource> {
        Some(ModelSource {
            url: self.model.clone()?,
            worker_url: self.worker_url.clone()?,
            wasm_url: self.wasm_url.clone()?,
            workers: self.workers,
        })
    }

    /// The scores from which suggested entities and relations count.
    pub(super) fn thresholds(&self) -> (f32, Option<f32>) {
        let entities = self.entity_threshold.unwrap_or_default();
        (entities, self.relation_threshold)
    }

    /// Look and behaviour.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            placeholder: self.placeholder.clone(),
            label: self.label.clone(),
            description: self.description.clone(),
            invalid: self.invalid,
            notice: self.notice.clone(),
            read_only: self.read_only,
            disabled: self.disabled,
            required: self.required,
            panel: self.panel.map(|panel| match panel {
                Panel::None => PanelPlace::None,
                Panel::Side => PanelPlace::Side,
                Panel::Below => PanelPlace::Below,
            }),
            legend: !self.no_legend,
            // What models no longer suggest is scored below 0.
            entity_threshold: self.entity_threshold.unwrap_or_default().max(0.0),
            relation_threshold: self.relation_threshold.map(|threshold| threshold.max(0.0)),
            schema: self.schema.clone(),
        }
    }
}
