//! What `web/element/annotator_element.js` stands on: an annotator with its document, for JavaScript.
//!
//! Offsets are UTF-16 code units and annotations go by name here, whereas the document counts bytes and numbers.
#![allow(unreachable_pub, reason = "JavaScript reaches it")]

mod annotations;
mod changes;
mod command;
mod configuration;
mod event;
mod names;

use std::{cell::RefCell, rc::Rc};

use js_sys::Function;
use serde::{Serialize, de::DeserializeOwned};
use spanarc_annotator::{
    AnnotatorProps, Event, Formats, Handle, ModelSource, Mounted, mount_in_root,
};
use spanarc_document::{Document, Span, Utf16};
use wasm_bindgen::{JsError, JsValue, prelude::wasm_bindgen};
use web_sys::ShadowRoot;
use yew::Callback;

use self::{
    annotations::Annotations,
    command::{Action, added},
    configuration::Configuration,
    event::told,
    names::Names,
};

/// A document under work, and the annotator that shows it while there is one.
#[wasm_bindgen]
pub struct Annotator {
    handle: Handle,
    names: Rc<RefCell<Names>>,
    configuration: Rc<RefCell<Configuration>>,
    /// The model that is loaded.
    loaded: Rc<RefCell<Option<ModelSource>>>,
    mounted: RefCell<Option<Mounted>>,
    formats: Formats,
}

#[wasm_bindgen]
impl Annotator {
    /// A document with `text`. `listener` is called with the name of each event and its detail; `load_formats` gives a promise of
    /// the program that reads and writes files.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, listener: Function, load_formats: Function) -> Self {
        let handle = Handle::new(Document::new(text));
        let names = Rc::<RefCell<Names>>::default();
        let configuration = Rc::<RefCell<Configuration>>::default();
        let loaded = Rc::<RefCell<Option<ModelSource>>>::default();
        let naming = names.clone();
        let (configured, loading) = (configuration.clone(), loaded.clone());
        // The observer holds the handle that holds it; `Drop` breaks the cycle.
        let observed = handle.clone();
        handle.observe(Some(Callback::from(move |event| {
            if matches!(event, Event::Ready(_)) {
                loading.replace(configured.borrow().model());
            }
            // All of it before anyone hears of any: a listener may put another document in the place of this one.
            let told: Vec<_> = told(&event, &observed, &mut naming.borrow_mut())
                .into_iter()
                .filter_map(|(name, detail)| Some((name, write(&detail).ok()?)))
                .collect();
            for (name, detail) in told {
                // The class dispatches an event: what its listeners throw does not come back.
                let _ = listener.call2(&JsValue::NULL, &name.into(), &detail);
            }
        })));
        Self {
            handle,
            names,
            configuration,
            loaded,
            mounted: RefCell::default(),
            formats: Formats::new(load_formats),
        }
    }

    /// Shows the document in `root`, unless it is shown already.
    pub fn mount(&self, root: ShadowRoot) {
        if self.mounted.borrow().is_none() {
            let mounted = mount_in_root(root, self.props());
            self.mounted.replace(mounted);
        }
    }

    /// Shows the document no longer; it stays as it is.
    pub fn unmount(&self) {
        let mounted = self.mounted.take();
        if let Some(mounted) = mounted {
            mounted.unmount();
        }
    }

    /// Takes over look, behaviour and model; see `Configuration`. Throws when the schema is none.
    pub fn configure(&self, configuration: JsValue) -> Result<(), JsError> {
        let configuration: Configuration = read(configuration)?;
        configuration.schema.check()?;
        // At once, although the annotator shows it only some time later: the host may read the annotations meanwhile.
        self.handle.set_schema(&configuration.schema);
        let thresholds = configuration.thresholds();
        let before = self.configuration.replace(configuration);
        if before.thresholds() != thresholds {
            self.handle.set_thresholds(thresholds.0, thresholds.1);
        }
        if let Some(mounted) = &mut *self.mounted.borrow_mut() {
            mounted.update(self.props());
        }
        Ok(())
    }

    /// The text.
    pub fn text(&self) -> String {
        self.handle.text().to_string()
    }

    /// Puts `text` in the place of all there is.
    #[wasm_bindgen(js_name = setText)]
    pub fn set_text(&self, text: &str) {
        self.handle.replace_text(text);
    }

    /// Text and annotations as JSON; suggestions from the thresholds on. One string crosses to JavaScript sooner than all the
    /// objects in it.
    pub fn annotations(&self) -> Result<String, JsError> {
        Ok(serde_json::to_string(&self.present())?)
    }

    /// Replaces text and annotations and forgets the history, unless they are there already. Throws, naming the annotation
    /// and field at fault, and then nothing changes.
    #[wasm_bindgen(js_name = setAnnotations)]
    pub fn set_annotations(&self, annotations: JsValue) -> Result<(), JsError> {
        let annotations = read::<Annotations>(annotations)?.in_utf16()?;
        if annotations.are(&self.present()) {
            return Ok(());
        }
        let has_other_breaks = annotations.has_other_breaks();
        let (document, mut names) = annotations.into_document()?;
        if has_other_breaks {
            // The same with the line breaks that the document has.
            let snapshot = Handle::new(document.clone()).snapshot();
            if Annotations::of(&snapshot, (0.0, 0.0), &mut names).are(&self.present()) {
                return Ok(());
            }
        }
        self.names.replace(names);
        self.handle.open(document);
        Ok(())
    }

    /// Puts the document of a file in the place of this one, as one step to undo; `document` is JSON as the program of the
    /// formats gives it.
    pub fn replace(&self, document: &str) -> Result<(), JsError> {
        self.handle.replace(serde_json::from_str(document)?)?;
        Ok(())
    }

    /// Text and annotations as JSON of the format `json`, called `id`; suggestions from the thresholds on.
    pub fn json(&self, id: &str) -> String {
        self.handle.json(id)
    }

    /// Does what a person can do; see `Action`. Gives the identity of what was added. Throws when the document or the schema
    /// does not allow it.
    pub fn perform(&self, action: JsValue) -> Result<Option<String>, JsError> {
        let action: Action = read(action)?;
        let before = self.handle.snapshot();
        let schema = self.configuration.borrow().schema.clone();
        let commands = action.commands(&before, &self.names.borrow(), &schema)?;
        self.handle.perform_all(&commands)?;
        let after = self.handle.snapshot();
        let added = added(&commands, &after.document);
        Ok(added.map(|id| self.names.borrow_mut().of(id).to_string()))
    }

    /// Takes the last step back. Whether there was one.
    pub fn undo(&self) -> bool {
        self.handle.undo()
    }

    /// Takes the step again that was last undone. Whether there was one.
    pub fn redo(&self) -> bool {
        self.handle.redo()
    }

    /// Selects a part of the text, puts the keyboard there and scrolls to it. Throws when there is no such part.
    pub fn select(&self, start: usize, end: usize) -> Result<(), JsError> {
        let span = (self.handle.snapshot().offsets).to_byte(Span::<Utf16>::new(start, end))?;
        self.handle.select(span);
        Ok(())
    }

    /// Scrolls to an annotation. Whether there is one of that identity.
    #[wasm_bindgen(js_name = scrollTo)]
    pub fn scroll_to(&self, name: &str) -> bool {
        let document = self.handle.snapshot().document;
        let id = self.names.borrow().id(name);
        let extent = |id| Some(document.mention(id)?.spans.extent());
        let head = |id| extent(document.link(id)?.head);
        let place = id.and_then(|id| extent(id).or_else(|| head(id)));
        place
            .inspect(|&place| self.handle.scroll_to(place))
            .is_some()
    }

    /// Whether the model has read all of the present text.
    #[wasm_bindgen(js_name = isRead)]
    pub fn is_read(&self) -> bool {
        *self.loaded.borrow() == self.configuration.borrow().model() && self.handle.is_read()
    }

    fn present(&self) -> Annotations {
        let (snapshot, thresholds) = (self.handle.snapshot(), self.handle.thresholds());
        Annotations::of(&snapshot, thresholds, &mut self.names.borrow_mut())
    }

    fn props(&self) -> AnnotatorProps {
        let configuration = self.configuration.borrow();
        AnnotatorProps {
            handle: self.handle.clone(),
            model: configuration.model(),
            settings: configuration.settings(),
            formats: Some(self.formats.clone()),
            on_change: Callback::noop(),
        }
    }
}

impl Drop for Annotator {
    fn drop(&mut self) {
        self.handle.observe(None);
        self.unmount();
    }
}

fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, JsError> {
    let value = serde_wasm_bindgen::Deserializer::from(value);
    serde_path_to_error::deserialize(value).map_err(|error| {
        let (place, reason) = (error.path().to_string(), error.inner().to_string());
        let reason = reason.strip_prefix("Error: ").unwrap_or(&reason);
        match place.as_str() {
            "." => JsError::new(reason),
            place => JsError::new(&format!("{place}: {reason}")),
        }
    })
}

fn write(value: &impl Serialize) -> Result<JsValue, JsError> {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}
