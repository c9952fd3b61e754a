//! Annotations to a document.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde::Deserialize;
use serde_json::Value;
use spanarc_document::{Attributes, OffsetMap};

use super::{
    ANNOTATION, NO_TAG, PAGE,
    item::{Item, reference},
    selectors::{Stretch, string},
    term,
};
use crate::{
    Offsets,
    draft::{Draft, DraftLink, DraftMention},
    json::{each_value, parse},
    note::Note,
    place::Place,
    read::File,
    read_error::{AnnotationProblem, LineProblem},
    reading::Reading,
    source::{refuse_encoding, utf8},
    unknown_keys::UnknownKeys,
};

pub(crate) fn read(
    id: &str,
    text: &str,
    source: &Arc<str>,
    annotations: File<'_>,
    reading: &mut Reading,
) {
    let name: Arc<str> = annotations.name.into();
    if refuse_encoding(annotations.bytes, &name, reading) {
        return;
    }
    let Some(content) = utf8(annotations.bytes, &name, reading) else {
        return;
    };
    let mut page = Page::default();
    let mut unknown = UnknownKeys::default();
    each_value(
        content,
        &name,
        reading,
        |place, value, reading| match parse::<Value>(value) {
            Ok(parsed) => {
                let is_page = parsed.get("target").is_none();
                unknown.add(value, if is_page { &PAGE } else { &ANNOTATION }, place);
                page.add(parsed, place, reading);
            }
            Err(problem) => reading.refuse_below(place, problem),
        },
    );
    unknown.note(reading);
    let map = OffsetMap::new(text);
    let unit = page.unit(text, &map);
    let mut reader = AnnotationReader {
        draft: Draft::new(text, unit),
        text,
        map,
        unit,
        names: HashMap::new(),
        tags: HashMap::new(),
        reading,
    };
    let (links, others): (Vec<_>, Vec<_>) = page.items.iter().partition(|item| item.is_link());
    let ids: HashSet<&str> = links.iter().filter_map(|link| link.id()).collect();
    for item in others {
        // Relations can be tagged by annotations of their own.
        match item
            .targets()
            .iter()
            .filter_map(reference)
            .find(|id| ids.contains(id))
        {
            Some(link) => reader.tags.entry(link).or_default().extend(item.tags()),
            None => reader.mentions(item),
        }
    }
    for item in links {
        reader.links(item);
    }
    let place = Place::new(source, 1);
    reader.draft.finish(id, page.notes, place, reader.reading);
}

/// Everything that a file says.
#[derive(Default)]
struct Page {
    items: Vec<Item>,
    offsets: Option<Offsets>,
    notes: Attributes,
}

impl Page {
    /// Adds a page, a collection or an annotation.
    fn add(&mut self, mut value: Value, place: &Place, reading: &mut Reading) {
        let item = place.item.as_ref().map(|item| format!("[{}]", item.index));
        let place = &Place::new(&place.source, place.line);
        let mut path = item
            .as_ref()
            .map_or_else(String::new, |item| format!("{item}."));
        if let Some(first) = value.get_mut("first").filter(|first| first.is_object()) {
            value = first.take();
            path.push_str("first.");
        }
        if let Some(offsets) = value.get(term::OFFSETS) {
            self.offsets = Offsets::deserialize(offsets).ok();
        }
        if let Some(Value::Object(notes)) = value.get(term::NOTES) {
            self.notes.extend(notes.clone());
        }
        if let Some(next) = string(&value, "next") {
            let subject = format!("the next page, {next}");
            reading.note(Note::OtherAnnotation, place, subject);
        }
        if let Some(Value::Array(items)) = value.get_mut("items") {
            for (index, annotation) in std::mem::take(items).into_iter().enumerate() {
                self.items.push(Item {
                    annotation,
                    path: format!("{path}items[{index}]"),
                    place: place.clone(),
                });
            }
        } else if value.get("target").is_some() {
            let path = item.unwrap_or_else(|| format!("[{}]", self.items.len()));
            self.items.push(Item {
                annotation: value,
                path,
                place: place.clone(),
            });
        } else {
            let keys = value.as_object().map(|object| object.keys().cloned());
            let problem = LineProblem::Json {
                message: "is neither an annotation, with `target`, nor a page, with `items`"
                    .to_owned(),
                field: path.trim_end_matches('.').to_owned(),
                column: 0,
                keys: keys.into_iter().flatten().collect(),
            };
            reading.refuse(place, problem);
        }
    }

    /// What positions count: what the file says, else that in which more of them fit their quotes, UTF-16 units before code
    /// points.
    fn unit(&self, text: &str, map: &OffsetMap) -> Offsets {
        let fitting = |unit| {
            let targets = self.items.iter().flat_map(Item::targets);
            let stretches = targets.filter_map(Stretch::of_target);
            stretches
                .filter(|stretch| stretch.fits(unit, text, map))
                .count()
        };
        let found = || {
            if fitting(Offsets::Char) > fitting(Offsets::Utf16) {
                Offsets::Char
            } else {
                Offsets::Utf16
            }
        };
        self.offsets.unwrap_or_else(found)
    }
}

/// Reads annotations into one document.
struct AnnotationReader<'a> {
    draft: Draft<'a>,
    text: &'a str,
    map: OffsetMap,
    unit: Offsets,
    /// What annotations are called: what the draft calls their first mention.
    names: HashMap<&'a str, String>,
    /// Tags of relations that stand in annotations of their own.
    tags: HashMap<&'a str, Vec<&'a str>>,
    reading: &'a mut Reading,
}

impl<'a> AnnotationReader<'a> {
    /// Reads an annotation of the text, a mention for each tag.
    fn mentions(&mut self, item: &'a Item) {
        let name = |tag: usize| format!("{}#{tag}", item.field("body"));
        if let Some(id) = item.id() {
            let first = self.names.entry(id).or_insert_with(|| name(0));
            if *first != name(0) {
                let (field, id) = (item.path.clone(), id.to_owned());
                let first = first.trim_end_matches("#0").to_owned();
                let problem = AnnotationProblem::Repeated { field, id, first };
                return self.reading.refuse(&item.place, problem);
            }
        }
        let tags = item.tags();
        let pieces = self.pieces(item);
        if tags.is_empty() || pieces.as_ref().is_ok_and(Vec::is_empty) {
            let missing = if tags.is_empty() {
                "tag"
            } else {
                "place in the text"
            };
            let subject = format!("{}, without a {missing}", item.path.clone());
            self.reading
                .note(Note::OtherAnnotation, &item.place, subject);
            return self.draft.leave_out(name(0), &item.path);
        }
        let pieces = match pieces {
            Ok(pieces) => pieces,
            Err(problem) => {
                self.reading.refuse(&item.place, problem);
                return self.draft.leave_out(name(0), &item.path);
            }
        };
        let quotes = item.targets().iter().filter_map(Stretch::of_target);
        let quotes: Option<Vec<_>> = quotes.map(|stretch| stretch.exact).collect();
        let said = quotes.map(|quotes| quotes.join(" "));
        let (origin, state) = item.maker();
        let mut attributes = item.attributes(self.reading);
        for (index, tag) in tags.into_iter().enumerate() {
            let mention = DraftMention {
                id: Some(name(index)),
                said: said.as_deref(),
                origin: origin.clone(),
                state,
                attributes: std::mem::take(&mut attributes),
                ..DraftMention::new(tag, pieces.clone())
            };
            let field = item.field("target");
            self.draft
                .mention(mention, &field, &item.place, self.reading);
        }
    }

    /// The stretches of text that an annotation is about.
    fn pieces(&self, item: &Item) -> Result<Vec<(usize, usize)>, LineProblem> {
        let stretches = item.targets().iter().filter_map(Stretch::of_target);
        let places = stretches.map(|stretch| stretch.place(self.unit, self.text, &self.map));
        let places: Result<Vec<_>, _> = places.collect();
        places.map_err(|message| LineProblem::Json {
            message,
            field: item.field("target"),
            column: 0,
            keys: Vec::new(),
        })
    }

    /// Reads a relation, one for each tag.
    fn links(&mut self, item: &'a Item) {
        let field = item.path.clone();
        let Some((head, tail)) = item.arguments() else {
            let subject = format!("{field}, a link of other than two annotations");
            return self
                .reading
                .note(Note::OtherAnnotation, &item.place, subject);
        };
        let called = |id: &'a str| self.names.get(id).map_or(id, String::as_str).to_owned();
        let (head, tail) = (called(head), called(tail));
        let mut tags = item.tags();
        tags.extend(
            item.id()
                .and_then(|id| self.tags.get(id))
                .into_iter()
                .flatten(),
        );
        if tags.is_empty() {
            tags.push(NO_TAG);
        }
        let (origin, state) = item.maker();
        let attributes = item.attributes(self.reading);
        for tag in tags {
            let link = DraftLink {
                origin: origin.clone(),
                state,
                attributes: attributes.clone(),
                ..DraftLink::new(tag, &head, &tail)
            };
            self.draft.link(link, &field, &item.place, self.reading);
        }
    }
}
