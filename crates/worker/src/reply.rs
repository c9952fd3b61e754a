//! The engine's results as the protocol puts them.

use spanarc_corpus::LabelSchema;
use spanarc_document::{Byte, OffsetMap, Span, Utf16};
use spanarc_engine::{Annotations, Engine};
use spanarc_protocol::{FoundEntity, FoundRelation, Label, ModelSummary, SentenceAnswer};

/// The engine's model; `bytes` is the size of its bundle.
pub fn summary(engine: &Engine, bytes: usize) -> ModelSummary {
    let LabelSchema {
        entity_types,
        relation_types,
    } = engine.schema();
    ModelSummary {
        name: engine.model().metadata().name.clone(),
        bytes,
        entity_types: entity_types
            .iter()
            .map(|label| Label {
                name: label.name.clone(),
                color: label.color.clone(),
            })
            .collect(),
        relation_types: relation_types
            .iter()
            .map(|label| Label {
                name: label.name.clone(),
                color: label.color.clone(),
            })
            .collect(),
        relation_threshold: engine.relation_threshold(),
    }
}

/// The annotations of the sentence at `sentence`; `offsets` is the map of the whole text.
pub fn answer(
    sentence: Span<Byte>,
    annotations: &Annotations,
    offsets: &OffsetMap,
) -> SentenceAnswer {
    // Spans of the engine lie between characters of its text.
    let utf16 = |span| offsets.to_utf16(span).unwrap_or(Span::<Utf16>::new(0, 0));
    let Span { start, end, .. } = utf16(sentence);
    let entities = annotations.entities.iter().map(|entity| {
        let span = utf16(entity.span.shifted(sentence.start));
        FoundEntity {
            entity_type: entity.entity_type,
            start: span.start - start,
            end: span.end - start,
            score: entity.score,
        }
    });
    let relations = annotations.relations.iter().map(|relation| FoundRelation {
        relation_type: relation.relation_type,
        head: relation.head,
        tail: relation.tail,
        score: relation.score,
    });
    SentenceAnswer {
        start,
        end,
        entities: entities.collect(),
        relations: relations.collect(),
    }
}
