//! Files: opened as documents, written of the document.

use std::rc::Rc;

use js_sys::Array;
use spanarc_document::Document;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, Url};
use yew::prelude::*;

use crate::{
    export,
    formats::{FORMATS, Formats, JSON, ReadDocument, ReadFiles, WrittenFile},
    handle::Handle,
    shown::Shown,
};

/// What files are called that are not of a document from a file.
const UNNAMED: &str = "annotations";

/// What people are told of files.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FileNews {
    /// A document was opened, and all of its file is in it.
    Opened(String),
    /// Files were read.
    Read {
        problems: Vec<String>,
        notes: Vec<String>,
        /// Several documents, of which one can be opened; or none, when the only one is opened already.
        documents: Vec<ReadDocument>,
    },
    /// The document was written in the format of this title, which cannot hold all of it.
    Written {
        format: &'static str,
        notes: Vec<String>,
    },
    /// Nothing was read or written.
    Failed(String),
}

/// What people do with files.
pub(crate) enum FileAction {
    /// Open these.
    Open(Vec<File>),
    /// Open one of several documents that were read.
    Choose(usize),
    /// Save the document in the format of this name.
    Export(&'static str),
    /// They have heard the news.
    Dismiss,
}

/// What can be done with files, and what came of it last.
#[derive(Clone, PartialEq)]
pub(crate) struct Files {
    /// What is told until somebody has read it.
    pub(crate) news: Option<Rc<FileNews>>,
    /// Whether files of all formats can be read and written, and not only JSON written.
    pub(crate) has_formats: bool,
    /// Does it.
    pub(crate) on_action: Callback<FileAction>,
    shown: Shown,
    /// What the document is called.
    name: Rc<str>,
}

impl Files {
    /// The document as JSON.
    pub(crate) fn json(&self) -> String {
        export::json(&self.shown.snapshot, &self.shown.view, &self.name)
    }
}

/// Opens files in the document of `handle`, and saves what is `shown` of it.
#[hook]
pub(crate) fn use_files(handle: &Handle, formats: &Option<Formats>, shown: &Shown) -> Files {
    let state = use_state(|| Told {
        news: None,
        name: UNNAMED.into(),
    });
    let dependencies = (formats.clone(), shown.clone(), state.clone());
    let on_action = use_callback(dependencies, {
        let handle = handle.clone();
        move |action, (formats, shown, state)| {
            let (handle, formats, shown) = (handle.clone(), formats.clone(), shown.clone());
            let state = state.clone();
            spawn_local(async move {
                let told = done(action, &state, &handle, formats.as_ref(), &shown).await;
                state.set(told);
            });
        }
    });
    Files {
        news: state.news.clone(),
        has_formats: formats.is_some(),
        on_action,
        shown: shown.clone(),
        name: state.name.clone(),
    }
}

/// What is told, and what the document is called.
#[derive(Clone, PartialEq)]
struct Told {
    news: Option<Rc<FileNews>>,
    name: Rc<str>,
}

/// Does `action`; what is told after it.
async fn done(
    action: FileAction,
    told: &Told,
    handle: &Handle,
    formats: Option<&Formats>,
    shown: &Shown,
) -> Told {
    let mut name = told.name.clone();
    let mut open = |document: &ReadDocument| {
        let opened = opened(handle, document);
        if opened.is_ok() {
            name = document.name.as_str().into();
        }
        opened
    };
    let news = match (action, formats) {
        (FileAction::Dismiss, _) => Ok(None),
        (FileAction::Choose(index), _) => match told.news.as_deref() {
            Some(FileNews::Read { documents, .. }) => (documents.get(index))
                .map_or(Ok(()), &mut open)
                .map(|()| told.news.clone()),
            _ => Ok(told.news.clone()),
        },
        (FileAction::Open(files), Some(formats)) => match formats.read(&files).await {
            Ok(read) => match &read.documents[..] {
                [only] => open(only),
                _ => Ok(()),
            }
            .map(|()| Some(Rc::new(FileNews::of(read)))),
            Err(message) => Err(message),
        },
        (FileAction::Export(format), Some(formats)) if format != JSON => {
            let json = export::json(&shown.snapshot, &shown.view, &told.name);
            formats.write(format, &json).await.map(|written| {
                written.files.iter().for_each(save);
                FileNews::without(format, written.notes)
            })
        }
        (FileAction::Export(_), _) => {
            save(&WrittenFile {
                name: format!("{}.json", told.name),
                text: export::json(&shown.snapshot, &shown.view, &told.name),
            });
            Ok(None)
        }
        (FileAction::Open(_), None) => Ok(None),
    };
    let news = news.unwrap_or_else(|message| Some(Rc::new(FileNews::Failed(message))));
    Told { news, name }
}

impl FileNews {
    /// What a format could not hold.
    fn without(format: &'static str, notes: Vec<String>) -> Option<Rc<Self>> {
        let title = FORMATS.iter().find(|(name, _)| *name == format);
        let format = title.map_or(format, |(_, title)| title);
        (!notes.is_empty()).then(|| Rc::new(Self::Written { format, notes }))
    }

    fn of(read: ReadFiles) -> Self {
        let only = read.documents.len() == 1;
        let mut documents = read.documents;
        match documents.pop() {
            Some(only)
                if documents.is_empty() && read.problems.is_empty() && read.notes.is_empty() =>
            {
                Self::Opened(only.name)
            }
            last => {
                documents.extend(last.filter(|_| !only));
                Self::Read {
                    problems: read.problems,
                    notes: read.notes,
                    documents,
                }
            }
        }
    }
}

/// Puts `document` in the place of what is there.
fn opened(handle: &Handle, document: &ReadDocument) -> Result<(), String> {
    let document: Document =
        serde_json::from_str(&document.document).map_err(|error| error.to_string())?;
    handle.replace(document).map_err(|error| error.to_string())
}

/// Lets the browser save a file.
fn save(file: &WrittenFile) {
    let _ = download(file);
}

fn download(file: &WrittenFile) -> Result<(), JsValue> {
    let document = web_sys::window()
        .and_then(|window| window.document())
        .ok_or(JsValue::NULL)?;
    let properties = BlobPropertyBag::new();
    // Of any other type, some browsers change the ending of the name.
    properties.set_type("application/octet-stream");
    let parts = Array::of1(&file.text.as_str().into());
    let blob = Blob::new_with_str_sequence_and_options(&parts, &properties)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let anchor: HtmlAnchorElement = document.create_element("a")?.dyn_into()?;
    anchor.set_href(&url);
    anchor.set_download(&file.name);
    anchor.click();
    Url::revoke_object_url(&url)
}
