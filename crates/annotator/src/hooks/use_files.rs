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
    formats::{FORMATS, Formats, JSON, ReadDocument, WrittenFile},
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

/// What can be done with files, and what came of it last.
#[derive(Clone, PartialEq)]
pub(crate) struct Files {
    /// What is told until somebody has read it.
    pub(crate) news: Option<Rc<FileNews>>,
    /// Whether files of all formats can be read and written, and not only JSON written.
    pub(crate) has_formats: bool,
    /// Opens files.
    pub(crate) on_open: Callback<Vec<File>>,
    /// Opens one of several documents that were read.
    pub(crate) on_choose: Callback<usize>,
    /// Saves the document in the format of this name.
    pub(crate) on_export: Callback<&'static str>,
    /// Has heard the news.
    pub(crate) on_dismiss: Callback<()>,
    /// The document as JSON.
    pub(crate) json: Json,
}

/// The document as JSON, made when it is asked for.
#[derive(Clone, PartialEq)]
pub(crate) struct Json {
    shown: Shown,
    name: Rc<str>,
}

impl Json {
    /// The JSON.
    pub(crate) fn text(&self) -> String {
        export::json(&self.shown.snapshot, &self.shown.view, &self.name)
    }
}

/// Opens files in the document of `handle`, and saves what is `shown` of it.
#[hook]
pub(crate) fn use_files(handle: &Handle, formats: &Option<Formats>, shown: &Shown) -> Files {
    let news = use_state(|| None::<Rc<FileNews>>);
    let name = use_state(|| Rc::<str>::from(UNNAMED));
    let tell = {
        let news = news.setter();
        Callback::from(move |told| news.set(Some(Rc::new(told))))
    };
    let open = {
        let (handle, name) = (handle.clone(), name.setter());
        move |document: &ReadDocument| match opened(&handle, document) {
            Ok(()) => {
                name.set(document.name.as_str().into());
                None
            }
            Err(message) => Some(FileNews::Failed(message)),
        }
    };
    let on_open = use_callback(formats.clone(), {
        let (tell, open) = (tell.clone(), open.clone());
        move |files: Vec<File>, formats| {
            let Some(formats) = formats.clone() else {
                return;
            };
            let (tell, open) = (tell.clone(), open.clone());
            spawn_local(async move {
                let told = match formats.read(&files).await {
                    Err(message) => FileNews::Failed(message),
                    Ok(read) => {
                        let failed = match &read.documents[..] {
                            [only] => open(only),
                            _ => None,
                        };
                        failed.unwrap_or_else(|| FileNews::of(read))
                    }
                };
                tell.emit(told);
            });
        }
    });
    let on_choose = use_callback((*news).clone(), {
        let (tell, open) = (tell.clone(), open.clone());
        move |index: usize, news| {
            if let Some(FileNews::Read { documents, .. }) = news.as_deref()
                && let Some(document) = documents.get(index)
                && let Some(failed) = open(document)
            {
                tell.emit(failed);
            }
        }
    });
    let json = Json {
        shown: shown.clone(),
        name: (*name).clone(),
    };
    let on_export = use_callback((formats.clone(), json.clone()), {
        let tell = tell.clone();
        move |format: &'static str, (formats, json): &(Option<Formats>, Json)| {
            let text = json.text();
            let Some(formats) = formats.clone().filter(|_| format != JSON) else {
                let name = format!("{}.json", json.name);
                return save(&WrittenFile { name, text });
            };
            let tell = tell.clone();
            spawn_local(async move {
                match formats.write(format, &text).await {
                    Err(message) => tell.emit(FileNews::Failed(message)),
                    Ok(written) => {
                        written.files.iter().for_each(save);
                        if !written.notes.is_empty() {
                            let title = FORMATS.iter().find(|(name, _)| *name == format);
                            tell.emit(FileNews::Written {
                                format: title.map_or(format, |(_, title)| title),
                                notes: written.notes,
                            });
                        }
                    }
                }
            });
        }
    });
    let on_dismiss = use_callback((), {
        let news = news.setter();
        move |(), ()| news.set(None)
    });
    Files {
        news: (*news).clone(),
        has_formats: formats.is_some(),
        on_open,
        on_choose,
        on_export,
        on_dismiss,
        json,
    }
}

impl FileNews {
    fn of(read: crate::formats::ReadFiles) -> Self {
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
