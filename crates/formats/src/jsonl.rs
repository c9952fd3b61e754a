//! JSON lines of sentences: `{"id", "tokens": […], "entities": [{"type","start","end"}], "relations":
//! [{"type","head","tail"}]}`, spans in tokens with `end` exclusive, head and tail as indices into the entities.
//!
//! Reading accepts a byte-order mark, CR LF, blank lines, ids of any kind and, with a note, further keys.

use serde::Deserialize;
use serde_json::{Value, json};
use spanarc_document::{Attributes, Span};

use crate::{
    Offsets,
    annotated::{Annotated, TokenSentence},
    by_tokens::{Discontinuous, SentenceView, by_tokens},
    draft::{Draft, DraftLink, DraftMention},
    json::parse,
    place::Place,
    reading::Reading,
    token_text::TokenText,
    unknown_keys::{Keys, UnknownKeys},
    writing::Notes,
};

/// A sentence with annotations by tokens, as `jsonl` and `spert` have it.
#[derive(Deserialize)]
#[serde(expecting = "an object with id, tokens, entities and relations")]
struct SentenceObject {
    #[serde(default, alias = "orig_id")]
    id: Option<Value>,
    tokens: Vec<String>,
    entities: Vec<TokenEntity>,
    relations: Vec<TokenRelation>,
}

#[derive(Deserialize)]
struct TokenEntity {
    #[serde(rename = "type")]
    kind: String,
    start: usize,
    end: usize,
}

#[derive(Deserialize)]
struct TokenRelation {
    #[serde(rename = "type")]
    kind: String,
    head: usize,
    tail: usize,
}

/// The keys of a sentence.
const KEYS: Keys = Keys {
    owner: "sentences",
    known: &["id", "orig_id", "tokens"],
    lists: &[
        (
            "entities",
            Keys {
                owner: "entities",
                known: &["type", "start", "end"],
                lists: &[],
            },
        ),
        (
            "relations",
            Keys {
                owner: "relations",
                known: &["type", "head", "tail"],
                lists: &[],
            },
        ),
    ],
};

/// Reads a line, a document of one sentence.
pub(crate) fn read_line(place: &Place, line: &str, reading: &mut Reading) {
    let mut unknown = UnknownKeys::default();
    read(place, line, &mut unknown, reading);
    unknown.note(reading);
}

/// Reads an object, a document of one sentence.
pub(crate) fn read(place: &Place, line: &str, unknown: &mut UnknownKeys, reading: &mut Reading) {
    match parse::<SentenceObject>(line) {
        Ok(sentence) => {
            unknown.add(line, &KEYS, place);
            let (id, place) = place.called(sentence.id.as_ref());
            sentence.read(id, &place, reading);
        }
        Err(problem) => reading.refuse_below(place, problem),
    }
}

impl SentenceObject {
    /// Reads the sentence as a document. One with an annotation of tokens that are not there is refused.
    fn read(self, id: String, place: &Place, reading: &mut Reading) {
        let mut text = TokenText::default();
        let sentence = match text.push(id.clone(), place.clone(), self.tokens) {
            Ok(sentence) => sentence,
            Err(problem) => return reading.refuse(place, problem),
        };
        let field = |index: usize| format!("entities[{index}]");
        let spans: Result<Vec<_>, _> = (self.entities.iter().enumerate())
            .map(|(index, entity)| {
                text.bytes(sentence, Span::new(entity.start, entity.end), &field(index))
            })
            .collect();
        let spans = match spans {
            Ok(spans) => spans,
            Err(problem) => return reading.refuse(place, problem),
        };
        let mut draft = Draft::new(&text.text, Offsets::Byte);
        for (index, (entity, span)) in self.entities.iter().zip(spans).enumerate() {
            let mention = DraftMention {
                id: Some(index.to_string()),
                ..DraftMention::new(&entity.kind, [(span.start, span.end)])
            };
            draft.mention(mention, &field(index), place, reading);
        }
        for (index, relation) in self.relations.iter().enumerate() {
            let (head, tail) = (relation.head.to_string(), relation.tail.to_string());
            let link = DraftLink::new(&relation.kind, &head, &tail);
            draft.link(link, &format!("relations[{index}]"), place, reading);
        }
        draft.finish_sentences(
            id,
            text.sentences.clone(),
            Attributes::default(),
            place.clone(),
            reading,
        );
    }
}

/// A line for each sentence.
pub(crate) fn write(
    annotated: &Annotated,
    sentences: &[TokenSentence],
    notes: &mut Notes<'_>,
) -> String {
    let views = by_tokens(annotated, sentences, Discontinuous::Drop, notes);
    views
        .iter()
        .map(|view| format!("{}\n", object(view, "id")))
        .collect()
}

/// A sentence as an object that holds its id under `id_key`.
pub(crate) fn object(view: &SentenceView<'_>, id_key: &str) -> Value {
    let tokens = view.sentence.tokens.iter().map(|token| token.word.as_str());
    let entities = view.mentions.iter();
    let entities = entities.map(
        |(mention, span)| json!({"type": &*mention.kind, "start": span.start, "end": span.end}),
    );
    let relations = view.links.iter();
    let relations = relations
        .map(|(link, head, tail)| json!({"type": &*link.kind, "head": head, "tail": tail}));
    json!({
        id_key: view.sentence.id,
        "tokens": tokens.collect::<Vec<_>>(),
        "entities": entities.collect::<Vec<_>>(),
        "relations": relations.collect::<Vec<_>>(),
    })
}
