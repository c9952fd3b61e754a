//! What the engine says, as the protocol puts it.

use spanarc_corpus::LabelSchema;
use spanarc_document::{OffsetMap, Span};
use spanarc_engine::{Annotations, Engine};

use spanarc_protocol::{FoundEntity, FoundRelation, Label, ModelSummary};

/// What a page needs to know of the engine's model.
pub fn summary(engine: &Engine, bytes: usize, cached: bool) -> ModelSummary {
    let metadata = engine.model().metadata();
    let LabelSchema {
        entity_types,
        relation_types,
    } = engine.schema();
    ModelSummary {
        name: metadata.name.clone(),
        language: metadata.language.clone(),
        bytes,
        cached,
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

/// Entities and relations with UTF-16 offsets; `offsets` is the map of the annotated text.
pub fn found(
    annotations: &Annotations,
    offsets: &OffsetMap,
) -> (Vec<FoundEntity>, Vec<FoundRelation>) {
    let entities = annotations.entities.iter().map(|entity| {
        // Spans of the engine lie between characters of its text.
        let span = offsets.to_utf16(entity.span).unwrap_or(Span::new(0, 0));
        FoundEntity {
            entity_type: entity.entity_type,
            start: span.start,
            end: span.end,
            score: entity.score,
        }
    });
    let relations = annotations.relations.iter().map(|relation| FoundRelation {
        relation_type: relation.relation_type,
        head: relation.head,
        tail: relation.tail,
        score: relation.score,
    });
    (entities.collect(), relations.collect())
}
