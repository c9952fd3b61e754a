//! What came of opening or exporting files.

use std::rc::Rc;

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::button::Button;
use crate::{
    formats::ReadDocument,
    hooks::FileNews,
    strings::{Strings, fill, use_strings},
};

/// How many lines of a list are shown.
const SHOWN: usize = 5;

/// What there is to tell.
#[derive(Properties, PartialEq)]
pub(crate) struct FileNoticeProps {
    /// What happened.
    pub(crate) news: Rc<FileNews>,
    /// Told which of several documents is to be opened.
    pub(crate) on_choose: Callback<usize>,
    /// Told that it was read.
    pub(crate) on_dismiss: Callback<()>,
}

/// A strip above the text, until it is dismissed.
#[component]
pub(crate) fn FileNotice(props: &FileNoticeProps) -> Html {
    let strings = use_strings();
    let is_bad = match &*props.news {
        FileNews::Failed(_) => true,
        FileNews::Read { problems, .. } => !problems.is_empty(),
        FileNews::Opened(_) | FileNews::Written { .. } => false,
    };
    let (class, role) = if is_bad {
        ("notice", "alert")
    } else {
        ("notice is-calm", "status")
    };
    html! {
        <div {class} part="notice" {role} data-testid="files-notice">
            <div class="notice-text">
                {body(&strings, &props.news)}
                if let FileNews::Read { documents, .. } = &*props.news {
                    if !documents.is_empty() {
                        <Chooser news={props.news.clone()} on_choose={props.on_choose.clone()} />
                    }
                }
            </div>
            <Button class="button" on_press={props.on_dismiss.clone()}>{&*strings.dismiss}</Button>
        </div>
    }
}

fn body(strings: &Strings, news: &FileNews) -> Html {
    match news {
        FileNews::Opened(name) => {
            html! { <p>{fill(&strings.opened, &[("name", name)])}</p> }
        }
        FileNews::Failed(message) => list(
            strings,
            &strings.files_failed,
            std::slice::from_ref(message),
        ),
        FileNews::Written { format, notes } => {
            let headline = fill(&strings.written_without, &[("format", format)]);
            list(strings, &headline, notes)
        }
        FileNews::Read {
            problems, notes, ..
        } => {
            let count = problems.len();
            let headline = strings.unread.fill(count, &count.to_string());
            html! {
                <>
                    {list(strings, &headline, problems)}
                    {list(strings, &strings.read_without, notes)}
                </>
            }
        }
    }
}

/// The first lines under a headline, and how many there are beyond; nothing without lines.
fn list(strings: &Strings, headline: &str, lines: &[String]) -> Html {
    if lines.is_empty() {
        return html! {};
    }
    let more = lines.len().saturating_sub(SHOWN);
    html! {
        <>
            <p><strong>{headline.to_owned()}</strong></p>
            <ul class="notice-list">
                {for lines.iter().take(SHOWN).map(|line| html! { <li>{line}</li> })}
                if more > 0 {
                    <li>{strings.and_more.fill(more, &more.to_string())}</li>
                }
            </ul>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct ChooserProps {
    news: Rc<FileNews>,
    on_choose: Callback<usize>,
}

/// A list of documents, and a button that opens the one that is chosen.
#[component]
fn Chooser(props: &ChooserProps) -> Html {
    let strings = use_strings();
    let select = use_node_ref();
    let FileNews::Read { documents, .. } = &*props.news else {
        return html! {};
    };
    let count = documents.len();
    let open = {
        let (select, on_choose) = (select.clone(), props.on_choose.clone());
        Callback::from(move |()| {
            let chosen = select
                .cast::<HtmlSelectElement>()
                .map(|select| select.selected_index());
            if let Some(index) = chosen.and_then(|index| usize::try_from(index).ok()) {
                on_choose.emit(index);
            }
        })
    };
    html! {
        <>
            <p>{strings.document_count.fill(count, &count.to_string())}</p>
            <p class="notice-choice">
                <label>
                    <span>{&*strings.document}</span>
                    <select ref={select} class="button" data-testid="documents" translate="no">
                        {for documents.iter().map(|document| html! { <option>{label(document)}</option> })}
                    </select>
                </label>
                <Button class="button" on_press={open}>{&*strings.open_document}</Button>
            </p>
        </>
    }
}

/// A document by its name and the beginning of its text, on one line.
fn label(document: &ReadDocument) -> String {
    let words: Vec<&str> = document.beginning.split_whitespace().collect();
    format!("{}: {}", document.name, words.join(" "))
}
