//! Text and annotations as a host reads and writes them.

mod sameness;

use serde::{Deserialize, Deserializer, Serialize};
use spanarc_annotator::Snapshot;
use spanarc_document::{
    Attributes, ChangeError, Document, Id, Link, Mention, OffsetMap, Origin, Span, Spans, State,
    Utf16,
};

use super::names::Names;

/// A text with its entities and relations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Annotations {
    text: String,
    #[serde(default, deserialize_with = "or_default")]
    entities: Vec<Entity>,
    #[serde(default, deserialize_with = "or_default")]
    relations: Vec<Relation>,
    /// What a file says of the whole.
    #[serde(default, skip_serializing_if = "is_empty")]
    notes: Attributes,
}

/// An entity. The type, the end and the score that a host leaves out are none of ours to guess; the rest has defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entity {
    #[serde(default)]
    id: Option<Name>,
    #[serde(rename = "type")]
    kind: String,
    /// First UTF-16 code unit inside.
    start: usize,
    /// First UTF-16 code unit after it.
    end: usize,
    /// The pieces of a discontinuous one, `[start, end]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spans: Option<Vec<(usize, usize)>>,
    #[serde(default, skip_serializing_if = "is_empty")]
    attributes: Attributes,
    #[serde(flatten)]
    standing: Standing,
}

/// A relation. Head and tail are identities of entities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Relation {
    #[serde(default)]
    id: Option<Name>,
    #[serde(rename = "type")]
    kind: String,
    head: Name,
    tail: Name,
    #[serde(default, skip_serializing_if = "is_empty")]
    attributes: Attributes,
    #[serde(flatten)]
    standing: Standing,
}

/// Who stands behind an annotation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Standing {
    /// The model's score in 0..=1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(default, deserialize_with = "or_default")]
    origin: Maker,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    /// The model's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Maker {
    #[default]
    Person,
    Model,
}

/// An identity. Hosts that count give numbers; they get strings back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Number(i64),
}

impl Name {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Why annotations are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum AnnotationsError {
    /// The place of an entity.
    #[error("entities[{index}]: {reason}")]
    Entity { index: usize, reason: String },
    /// A relation that cannot be.
    #[error("relations[{index}]: {reason}")]
    Relation { index: usize, reason: &'static str },
    /// An end of a relation.
    #[error("relations[{index}].{field}: there is no entity {name:?}")]
    End {
        index: usize,
        field: &'static str,
        name: String,
    },
    /// Two annotations share an identity.
    #[error("there are two annotations with the identity {0:?}")]
    SameName(String),
    /// What a document refuses.
    #[error("{0}")]
    Refused(#[from] ChangeError),
}

impl Annotations {
    /// What `snapshot` holds. Suggested entities and relations count from `thresholds` on, in this order, and relations only
    /// with both ends.
    pub(super) fn of(snapshot: &Snapshot, thresholds: (f32, f32), names: &mut Names) -> Self {
        let document = &snapshot.document;
        let counts =
            |mention: &Mention| !mention.is_suggestion() || mention.origin.score() >= thresholds.0;
        let mut entities = Vec::new();
        for mention in document.mentions().iter().filter(|mention| counts(mention)) {
            entities.push(Entity::of(mention, snapshot, names));
        }
        let end_counts = |id| document.mention(id).is_some_and(&counts);
        let mut relations = Vec::new();
        for link in document.links() {
            let sure = !link.is_suggestion() || link.origin.score() >= thresholds.1;
            if sure && end_counts(link.head) && end_counts(link.tail) {
                relations.push(Relation::of(link, names));
            }
        }
        Self {
            text: document.text().to_string(),
            entities,
            relations,
            notes: document.notes().clone(),
        }
    }

    /// Whether the text has line breaks of other systems, which become `\n` in a document.
    pub(super) fn has_other_breaks(&self) -> bool {
        self.text.contains('\r')
    }

    /// The document that a host means, with the names that it gives. Errors name the annotation at fault.
    pub(super) fn into_document(self) -> Result<(Document, Names), AnnotationsError> {
        let offsets = OffsetMap::new(&self.text);
        let mut names = Names::default();
        let ids = (0..).map(Id);
        let given = self.entities.iter().map(|entity| &entity.id);
        let given = given.chain(self.relations.iter().map(|relation| &relation.id));
        for (id, name) in ids.zip(given) {
            let Some(name) = name.as_ref().map(Name::text) else {
                continue;
            };
            if names.give(id, &name).is_none() {
                return Err(AnnotationsError::SameName(name));
            }
        }
        let mut mentions = Vec::with_capacity(self.entities.len());
        let mut ids = (0..).map(Id);
        for ((index, entity), id) in self.entities.iter().enumerate().zip(&mut ids) {
            let mention = entity.mention(id, &offsets);
            mentions.push(mention.map_err(|reason| AnnotationsError::Entity { index, reason })?);
        }
        let entities = mentions.len() as u32;
        let mut links = Vec::with_capacity(self.relations.len());
        for ((index, relation), id) in self.relations.iter().enumerate().zip((entities..).map(Id)) {
            let end = |field, name: &Name| {
                let name = name.text();
                let id = names.id(&name).filter(|id| id.0 < entities);
                id.ok_or(AnnotationsError::End { index, field, name })
            };
            let (head, tail) = (end("head", &relation.head)?, end("tail", &relation.tail)?);
            let (origin, state) = relation.standing.document();
            let rejected = |id: Id| mentions[id.0 as usize].state == State::Rejected;
            let refused = |reason| AnnotationsError::Relation { index, reason };
            if head == tail {
                return Err(refused("it leads from an entity to itself"));
            }
            if rejected(head) || rejected(tail) {
                return Err(refused("its head or tail is rejected"));
            }
            if !origin.score().is_finite() {
                return Err(refused("its score is not a number"));
            }
            links.push(Link {
                id,
                kind: relation.kind.as_str().into(),
                head,
                tail,
                origin,
                state,
                attributes: relation.attributes.clone(),
            });
        }
        let document = Document::with_annotations(self.text, mentions, links, self.notes)?;
        Ok((document, names))
    }
}

impl Entity {
    /// `mention` of `snapshot`.
    pub(super) fn of(mention: &Mention, snapshot: &Snapshot, names: &mut Names) -> Self {
        let span = snapshot.utf16(mention.spans.extent());
        let pieces = mention.spans.iter().map(|piece| {
            let piece = snapshot.utf16(piece);
            (piece.start, piece.end)
        });
        let is_discontinuous = mention.spans.as_slice().len() > 1;
        Self {
            id: Some(Name::Text(names.of(mention.id).to_string())),
            kind: mention.kind.to_string(),
            start: span.start,
            end: span.end,
            spans: is_discontinuous.then(|| pieces.collect()),
            attributes: mention.attributes.clone(),
            standing: Standing::of(&mention.origin, mention.state),
        }
    }

    /// From where to where it goes, piece by piece.
    fn pieces(&self) -> Vec<(usize, usize)> {
        self.spans
            .clone()
            .unwrap_or_else(|| vec![(self.start, self.end)])
    }

    fn mention(&self, id: Id, offsets: &OffsetMap) -> Result<Mention, String> {
        let pieces = self.pieces().into_iter();
        let spans = pieces.map(|(start, end)| offsets.to_byte(Span::<Utf16>::new(start, end)));
        let spans = spans
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())?;
        let (origin, state) = self.standing.document();
        if !origin.score().is_finite() {
            return Err("its score is not a number".into());
        }
        Ok(Mention {
            id,
            kind: self.kind.as_str().into(),
            spans: Spans::new(&spans).map_err(|error| error.to_string())?,
            origin,
            state,
            attributes: self.attributes.clone(),
        })
    }
}

impl Relation {
    /// `link` as hosts see it.
    pub(super) fn of(link: &Link, names: &mut Names) -> Self {
        let mut name = |id| Name::Text(names.of(id).to_string());
        Self {
            id: Some(name(link.id)),
            kind: link.kind.to_string(),
            head: name(link.head),
            tail: name(link.tail),
            attributes: link.attributes.clone(),
            standing: Standing::of(&link.origin, link.state),
        }
    }
}

impl Standing {
    fn of(origin: &Origin, state: State) -> Self {
        let (origin, score, model) = match origin {
            Origin::Person => (Maker::Person, None, None),
            Origin::Model { name, score } => {
                (Maker::Model, Some(shortest(*score)), Some(name.to_string()))
            }
        };
        Self {
            score,
            origin,
            state: Some(state),
            model,
        }
    }

    fn document(&self) -> (Origin, State) {
        match self.origin {
            Maker::Person => (Origin::Person, self.state.unwrap_or(State::Accepted)),
            Maker::Model => {
                let name = self.model.as_deref().unwrap_or_default().into();
                let score = self.score.unwrap_or(1.0) as f32;
                let origin = Origin::Model { name, score };
                (origin, self.state.unwrap_or(State::Suggested))
            }
        }
    }
}

fn is_empty(attributes: &Attributes) -> bool {
    attributes.is_empty()
}

/// What is null or undefined is as good as absent.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A score in as few digits as tell it from all others: JavaScript would show the binary digits beyond.
fn shortest(score: f32) -> f64 {
    score.to_string().parse().unwrap_or_else(|_| score.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use spanarc_annotator::Handle;

    use super::*;

    const EVERYTHING: (f32, f32) = (0.0, 0.0);

    fn read(annotations: Value) -> Annotations {
        serde_json::from_value(annotations).unwrap()
    }

    /// What comes out when `annotations` went in.
    fn through(annotations: Value, thresholds: (f32, f32)) -> Value {
        let (document, mut names) = read(annotations).into_document().unwrap();
        let snapshot = Handle::new(document).snapshot();
        serde_json::to_value(Annotations::of(&snapshot, thresholds, &mut names)).unwrap()
    }

    #[test]
    fn what_a_host_leaves_out_has_defaults_and_what_it_adds_is_ignored() {
        let given = json!({
            "text": "Ann met Bo.", "source": "memory",
            "entities": [
                {"id": 4, "type": "Person", "start": 0, "end": 3, "note": "?"},
                {"type": "Person", "start": 8, "end": 10, "origin": "model"},
            ],
            "relations": [],
        });
        let expected = json!({
            "text": "Ann met Bo.",
            "entities": [
                {"id": "4", "type": "Person", "start": 0, "end": 3, "origin": "person", "state": "accepted"},
                {
                    "id": "s1", "type": "Person", "start": 8, "end": 10,
                    "score": 1.0, "origin": "model", "state": "suggested", "model": "",
                },
            ],
            "relations": [],
        });
        assert_eq!(through(given, EVERYTHING), expected);
    }

    #[test]
    fn what_is_there_already_is_recognised_with_or_without_what_may_be_left_out() {
        let given = json!({
            "text": "Ann met Bo.", "complete": true,
            "entities": [{"type": "Person", "start": 0, "end": 3, "origin": null}, {"id": 4, "type": "Dog", "start": 8, "end": 10}],
        });
        let present = read(through(given.clone(), EVERYTHING));
        assert!(read(given.clone()).are(&present) && present.are(&present));
        for (pointer, other) in [
            ("/text", json!("Ann met Bob.")),
            ("/entities/0/end", json!(2)),
            ("/entities/0/state", json!("rejected")),
            ("/entities/1/id", json!(5)),
            ("/entities/1/type", json!("Cat")),
        ] {
            let mut changed = given.clone();
            match changed.pointer_mut(pointer) {
                Some(value) => *value = other,
                None => changed["entities"][0]["state"] = other,
            }
            assert!(!read(changed).are(&present), "{pointer}");
        }
    }

    #[test]
    fn what_is_there_already_is_recognised_in_any_order() {
        let entity = |id: Value, start: usize| json!({"id": id, "type": "P", "start": start, "end": start + 1});
        let relation = |id: Value, head: u32, tail: u32| json!({"id": id, "type": "R", "head": head, "tail": tail});
        let [nameless, again, other] = [4, 2, 0].map(|start| entity(Value::Null, start));
        let (a, b) = (entity(json!(1), 0), entity(json!(2), 2));
        let (ab, ba) = (relation(Value::Null, 1, 2), relation(Value::Null, 2, 1));
        let named = relation(json!("r"), 2, 1);
        let given = |entities: [&Value; 5], relations: [&Value; 3]| json!({"text": "a b c", "entities": entities, "relations": relations});

        let entities = [&a, &b, &nameless, &again, &nameless];
        let relations = [&ab, &ba, &named];
        let present = read(through(given(entities, relations), EVERYTHING));
        let are = |entities, relations| read(given(entities, relations)).are(&present);
        let reordered = [&nameless, &again, &b, &nameless, &a];
        assert!(are(reordered, [&named, &ba, &ab]));
        for (place, entity) in [(3, &again), (3, &b), (1, &other)] {
            let mut changed = reordered;
            changed[place] = entity;
            assert!(!are(changed, relations));
        }
        assert!(!are(entities, [&ab, &ab, &named]));
        assert!(!are(entities, [&ab, &named, &named]));
    }

    #[test]
    fn pieces_attributes_and_notes_come_out_as_they_went_in() {
        let given = json!({
            "text": "Ann and Bo Lee",
            "entities": [
                {"id": "a", "type": "P", "start": 0, "end": 14, "spans": [[0, 3], [11, 14]], "attributes": {"sure": 1.5},
                 "origin": "person", "state": "accepted"},
                {"id": "b", "type": "P", "start": 8, "end": 14, "origin": "person", "state": "accepted"},
            ],
            "relations": [{"id": "r", "type": "R", "head": "a", "tail": "b", "attributes": {"by": ["x"]},
                           "origin": "person", "state": "accepted"}],
            "notes": {"source": "us"},
        });
        assert_eq!(through(given.clone(), EVERYTHING), given);
        let present = read(given.clone());
        let mut other = given.clone();
        other["entities"][0]["spans"][1][0] = json!(12);
        assert!(read(given).are(&present) && !read(other).are(&present));
    }

    #[test]
    fn suggestions_below_a_threshold_are_left_out_with_their_relations() {
        let entity = |id: &str, start, score| json!({"id": id, "type": "T", "start": start, "end": start + 1, "origin": "model", "score": score});
        let relation = |id: &str, tail: &str, score| json!({"id": id, "type": "R", "head": "a", "tail": tail, "origin": "model", "score": score});
        let given = json!({
            "text": "a b c", "entities": [entity("a", 0, 0.9), entity("b", 2, 0.8), entity("c", 4, 0.3)],
            "relations": [relation("ab", "b", 0.7), relation("ac", "c", 0.9)],
        });
        let ids = |thresholds| {
            let out = through(given.clone(), thresholds);
            let of = |key: &str| -> Vec<String> {
                let list = out[key].as_array().unwrap().iter();
                list.map(|it| it["id"].as_str().unwrap().to_owned())
                    .collect()
            };
            (of("entities").join(" "), of("relations").join(" "))
        };
        assert_eq!(ids(EVERYTHING), ("a b c".into(), "ab ac".into()));
        assert_eq!(ids((0.5, 0.0)), ("a b".into(), "ab".into()));
        assert_eq!(ids((0.0, 0.8)), ("a b c".into(), "ac".into()));
    }

    #[test]
    fn a_score_is_written_in_as_few_digits_as_tell_it_from_others() {
        assert_eq!(shortest(0.98).to_string(), "0.98");
        assert_eq!(shortest(0.98) as f32, 0.98);
    }

    proptest! {
        /// Offsets of whatever text, identities and standing come out as they went in.
        #[test]
        fn what_goes_in_comes_out(
            words in prop::collection::vec("[a-zé😀\u{301}\n א]{1,5}", 1..12),
            accepted in prop::collection::vec(any::<bool>(), 12),
            scores in prop::collection::vec(0.0f32..1.0, 12),
        ) {
            let mut text = String::new();
            let mut entities = Vec::new();
            for (index, word) in words.iter().enumerate() {
                let start = text.encode_utf16().count();
                text.push_str(word);
                let (score, origin) = (shortest(scores[index]), "model");
                let state = if accepted[index] { "accepted" } else { "suggested" };
                entities.push(json!({
                    "id": format!("e{index}"), "type": "T", "start": start, "end": text.encode_utf16().count(),
                    "score": score, "origin": origin, "state": state, "model": "m",
                }));
            }
            let relations: Vec<Value> = (1..entities.len()).map(|index| json!({
                "id": format!("r{index}"), "type": "R", "head": format!("e{index}"), "tail": "e0",
                "origin": "person", "state": "accepted",
            })).collect();
            let given = json!({"text": text, "entities": entities, "relations": relations});
            prop_assert_eq!(through(given.clone(), EVERYTHING), given);
        }
    }
}
