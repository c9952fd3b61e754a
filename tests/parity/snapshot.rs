// What a shipped model said of each line of its sentences: made and checked natively, checked again in the browser.
// Included by the tests of both sides and by the example that makes it.

use serde::{Deserialize, Serialize};
use spanarc_engine::{Annotations, Engine, RELATION_FLOOR, SentenceModel};

/// Scores may differ by this much between machines.
const TOLERANCE: f32 = 1e-3;

/// A text and all that was found in it. Spans are bytes.
#[derive(Serialize, Deserialize)]
struct Line {
    text: String,
    /// Type, start, end, score.
    entities: Vec<(String, usize, usize, f32)>,
    /// Type, head, tail, score.
    relations: Vec<(String, usize, usize, f32)>,
}

impl Line {
    fn annotated<M: SentenceModel + Sync>(engine: &mut Engine<M>, text: &str) -> Result<Self, String> {
        engine.set_relation_threshold(RELATION_FLOOR);
        let Annotations { entities, relations } = engine.annotate(text).map_err(|error| error.to_string())?;
        let schema = engine.schema();
        let round = |score: f32| (score * 1e5).round() / 1e5;
        Ok(Self {
            text: text.into(),
            entities: entities
                .iter()
                .map(|entity| {
                    let name = schema.entity_types[entity.entity_type].name.clone();
                    (name, entity.span.start, entity.span.end, round(entity.score))
                })
                .collect(),
            relations: relations
                .iter()
                .map(|relation| {
                    let name = schema.relation_types[relation.relation_type].name.clone();
                    (name, relation.head, relation.tail, round(relation.score))
                })
                .collect(),
        })
    }
}

/// Where an engine and the snapshot differ, one difference a line; empty if they agree.
fn differences<M: SentenceModel + Sync>(engine: &mut Engine<M>, snapshot: &str) -> Result<String, String> {
    let lines: Vec<Line> = serde_json::from_str(snapshot).map_err(|error| error.to_string())?;
    let mut found = String::new();
    for expected in lines {
        let actual = Line::annotated(engine, &expected.text)?;
        let entities = same(&expected.entities, &actual.entities);
        if !entities || !same(&kept(&expected.relations, &actual.relations), &kept(&actual.relations, &expected.relations)) {
            let Line { text, entities, relations } = expected;
            found += &format!("{text}\n  expected {entities:?} {relations:?}\n");
            found += &format!("  found    {:?} {:?}\n", actual.entities, actual.relations);
        }
    }
    Ok(found)
}

type Scored = (String, usize, usize, f32);

fn same(expected: &[Scored], actual: &[Scored]) -> bool {
    let close = |(one, other): (&Scored, &Scored)| {
        (&one.0, one.1, one.2) == (&other.0, other.1, other.2) && (one.3 - other.3).abs() <= TOLERANCE
    };
    expected.len() == actual.len() && expected.iter().zip(actual).all(close)
}

/// The relations of one side without those at the floor that the other side may have dropped.
fn kept(relations: &[Scored], others: &[Scored]) -> Vec<Scored> {
    let at_floor = |relation: &Scored| relation.3 <= RELATION_FLOOR + TOLERANCE;
    let known = |relation: &Scored| others.iter().any(|o| (&o.0, o.1, o.2) == (&relation.0, relation.1, relation.2));
    relations.iter().filter(|relation| !at_floor(relation) || known(relation)).cloned().collect()
}
