//! The engine's results as the protocol puts them.

use std::sync::Arc;

use spanarc_corpus::LabelSchema;
use spanarc_document::{Byte, OffsetMap, Span, Utf16};
use spanarc_engine::{Annotations, Engine, SentenceModel};
use spanarc_model::ModelError;
use spanarc_protocol::{
    FoundEntity, FoundRelation, Label, ModelSummary, Reply, SentenceAnswer, Stage,
};

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

/// The answer to a batch of sentences; a failure where the model fails on one.
pub fn batch<M: SentenceModel>(engine: &Engine<M>, batch: u32, sentences: &[Arc<str>]) -> Reply {
    let answered = sentences.iter().map(|sentence| {
        let whole = Span::new(0, sentence.len());
        let found = engine.run(sentence)?;
        Ok(answer(whole, &found, &OffsetMap::new(sentence)))
    });
    match answered.collect::<Result<_, ModelError>>() {
        Ok(sentences) => Reply::Batch { batch, sentences },
        Err(error) => Reply::Failed {
            stage: Stage::Annotate,
            surface: None,
            message: error.to_string(),
        },
    }
}

/// The annotations in the answer to `sentence` by another worker; nothing if it does not fit the sentence or `schema`.
pub fn annotations(
    sentence: &str,
    answer: &SentenceAnswer,
    schema: &LabelSchema,
) -> Option<Annotations> {
    let offsets = OffsetMap::new(sentence);
    let entities = answer.entities.iter().map(|entity| {
        schema.entity_types.get(entity.entity_type)?;
        Some(spanarc_engine::FoundEntity {
            entity_type: entity.entity_type,
            span: offsets.to_byte(entity.span()).ok()?,
            score: entity.score,
        })
    });
    let entities: Vec<_> = entities.collect::<Option<_>>()?;
    let relations = answer.relations.iter().map(|relation| {
        schema.relation_types.get(relation.relation_type)?;
        entities.get(relation.head.max(relation.tail))?;
        Some(spanarc_engine::FoundRelation {
            relation_type: relation.relation_type,
            head: relation.head,
            tail: relation.tail,
            score: relation.score,
        })
    });
    Some(Annotations {
        relations: relations.collect::<Option<_>>()?,
        entities,
    })
}
