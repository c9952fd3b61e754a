//! Documents to bytes: what every format's writer is and how documents go into files.

use spanarc_document::{Id, Origin, State};

use crate::{
    annotated::Annotated,
    brat,
    by_tokens::describe_link,
    cas, columns, doccano, dygie,
    format::{Format, Layout},
    jsonl, label_studio,
    lost_text::note_lost_text,
    naming::ID,
    note::{Note, Noted},
    prodigy, spacy, spert, text, w3c, webanno_tsv,
};

/// Why a document cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A format of tokens, and a document that was not cut into any.
    #[error(
        "{id}: the format {format} holds sentences of tokens, and this text has not been cut into any"
    )]
    NoTokens {
        /// The document.
        id: String,
        /// Name of the format.
        format: &'static str,
    },
}

/// What is decided by rule where a format offers a choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WritingRules {
    /// Tags of columns.
    pub tags: columns::TagDialect,
}

/// What was left out while writing, with its place in the source.
pub(crate) struct Notes<'a> {
    pub(crate) annotated: &'a Annotated,
    pub(crate) notes: &'a mut Vec<Noted>,
}

impl Notes<'_> {
    /// Notes something about the mention or link `id`.
    pub(crate) fn add(&mut self, note: Note, id: Id, subject: impl Into<String>) {
        self.notes.push(Noted {
            note,
            place: self.annotated.place_of(id).clone(),
            subject: subject.into(),
        });
    }

    /// Notes that an attribute of the mention or link `id` is left out.
    pub(crate) fn add_attribute(&mut self, id: Id, key: &str) {
        let document = &self.annotated.document;
        let mention = document
            .mention(id)
            .map(|mention| self.annotated.describe(mention));
        let link = || Some(describe_link(self.annotated, document.link(id)?));
        let described = mention.or_else(link).unwrap_or_default();
        self.add(Note::Attribute, id, format!("{described}, {key}"));
    }

    /// Notes everything but texts, places and types of what a person did not reject, for formats that hold no more. What sources
    /// call annotations is no part of it.
    pub(crate) fn add_all_beside(&mut self) {
        let document = &self.annotated.document;
        let mentions = (document.mentions().iter())
            .filter(|mention| mention.state != State::Rejected)
            .map(|mention| (mention.id, &mention.attributes));
        let links = (document.links().iter())
            .filter(|link| link.state != State::Rejected)
            .map(|link| (link.id, &link.attributes));
        for (id, attributes) in mentions.chain(links) {
            for key in attributes.keys().filter(|key| *key != ID) {
                self.add_attribute(id, key);
            }
        }
        self.add_scores();
        self.add_document_notes();
    }

    /// Notes that models' scores are left out: what they suggest will seem a person's.
    pub(crate) fn add_scores(&mut self) {
        let document = &self.annotated.document;
        let is_suggestion = |origin: &Origin, state| {
            matches!(origin, Origin::Model { .. }) && state != State::Rejected
        };
        let mentions = (document.mentions().iter())
            .filter(|mention| is_suggestion(&mention.origin, mention.state));
        let links =
            (document.links().iter()).filter(|link| is_suggestion(&link.origin, link.state));
        let count = mentions.count() + links.count();
        if count > 0 {
            self.add_whole(Note::Attribute, format!("{count} models' scores"));
        }
    }

    /// Notes that the document's own notes are left out.
    pub(crate) fn add_document_notes(&mut self) {
        for key in self.annotated.document.notes().keys() {
            self.add_whole(Note::Attribute, key);
        }
    }

    /// Notes something about the document.
    pub(crate) fn add_whole(&mut self, note: Note, subject: impl Into<String>) {
        self.notes.push(Noted {
            note,
            place: self.annotated.place.clone(),
            subject: subject.into(),
        });
    }
}

/// Writes one document: a text for each file of [`Layout::Files`]; otherwise one text, whole lines or the item of the
/// array. What the format cannot hold is noted. Errors when a format of tokens gets a document without.
pub fn write(
    format: Format,
    annotated: &Annotated,
    rules: &WritingRules,
    notes: &mut Vec<Noted>,
) -> Result<Vec<String>, WriteError> {
    let no_tokens = WriteError::NoTokens {
        id: annotated.id.clone(),
        format: format.name(),
    };
    let sentences = || annotated.sentences.as_deref().ok_or(no_tokens);
    let notes = &mut Notes { annotated, notes };
    if matches!(
        format,
        Format::Conll | Format::Multihead | Format::Spert | Format::Dygie | Format::Jsonl
    ) {
        let sentences = annotated.sentences.as_deref().unwrap_or_default();
        if sentences.is_empty() && format != Format::Dygie {
            notes.add_whole(Note::NoTokens, &annotated.id);
        }
        notes.add_all_beside();
        note_lost_text(annotated, sentences, notes);
    }
    Ok(match format {
        Format::Brat => brat::write(annotated, notes).into(),
        Format::Conll => vec![columns::write_conll(
            annotated,
            sentences()?,
            rules.tags,
            notes,
        )],
        Format::Multihead => vec![columns::write_multihead(annotated, sentences()?, notes)],
        Format::Spert => vec![spert::write(annotated, sentences()?, notes)],
        Format::Dygie => vec![dygie::write(annotated, sentences()?, notes)],
        Format::Jsonl => vec![jsonl::write(annotated, sentences()?, notes)],
        Format::Text => vec![text::write_line(annotated)],
        Format::Json => vec![text::write_json(annotated)],
        Format::Doccano => vec![doccano::write(annotated, notes)],
        Format::LabelStudio => vec![label_studio::write(annotated, notes)],
        Format::WebannoTsv => vec![webanno_tsv::write(annotated, sentences()?, notes)],
        Format::CasXmi => vec![cas::write_xmi(annotated, notes)],
        Format::CasJson => vec![cas::write_json(annotated, notes)],
        Format::Prodigy => vec![prodigy::write(annotated, sentences()?, notes)],
        Format::Spacy => vec![spacy::write(annotated, sentences()?, notes)],
        Format::W3c => w3c::write(annotated, notes).into(),
    })
}

/// Files that lie beside those of the documents, the same for all: name and text.
pub fn shared_files(format: Format) -> Vec<(&'static str, String)> {
    match format {
        Format::CasXmi => vec![("TypeSystem.xml", cas::type_system())],
        _ => Vec::new(),
    }
}

/// What stands before the first document of a file, between two, and after the last.
pub const fn frame(layout: Layout) -> [&'static str; 3] {
    match layout {
        Layout::Lines | Layout::Files(_) => ["", "", ""],
        Layout::Array => ["[\n", ",\n", "\n]\n"],
    }
}
