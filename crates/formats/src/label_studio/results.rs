//! Lists of results to mentions and relations.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use spanarc_document::{Attributes, Byte, OffsetError, OffsetMap, Origin, Span, State};

use super::{
    NO_LABEL, is_default_name,
    value::{Project, ResultItem, WholePrediction},
};
use crate::{
    Offsets,
    draft::{Draft, DraftLink, DraftMention},
    json::identifier,
    naming::keep,
    note::Note,
    place::Place,
    read_error::{AnnotationProblem, LineProblem},
    reading::Reading,
};

/// A list of results with what holds for all of it.
pub(super) struct ResultList<'a> {
    /// Its path.
    pub(super) field: String,
    pub(super) results: &'a [ResultItem],
    /// The prediction that it is from.
    pub(super) prediction: Option<&'a WholePrediction>,
}

impl ResultList<'_> {
    /// The unit in which more regions cover the text that they say, code points before UTF-16 units; and how many do not.
    pub(super) fn unit(&self, text: &str, map: &OffsetMap) -> (Offsets, usize) {
        let fits = |unit: Offsets, item: &ResultItem| {
            let (Some(said), Some((start, end))) = (item.said(), item.offsets()) else {
                return true;
            };
            has_words(said, text, unit.to_byte(map, start, end))
        };
        let misfits = |unit| {
            let regions = self.results.iter().filter(|item| item.is_region());
            regions.filter(|item| !fits(unit, item)).count()
        };
        match (misfits(Offsets::Char), misfits(Offsets::Utf16)) {
            (chars, units) if units < chars => (Offsets::Utf16, units),
            (chars, _) => (Offsets::Char, chars),
        }
    }

    /// Whether it labels some of the text.
    pub(super) fn has_regions(&self) -> bool {
        self.results.iter().any(ResultItem::is_region)
    }

    /// Who made a result, and what became of it.
    fn maker(&self, item: &ResultItem) -> (Origin, State) {
        let model = |name: Option<&str>, score: Option<f32>| Origin::Model {
            name: name.unwrap_or_default().into(),
            score: score.unwrap_or(1.0),
        };
        let (origin, usual) = match self.prediction {
            Some(prediction) => {
                let version = prediction.model_version.as_ref().map(identifier);
                let name = item.model_version.as_deref().or(version.as_deref());
                let score = item.score.or(prediction.score);
                (model(name, score), State::Suggested)
            }
            None if item.origin.as_deref() == Some("prediction") && item.score.is_some() => {
                let name = item.model_version.as_deref();
                (model(name, item.score), State::Accepted)
            }
            None => (Origin::Person, State::Accepted),
        };
        (origin, item.state.unwrap_or(usual))
    }
}

/// What a list calls its regions: what the draft calls their first mentions.
pub(super) type Names = HashMap<String, String>;

/// Reads lists of results into one document.
pub(super) struct ResultReader<'a> {
    draft: Draft<'a>,
    text: &'a str,
    map: OffsetMap,
    project: Project,
    /// What the current list counts.
    unit: Offsets,
    /// Mentions by place and type: what the draft calls them, and what their list calls their region.
    known: HashMap<(usize, usize, String), (String, Option<String>)>,
    /// Relations by type and mentions.
    links: HashSet<(String, String, String)>,
    place: &'a Place,
    reading: &'a mut Reading,
}

impl<'a> ResultReader<'a> {
    pub(super) fn new(
        text: &'a str,
        project: Project,
        place: &'a Place,
        reading: &'a mut Reading,
    ) -> Self {
        Self {
            draft: Draft::new(text, Offsets::Char),
            text,
            map: OffsetMap::new(text),
            project,
            unit: Offsets::Char,
            known: HashMap::new(),
            links: HashSet::new(),
            place,
            reading,
        }
    }

    pub(super) fn finish(self, id: String, notes: Attributes) {
        self.draft
            .finish(id, notes, self.place.clone(), self.reading);
    }

    /// Reads the regions of a list.
    pub(super) fn regions(&mut self, list: &ResultList<'_>) -> Names {
        (self.unit, _) = list.unit(self.text, &self.map);
        self.draft.count_in(self.unit);
        let mut said = self.said_of_regions(list);
        let mut names = Names::new();
        let mut places = HashMap::new();
        for (index, item) in list.results.iter().enumerate() {
            if !item.is_region() {
                continue;
            }
            let field = format!("{}[{index}]", list.field);
            let id = item.id.as_ref().map(identifier);
            // Two controls may have a label for one region: only at another place is its name taken.
            let place = (item.offsets(), field.clone());
            let first = id
                .as_ref()
                .map(|id| places.entry(id.clone()).or_insert(place));
            if let (Some((offsets, first)), Some(id)) = (first, &id)
                && *offsets != item.offsets()
            {
                let (first, id) = (first.clone(), id.clone());
                let problem = AnnotationProblem::Repeated { field, id, first };
                self.reading.refuse(self.place, problem);
                continue;
            }
            let mut attributes = self.attributes(item);
            let about = id.as_ref().and_then(|id| said.remove(id));
            for (key, value) in about.into_iter().flatten() {
                attributes.insert(key, value);
            }
            let name = self.region(list, item, &field, attributes);
            if let Some(id) = id {
                names.entry(id).or_insert(name);
            }
        }
        names
    }

    /// What results that are no regions say of one, by the region's id and the control's name. What is said of none is noted.
    fn said_of_regions(&mut self, list: &ResultList<'_>) -> HashMap<String, Vec<(String, Value)>> {
        let regions = list.results.iter().filter(|item| item.is_region());
        let ids: HashSet<String> = regions
            .filter_map(|item| item.id.as_ref().map(identifier))
            .collect();
        let mut said: HashMap<_, Vec<_>> = HashMap::new();
        for (index, item) in list.results.iter().enumerate() {
            let kind = item.kind.as_deref().unwrap_or_default();
            if item.is_region() || kind == "relation" {
                continue;
            }
            let id = item.id.as_ref().map(identifier);
            let about = id.filter(|id| ids.contains(id));
            let value = item.value.rest.get(kind).or(item.value.text.as_ref());
            match (about, &item.from_name, value) {
                (Some(id), Some(control), Some(value)) => {
                    let pair = (control.clone(), value.clone());
                    said.entry(id).or_default().push(pair);
                }
                _ => {
                    let control = item.from_name.as_deref().unwrap_or_default();
                    let subject = format!("{}[{index}], {kind} {control:?}", list.field);
                    (self.reading).note(Note::OtherAnnotation, self.place, subject);
                }
            }
        }
        said
    }

    /// Reads a region, a mention for each label; what the draft calls the first, read or not.
    fn region(
        &mut self,
        list: &ResultList<'_>,
        item: &ResultItem,
        field: &str,
        mut attributes: Attributes,
    ) -> String {
        let name = |label: usize| format!("{field}.value.labels[{label}]");
        let labels = item.value.labels.as_deref().unwrap_or_default();
        if labels.is_empty() {
            let subject = format!("{field}, a region without a label");
            (self.reading).note(Note::OtherAnnotation, self.place, subject);
        }
        let (Some((start, end)), [_, ..]) = (item.offsets(), labels) else {
            if item.offsets().is_none() {
                self.reading.refuse(self.place, no_offsets(field));
            }
            self.draft.leave_out(name(0), field);
            return name(0);
        };
        let span = self.unit.to_byte(&self.map, start, end);
        let is_said = (item.said()).is_some_and(|said| has_words(said, self.text, span.clone()));
        if item.counts_shown_text() && is_html(self.text) && !is_said {
            self.reading.refuse(self.place, of_shown_text(field));
            self.draft.leave_out(name(0), field);
            return name(0);
        }
        let (origin, state) = list.maker(item);
        let id = item.id.as_ref().map(identifier);
        let mut first = None;
        for (index, label) in labels.iter().enumerate() {
            let key = span.as_ref().ok();
            let key = key.map(|span| (span.start, span.end, label.trim().to_owned()));
            let known = key.as_ref().and_then(|key| self.known.get(key));
            if let Some((known, known_id)) = known.filter(|_| list.prediction.is_some()) {
                // A region of the same name stands there for the sake of relations.
                if *known_id != id {
                    let subject = format!("{field}, {label}");
                    (self.reading).note(Note::SuggestionRepeated, self.place, subject);
                }
                first.get_or_insert_with(|| known.clone());
                continue;
            }
            let mention = DraftMention {
                id: Some(name(index)),
                said: item.said().filter(|_| !is_said),
                origin: origin.clone(),
                state,
                attributes: std::mem::take(&mut attributes),
                ..DraftMention::new(label, [(start, end)])
            };
            let added = self.draft.mention(mention, field, self.place, self.reading);
            if let (Some(key), true) = (key, added.is_some()) {
                self.known.entry(key).or_insert((name(index), id.clone()));
            }
            first.get_or_insert(name(index));
        }
        first.unwrap_or_else(|| name(0))
    }

    /// What else is said of a region.
    fn attributes(&self, item: &ResultItem) -> Attributes {
        let mut attributes = Attributes::default();
        let id = item.id.as_ref().map(identifier);
        if let Some(id) = id.filter(|id| !is_default_name(id)) {
            keep(&mut attributes, &id, "");
        }
        let controls = [
            (
                "from_name",
                &item.from_name,
                &self.project.from_name,
                "label",
            ),
            ("to_name", &item.to_name, &self.project.to_name, "text"),
        ];
        for (key, name, project, usual) in controls {
            let usual = project.as_deref().unwrap_or(usual);
            if let Some(name) = name.as_deref().filter(|name| *name != usual) {
                attributes.insert(key.to_owned(), name.into());
            }
        }
        add_meta(&mut attributes, item);
        attributes
    }

    /// Reads the relations of a list, after the regions of all.
    pub(super) fn relations(&mut self, list: &ResultList<'_>, names: &Names) {
        for (index, item) in list.results.iter().enumerate() {
            if item.kind.as_deref() != Some("relation") {
                continue;
            }
            let field = format!("{}[{index}]", list.field);
            let argument = |id: &Option<Value>| id.as_ref().map(identifier).unwrap_or_default();
            let (mut head, mut tail) = (argument(&item.from_id), argument(&item.to_id));
            let mut attributes = Attributes::default();
            add_meta(&mut attributes, item);
            match item.direction.as_deref() {
                Some("left") => std::mem::swap(&mut head, &mut tail),
                Some("bi") => {
                    attributes.insert("direction".to_owned(), "bi".into());
                }
                _ => {}
            }
            // A name that no region has is refused by itself.
            let called = |id: &String| names.get(id).unwrap_or(id).clone();
            let (head, tail) = (called(&head), called(&tail));
            let unlabelled = [NO_LABEL.to_owned()];
            let labels = item.labels.as_deref().unwrap_or_default();
            let labels = if labels.is_empty() {
                &unlabelled
            } else {
                labels
            };
            let (origin, state) = list.maker(item);
            for label in labels {
                if !(self.links).insert((label.clone(), head.clone(), tail.clone())) {
                    let subject = format!("{field}, {label}");
                    (self.reading).note(Note::RelationRepeated, self.place, subject);
                    continue;
                }
                let link = DraftLink {
                    origin: origin.clone(),
                    state,
                    attributes: attributes.clone(),
                    ..DraftLink::new(label, &head, &tail)
                };
                self.draft.link(link, &field, self.place, self.reading);
            }
        }
    }
}

/// Whether a region's place has the words that the region says.
fn has_words(said: &str, text: &str, place: Result<Span<Byte>, OffsetError>) -> bool {
    place.is_ok_and(|span| words(&text[span.start..span.end]).eq(words(said)))
}

/// What blanks part. The front end writes a line end in a region's text as `\n`, two characters.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split("\\n").flat_map(str::split_whitespace)
}

/// Adds what is said of a region or relation beside: its note and what others wrote there.
fn add_meta(attributes: &mut Attributes, item: &ResultItem) {
    for (key, value) in item.meta.iter().flatten() {
        match (key.as_str(), value) {
            ("text", Value::Array(texts)) if texts.len() == 1 => {
                attributes.insert("note".to_owned(), texts[0].clone());
            }
            ("text", value) => {
                attributes.insert("note".to_owned(), value.clone());
            }
            (key, value) => {
                attributes.insert(key.to_owned(), value.clone());
            }
        }
    }
}

/// Whether a text is HTML, of which browsers show another text.
fn is_html(text: &str) -> bool {
    text.contains(['<', '&'])
}

fn no_offsets(field: &str) -> LineProblem {
    in_value(field, "expected whole numbers from 0 as start and end")
}

fn of_shown_text(field: &str) -> LineProblem {
    let message = "the offsets count what a browser shows of the task's HTML";
    in_value(field, message)
}

fn in_value(field: &str, message: &str) -> LineProblem {
    LineProblem::Json {
        message: message.to_owned(),
        field: format!("{field}.value"),
        column: 0,
        keys: Vec::new(),
    }
}
