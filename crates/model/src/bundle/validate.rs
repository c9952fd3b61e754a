//! Limits on metadata: labels that can be shown, and a network that can be built.

use super::{BundleError, BundleMetadata};
use crate::{config::NetworkConfig, error::ModelError};

/// Checks that metadata describes a network that can be built.
pub(super) fn validate(metadata: &BundleMetadata) -> Result<(), BundleError> {
    if !(0. ..=1.).contains(&metadata.relation_threshold) {
        return Err(refuse(
            "relation_threshold",
            format!("{} is outside 0 to 1", metadata.relation_threshold),
        ));
    }
    if let Some(calibration) = &metadata.calibration {
        for (field, scores) in [
            ("entities", &calibration.entities),
            ("relations", &calibration.relations),
        ] {
            if !scores.map.is_valid() {
                return Err(refuse(
                    format!("calibration.{field}.map"),
                    "needs a slope above 0 and finite numbers",
                ));
            }
        }
    }
    for (field, text) in [("name", &metadata.name), ("language", &metadata.language)] {
        if text.chars().any(char::is_control) {
            return Err(refuse(field, format!("{text:?} holds a control character")));
        }
    }
    (metadata.schema.validate()).map_err(|error| refuse("schema", error.to_string()))?;
    network(&metadata.network)
}

fn refuse(field: impl Into<String>, reason: impl Into<String>) -> BundleError {
    BundleError::Metadata {
        field: field.into(),
        reason: reason.into(),
    }
}

fn network(config: &NetworkConfig) -> Result<(), BundleError> {
    config.validate().map_err(|error| match error {
        ModelError::Config { field, reason } => refuse(format!("network.{field}"), reason),
        other => refuse("network", other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::samples::metadata;
    use super::*;
    use crate::calibration::{CalibratedScores, Calibration, Platt};
    use crate::config::{Activation, ConvolutionConfig, ElmoConfig, LayerChoice, WordVectorConfig};

    #[track_caller]
    fn refused(change: impl FnOnce(&mut BundleMetadata), message: &str) {
        let mut changed = metadata();
        change(&mut changed);
        match validate(&changed) {
            Ok(()) => panic!("accepted"),
            Err(error) => assert_eq!(error.to_string(), format!("bundle metadata, {message}")),
        }
    }

    #[test]
    fn the_sample_is_valid() {
        assert_eq!(validate(&metadata()), Ok(()));
    }

    #[test]
    fn a_threshold_outside_0_to_1_is_refused() {
        refused(
            |m| m.relation_threshold = 1.5,
            "relation_threshold: 1.5 is outside 0 to 1",
        );
        refused(
            |m| m.relation_threshold = f32::NAN,
            "relation_threshold: NaN is outside 0 to 1",
        );
    }

    #[test]
    fn a_calibration_must_keep_the_order_of_scores() {
        let scores = |slope| CalibratedScores {
            map: Platt { slope, offset: 0. },
            error: 0.,
            bins: Vec::new(),
        };
        let calibration = |entities, relations| Calibration {
            data: "dev".into(),
            entities: scores(entities),
            relations: scores(relations),
        };
        refused(
            |m| m.calibration = Some(calibration(0., 1.)),
            "calibration.entities.map: needs a slope above 0 and finite numbers",
        );
        refused(
            |m| m.calibration = Some(calibration(1., f64::INFINITY)),
            "calibration.relations.map: needs a slope above 0 and finite numbers",
        );
    }

    #[test]
    fn labels_must_exist_and_be_distinct() {
        refused(
            |m| m.schema.entity_types.clear(),
            "schema: the label schema has no entity types",
        );
        refused(
            |m| m.schema.entity_types[1].name = "Peop".into(),
            "schema: entity_types[1] repeats the name \"Peop\"",
        );
        refused(
            |m| m.schema.relation_types[0].name.clear(),
            "schema: relation_types[0] has an empty name",
        );
    }

    #[test]
    fn a_colour_is_nothing_but_a_colour() {
        refused(
            |m| m.schema.entity_types[0].color = "#12345".into(),
            "schema: entity_types[0].color is \"#12345\", not of the form #rrggbb",
        );
        refused(
            |m| m.schema.entity_types[0].color = "url(x)".into(),
            "schema: entity_types[0].color is \"url(x)\", not of the form #rrggbb",
        );
    }

    #[test]
    fn signatures_name_entity_types() {
        refused(
            |m| m.schema.relation_types[0].signatures[0].tail = "Town".into(),
            "schema: relation_types[0].signatures[0].tail names the unknown entity type \"Town\"",
        );
    }

    #[test]
    fn sizes_are_bounded() {
        refused(
            |m| m.network.hidden = usize::MAX,
            &format!("network.hidden: {} is outside 1..=4096", usize::MAX),
        );
        refused(
            |m| m.network.hidden = 0,
            "network.hidden: 0 is outside 1..=4096",
        );
        refused(
            |m| m.network.re_layers = 1000,
            "network.re_layers: 1000 is outside 0..=16",
        );
        refused(
            |m| m.network.characters.as_mut().unwrap().word_length = 1 << 40,
            "network.characters.word_length: 1099511627776 is outside 1..=1024",
        );
    }

    #[test]
    fn heads_divide_the_hidden_units() {
        refused(
            |m| m.network.encoder.as_mut().unwrap().heads = 3,
            "network.encoder.heads: 3 does not divide 4",
        );
        refused(
            |m| m.network.encoder.as_mut().unwrap().heads = 0,
            "network.encoder.heads: 0 is outside 1..=4",
        );
    }

    #[test]
    fn what_elmo_and_word_vectors_are_made_of_is_bounded() {
        fn elmo(change: impl FnOnce(&mut ElmoConfig)) -> impl FnOnce(&mut BundleMetadata) {
            move |metadata| {
                let mut elmo = ElmoConfig {
                    character_embedding: 4,
                    word_length: 10,
                    convolutions: vec![ConvolutionConfig {
                        width: 3,
                        filters: 8,
                    }],
                    activation: Activation::Relu,
                    highway_layers: 1,
                    layers: 2,
                    cell: 16,
                    projection: 8,
                    cell_clip: Some(3.),
                    projection_clip: None,
                    skip_connections: true,
                    output: LayerChoice::Mix,
                };
                change(&mut elmo);
                metadata.network.elmo = Some(elmo);
            }
        }
        let mut sound = metadata();
        elmo(|_| ())(&mut sound);
        assert_eq!(validate(&sound), Ok(()));
        refused(
            elmo(|elmo| elmo.convolutions[0].width = 11),
            "network.elmo.convolutions.width: 11 is outside 1..=10",
        );
        refused(
            elmo(|elmo| elmo.convolutions.clear()),
            "network.elmo.convolutions: 0 is outside 1..=16",
        );
        refused(
            elmo(|elmo| elmo.word_length = 2),
            "network.elmo.word_length: 2 is outside 3..=256",
        );
        refused(
            elmo(|elmo| elmo.cell_clip = Some(-1.)),
            "network.elmo.cell_clip: -1 is not above 0",
        );
        refused(
            |m| {
                m.network.words = Some(WordVectorConfig {
                    vocabulary: 0,
                    size: 300,
                });
            },
            "network.words.vocabulary: 0 is outside 1..=4194304",
        );
    }

    #[test]
    fn words_need_some_feature() {
        refused(
            |m| {
                m.network.encoder = None;
                m.network.characters = None;
                m.network.casing = false;
            },
            "network.encoder: with no characters and no casing nothing is left to embed a token",
        );
    }
}
