//! A model that can be computed by hand: capitalised words are entities, each related to the next one.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use spanarc_corpus::{EntityType, Hyphens, LabelSchema, RelationType, Span};
use spanarc_engine::SentenceModel;
use spanarc_model::{ModelError, PredictedEntity, PredictedRelation, Prediction};

/// See the module.
pub(crate) struct Toy {
    schema: LabelSchema,
    /// First words of the sentences that were run, in whatever order.
    pub(crate) run: Arc<Mutex<Vec<String>>>,
    /// Whether the next sentences fail.
    pub(crate) fails: AtomicBool,
    /// How it wants words to be split.
    pub(crate) hyphens: Hyphens,
}

impl Toy {
    pub(crate) fn new() -> Self {
        let color = String::from("#336699");
        Self {
            schema: LabelSchema {
                entity_types: vec![EntityType {
                    name: "Name".into(),
                    color: color.clone(),
                }],
                relation_types: vec![RelationType {
                    name: "Next".into(),
                    color,
                    signatures: Vec::new(),
                }],
            },
            run: Arc::default(),
            fails: AtomicBool::default(),
            hyphens: Hyphens::default(),
        }
    }
}

impl SentenceModel for Toy {
    fn schema(&self) -> &LabelSchema {
        &self.schema
    }

    fn relation_threshold(&self) -> f32 {
        0.5
    }

    fn hyphens(&self) -> Hyphens {
        self.hyphens
    }

    fn predict(&self, words: Vec<&str>, relation_floor: f32) -> Result<Prediction, ModelError> {
        assert!(!words.is_empty() && words.iter().all(|word| !word.is_empty()));
        if self.fails.load(Relaxed) {
            return Err(ModelError::Vocabulary("lost".into()));
        }
        if let Ok(mut run) = self.run.lock() {
            run.push(words[0].into());
        }
        let entities: Vec<PredictedEntity> = (0..words.len())
            .filter(|&index| words[index].starts_with(char::is_uppercase))
            .map(|index| PredictedEntity {
                entity_type: 0,
                span: Span::new(index, index + 1),
                score: 1.0,
            })
            .collect();
        // Scores fall from left to right: 0.9, 0.45, 0.3, ...
        let relations = (1..entities.len())
            .map(|tail| PredictedRelation {
                relation_type: 0,
                head: tail - 1,
                tail,
                score: 0.9 / tail as f32,
            })
            .filter(|relation| relation.score >= relation_floor)
            .collect();
        Ok(Prediction {
            entities,
            relations,
        })
    }
}
