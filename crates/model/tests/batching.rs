//! Padding never changes a result: a sentence alone and in a batch agree.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

use candle_core::{DType, Device, Tensor};
use candle_nn::{VarBuilder, VarMap};
use spanarc_corpus::{EntityType, Hyphens, LabelSchema, RelationType, Span, TagScheme};
use spanarc_model::{
    Annotator, Prediction,
    bundle::{BundleMetadata, Provenance},
    config::{
        Activation, Cell, CharacterConfig, ConvolutionConfig, ElmoConfig, EncoderConfig,
        EncoderKind, LayerChoice, NetworkConfig, PiecePooling, RelationConfig, WordVectorConfig,
    },
    features::Vocabularies,
};

const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nmary\njones\nworks\nfor\nac\n##me\nbos\n##ton\n.\nin\nthe\nrain\n<s>\n</s>";

const WORDS: &str = "Mary\nworks\nrain\nboston";

fn network(cell: Cell, scheme: TagScheme, layers: [usize; 3], pool_mention: bool) -> NetworkConfig {
    NetworkConfig {
        encoder: Some(EncoderConfig {
            kind: EncoderKind::Bert,
            vocabulary: VOCABULARY.lines().count(),
            hidden: 12,
            layers: 2,
            heads: 3,
            intermediate: 20,
            positions: 16,
            layer_norm_eps: 1e-12,
            lowercase: true,
            pooling: PiecePooling::Mean,
            output: LayerChoice::Mix,
            casing_embedding: true,
        }),
        elmo: Some(ElmoConfig {
            character_embedding: 4,
            word_length: 8,
            convolutions: [(1, 3), (3, 5)]
                .map(|(width, filters)| ConvolutionConfig { width, filters })
                .into(),
            activation: Activation::Relu,
            highway_layers: 1,
            layers: 2,
            cell: 9,
            projection: 6,
            cell_clip: Some(3.),
            projection_clip: Some(0.1),
            skip_connections: true,
            output: LayerChoice::Mix,
        }),
        words: Some(WordVectorConfig {
            vocabulary: WORDS.lines().count(),
            size: 5,
        }),
        characters: Some(CharacterConfig {
            alphabet: "abcdefgMJAB.".into(),
            embedding: 5,
            hidden: 4,
            word_length: 6,
        }),
        casing: true,
        cell,
        hidden: 7,
        shared_layers: layers[0],
        ner_layers: layers[1],
        re_layers: layers[2],
        ner_feed_forward: 6,
        scheme,
        relation: RelationConfig {
            label_embedding: 3,
            feed_forward: 8,
            pool_mention,
            context: 5,
        },
    }
}

fn schema() -> LabelSchema {
    let color = "#336699".to_owned();
    LabelSchema {
        entity_types: ["Loc", "Org", "Peop"]
            .map(|name| EntityType {
                name: name.into(),
                color: color.clone(),
            })
            .into(),
        relation_types: ["Live_In", "Work_For"]
            .map(|name| RelationType {
                name: name.into(),
                color: color.clone(),
                signatures: Vec::new(),
            })
            .into(),
    }
}

/// A network of random weights: its predictions mean nothing, but there are many of them.
fn annotator(network: NetworkConfig) -> Annotator {
    let metadata = BundleMetadata {
        name: "random".into(),
        language: "en".into(),
        schema: schema(),
        network,
        relation_threshold: 0.5,
        calibration: None,
        hyphens: Hyphens::default(),
        provenance: Provenance::default(),
        scores: Vec::new(),
        estimated_scores: Vec::new(),
        trainable_parameters: None,
        total_parameters: None,
    };
    let vars = VarMap::new();
    let vb = VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu);
    let vocabularies = Vocabularies {
        pieces: Some(VOCABULARY),
        words: Some(WORDS),
    };
    Annotator::new(metadata, vocabularies, vb).unwrap()
}

fn sentences() -> Vec<Vec<&'static str>> {
    vec![
        vec!["Mary", "Jones", "works", "for", "Acme", "in", "Boston", "."],
        vec!["Rain"],
        // More pieces than the encoder has positions: two windows.
        "Boston Boston Acme Boston Boston the Boston Boston Acme Boston rain ."
            .split(' ')
            .collect(),
        vec!["The", "rain", "in", "ACME", "'s", "B2"],
    ]
}

fn assert_close(alone: &Prediction, together: &Prediction) {
    assert_eq!(alone.entities.len(), together.entities.len());
    for (a, b) in alone.entities.iter().zip(&together.entities) {
        assert_eq!((a.entity_type, a.span), (b.entity_type, b.span));
        assert!((a.score - b.score).abs() < 1e-4, "{a:?} {b:?}");
    }
    assert_eq!(alone.relations.len(), together.relations.len());
    for (a, b) in alone.relations.iter().zip(&together.relations) {
        assert_eq!(
            (a.relation_type, a.head, a.tail),
            (b.relation_type, b.head, b.tail)
        );
        assert!((a.score - b.score).abs() < 1e-4, "{a:?} {b:?}");
    }
}

#[test]
fn a_sentence_alone_and_in_a_batch_agree() {
    let (bert, distilbert, mpnet) = (
        EncoderKind::Bert,
        EncoderKind::DistilBert,
        EncoderKind::Mpnet,
    );
    for (kind, cell, scheme, layers, pool) in [
        (bert, Cell::Gru, TagScheme::Bio, [1, 1, 2], false),
        (bert, Cell::Lstm, TagScheme::Bilou, [2, 0, 1], true),
        (mpnet, Cell::Gru, TagScheme::Bio, [1, 1, 1], true),
        (distilbert, Cell::Gru, TagScheme::Bio, [0, 0, 0], true),
    ] {
        let mut network = network(cell, scheme, layers, pool);
        if let Some(encoder) = &mut network.encoder {
            encoder.kind = kind;
        }
        let annotator = annotator(network);
        let together = annotator.predict(&sentences(), 0.).unwrap();
        for (sentence, together) in sentences().into_iter().zip(&together) {
            let alone = annotator.predict(&[sentence], 0.).unwrap();
            assert_close(&alone[0], together);
        }
    }
}

#[test]
fn entities_that_a_network_is_given_are_scored_as_those_that_it_finds() {
    for scheme in [TagScheme::Bio, TagScheme::Bilou] {
        let annotator = annotator(network(Cell::Gru, scheme, [1, 1, 2], false));
        let found = annotator.predict(&sentences(), 0.).unwrap();
        let reading = annotator.read(&sentences()).unwrap();
        let entities: Vec<Vec<_>> = found
            .iter()
            .map(|prediction| {
                let entities = prediction.entities.iter();
                entities
                    .map(|entity| (entity.entity_type, entity.span))
                    .collect()
            })
            .collect();
        let scored = annotator.score(&reading, &entities, 0.).unwrap();
        for (found, scored) in found.iter().zip(&scored) {
            assert_close(found, scored);
        }

        let given = vec![vec![(2, Span::new(4, 6)), (0, Span::new(0, 1))]];
        let scored = annotator.score(&reading, &given, 0.).unwrap();
        let spans = scored[0].entities.iter();
        assert!(
            spans
                .map(|entity| entity.span)
                .eq([Span::new(0, 1), Span::new(4, 6)])
        );
        assert_eq!(scored[0].relations.len(), 4);
        assert!(
            scored[1..]
                .iter()
                .all(|other| *other == Prediction::default())
        );

        let outside = vec![vec![(0, Span::new(7, 9))]];
        assert!(annotator.score(&reading, &outside, 0.).is_err());
    }
}

#[test]
fn probabilities_of_a_tokens_tags_add_up_to_1_in_every_scheme() {
    for scheme in [TagScheme::Bio, TagScheme::Bilou] {
        let annotator = annotator(network(Cell::Gru, scheme, [1, 1, 1], false));
        let reading = annotator.read(&sentences()).unwrap();
        let probabilities = annotator.tag_probabilities(&reading);
        for (words, probabilities) in sentences().iter().zip(&probabilities) {
            assert_eq!(probabilities.len(), 7 * words.len());
            for row in probabilities.chunks(7) {
                assert!((row.iter().sum::<f64>() - 1.).abs() < 1e-9, "{row:?}");
            }
            // Nothing is inside an entity at the first token.
            assert!(probabilities[2] < 1e-12);
        }
    }
}

#[test]
fn sentences_of_no_words_have_empty_predictions() {
    let annotator = annotator(network(Cell::Gru, TagScheme::Bio, [1, 1, 1], false));
    let predictions = annotator
        .predict(&[vec![], vec!["Mary"], vec![]], 0.)
        .unwrap();
    assert_eq!(predictions[0], Prediction::default());
    assert_eq!(predictions[2], Prediction::default());
    assert!(annotator.predict::<&str>(&[], 0.).unwrap().is_empty());
}

#[test]
fn predictions_are_probabilities_of_spans_that_do_not_overlap() {
    let annotator = annotator(network(Cell::Lstm, TagScheme::Bilou, [1, 1, 1], true));
    for prediction in annotator.predict(&sentences(), 0.).unwrap() {
        for pair in prediction.entities.windows(2) {
            assert!(pair[0].span.end <= pair[1].span.start);
        }
        assert!(
            prediction
                .entities
                .iter()
                .all(|entity| (0. ..=1.).contains(&entity.score))
        );
        assert!(
            prediction
                .relations
                .iter()
                .all(|relation| (0. ..=1.).contains(&relation.score))
        );
        let entities = prediction.entities.len();
        let pairs = entities * entities.saturating_sub(1);
        assert_eq!(prediction.relations.len(), 2 * pairs);
    }
}

#[test]
fn the_floor_leaves_out_relations_and_changes_nothing_else() {
    let annotator = annotator(network(Cell::Gru, TagScheme::Bio, [1, 1, 2], false));
    let all = annotator.predict(&sentences(), 0.).unwrap();
    let high = annotator.predict(&sentences(), 0.5).unwrap();
    for (mut all, high) in all.into_iter().zip(high) {
        all.relations.retain(|relation| relation.score >= 0.5);
        assert_eq!(all, high);
    }
}

#[test]
fn a_shape_that_contradicts_itself_is_refused_by_name() {
    let mut config = network(Cell::Gru, TagScheme::Bio, [1, 1, 1], false);
    if let Some(encoder) = &mut config.encoder {
        encoder.heads = 5;
    }
    let error = config.validate().unwrap_err().to_string();
    assert!(
        error.contains("encoder.heads") && error.contains("12"),
        "{error}"
    );
}

#[test]
fn tensors_of_a_wrong_shape_are_refused_by_name() {
    let wrong = Tensor::zeros((3, 3), DType::F32, &Device::Cpu).unwrap();
    let vars = std::collections::HashMap::from([("crf.start".to_owned(), wrong)]);
    let vb = VarBuilder::from_tensors(vars, DType::F32, &Device::Cpu);
    let error = spanarc_model::crf::Crf::new(7, vb.pp("crf"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("crf.start"), "{error}");
}
