//! An annotator's predictions on a corpus, scored, and the relation threshold that suits them.

use rayon::prelude::*;
use spanarc_corpus::{
    Entity, LabelSchema, Relation, Sentence, Span,
    scoring::{self, Report, ScoreError},
};
use spanarc_model::{Annotator, Prediction, bundle::MeasuredScores};

use crate::batching;

/// Thresholds that are tried, in twentieths.
const THRESHOLDS: std::ops::RangeInclusive<usize> = 4..=19;

/// The lowest of them.
pub const LOWEST_THRESHOLD: f32 = 0.2;

/// Runs the annotator over a corpus in batches of sentences of like length. All relations scored at `floor` or above
/// are kept, so that thresholds can be compared without running again.
pub fn predict(
    annotator: &Annotator,
    corpus: &[Sentence],
    batch: usize,
    floor: f32,
) -> spanarc_model::Result<Vec<Prediction>> {
    let lengths: Vec<usize> = corpus
        .iter()
        .map(|sentence| sentence.tokens.len())
        .collect();
    let batches = batching::by_length(&lengths, batch);
    let predicted = batches
        .par_iter()
        .map(|indices| {
            let words: Vec<Vec<&str>> = indices
                .iter()
                .map(|&index| corpus[index].tokens.iter().map(String::as_str).collect())
                .collect();
            annotator.predict(&words, floor)
        })
        .collect::<spanarc_model::Result<Vec<_>>>()?;
    let mut predictions = vec![Prediction::default(); corpus.len()];
    for (indices, batch) in batches.iter().zip(predicted) {
        for (&index, prediction) in indices.iter().zip(batch) {
            predictions[index] = prediction;
        }
    }
    Ok(predictions)
}

/// The prediction for a sentence as the corpus writes it, with the relations at `threshold` or above.
pub fn annotated(
    sentence: &Sentence,
    prediction: &Prediction,
    schema: &LabelSchema,
    threshold: f32,
) -> Sentence {
    let entities = prediction.entities.iter().map(|entity| Entity {
        kind: schema.entity_types[entity.entity_type].name.clone(),
        span: Span::new(entity.span.start, entity.span.end),
    });
    let relations = prediction
        .relations
        .iter()
        .filter(|relation| relation.score >= threshold);
    Sentence {
        id: sentence.id.clone(),
        tokens: sentence.tokens.clone(),
        entities: entities.collect(),
        relations: relations
            .map(|relation| Relation {
                kind: schema.relation_types[relation.relation_type].name.clone(),
                head: relation.head,
                tail: relation.tail,
            })
            .collect(),
    }
}

/// Scores predictions at a threshold.
pub fn score(
    corpus: &[Sentence],
    predictions: &[Prediction],
    schema: &LabelSchema,
    threshold: f32,
) -> Result<Report, ScoreError> {
    let annotated: Vec<Sentence> = corpus
        .iter()
        .zip(predictions)
        .map(|(sentence, prediction)| annotated(sentence, prediction, schema, threshold))
        .collect();
    scoring::score(corpus, &annotated, schema)
}

/// The threshold in 0.2, 0.25, … 0.95 with the best mean of micro and macro F1 of the relations, and its report.
/// Of equals the one in the middle of the first run of them, being the least sensitive choice.
pub fn tune_threshold(
    corpus: &[Sentence],
    predictions: &[Prediction],
    schema: &LabelSchema,
) -> Result<(f32, Report), ScoreError> {
    let mut best: Option<(f64, Vec<usize>)> = None;
    for step in THRESHOLDS {
        let relations = score(corpus, predictions, schema, step as f32 / 20.)?
            .relations
            .strict;
        let value = relations.micro.f1 + relations.macro_.f1;
        match &mut best {
            Some((top, steps)) if value == *top => {
                if steps.last().is_some_and(|last| last + 1 == step) {
                    steps.push(step);
                }
            }
            Some((top, _)) if value < *top => {}
            _ => best = Some((value, vec![step])),
        }
    }
    let step = best
        .and_then(|(_, steps)| steps.get(steps.len() / 2).copied())
        .unwrap_or(*THRESHOLDS.start());
    let threshold = step as f32 / 20.;
    Ok((threshold, score(corpus, predictions, schema, threshold)?))
}

/// The figures of a report that a bundle carries.
pub fn measured(data: &str, report: &Report) -> MeasuredScores {
    let relations = report.relations.strict;
    MeasuredScores {
        data: data.to_owned(),
        entity_micro_f1: report.entities.micro.f1,
        entity_macro_f1: report.entities.macro_.f1,
        relation_micro_f1: relations.micro.f1,
        relation_macro_f1: relations.macro_.f1,
    }
}

/// What training maximises on dev: the mean of the four F1 scores.
pub fn dev_score(scores: &MeasuredScores) -> f64 {
    (scores.entity_micro_f1
        + scores.entity_macro_f1
        + scores.relation_micro_f1
        + scores.relation_macro_f1)
        / 4.
}
