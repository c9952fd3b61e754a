//! Limits on metadata, so that no size in it can make the network allocate without bound or divide by zero.

use std::collections::HashSet;

use spanarc_corpus::LabelSchema;

use super::{BundleError, BundleMetadata};
use crate::config::NetworkConfig;

/// Widest layer that is read.
const WIDTH: usize = 1 << 14;
/// Deepest stack that is read.
const DEPTH: usize = 64;
/// Most rows of an embedding that are read.
const ROWS: usize = 1 << 22;
/// Most labels of a kind that are read.
const LABELS: usize = 1 << 10;

/// Checks that metadata describes a network that can be built.
pub(super) fn validate(metadata: &BundleMetadata) -> Result<(), BundleError> {
    if !(0. ..=1.).contains(&metadata.relation_threshold) {
        return Err(refuse(
            "relation_threshold",
            format!("{} is outside 0 to 1", metadata.relation_threshold),
        ));
    }
    labels(&metadata.schema)?;
    network(&metadata.network)
}

fn refuse(field: impl Into<String>, reason: impl Into<String>) -> BundleError {
    BundleError::Metadata {
        field: field.into(),
        reason: reason.into(),
    }
}

fn within(field: &str, value: usize, least: usize, most: usize) -> Result<(), BundleError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(refuse(
            field,
            format!("{value} is outside {least} to {most}"),
        ))
    }
}

fn labels(schema: &LabelSchema) -> Result<(), BundleError> {
    let entity_types = schema
        .entity_types
        .iter()
        .map(|label| (&label.name, &label.color));
    let relation_types = schema
        .relation_types
        .iter()
        .map(|label| (&label.name, &label.color));
    named_and_coloured("schema.entity_types", entity_types)?;
    named_and_coloured("schema.relation_types", relation_types)?;
    for (index, relation) in schema.relation_types.iter().enumerate() {
        for name in relation
            .signatures
            .iter()
            .flat_map(|signature| [&signature.head, &signature.tail])
        {
            if !schema.entity_types.iter().any(|label| label.name == *name) {
                return Err(refuse(
                    format!("schema.relation_types[{index}].signatures"),
                    format!("no entity type is called `{name}`"),
                ));
            }
        }
    }
    Ok(())
}

fn named_and_coloured<'a>(
    field: &str,
    labels: impl ExactSizeIterator<Item = (&'a String, &'a String)>,
) -> Result<(), BundleError> {
    if labels.len() == 0 || labels.len() > LABELS {
        return Err(refuse(
            field,
            format!("{} labels, outside 1 to {LABELS}", labels.len()),
        ));
    }
    let mut names = HashSet::new();
    for (index, (name, color)) in labels.enumerate() {
        if name.is_empty() {
            return Err(refuse(format!("{field}[{index}].name"), "is empty"));
        }
        if !names.insert(name) {
            return Err(refuse(
                format!("{field}[{index}].name"),
                format!("`{name}` occurs twice"),
            ));
        }
        // Pages put colours into style sheets: nothing but a colour may pass.
        let digits = color.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refuse(
                format!("{field}[{index}].color"),
                format!("`{color}` is not #rrggbb"),
            ));
        }
    }
    Ok(())
}

fn network(config: &NetworkConfig) -> Result<(), BundleError> {
    if let Some(encoder) = &config.encoder {
        within("network.encoder.vocabulary", encoder.vocabulary, 1, ROWS)?;
        within("network.encoder.hidden", encoder.hidden, 1, WIDTH)?;
        within("network.encoder.layers", encoder.layers, 0, DEPTH)?;
        within("network.encoder.heads", encoder.heads, 1, encoder.hidden)?;
        within(
            "network.encoder.intermediate",
            encoder.intermediate,
            1,
            WIDTH,
        )?;
        within("network.encoder.positions", encoder.positions, 1, ROWS)?;
        if encoder.hidden % encoder.heads != 0 {
            return Err(refuse(
                "network.encoder.heads",
                format!(
                    "{} heads do not divide {} hidden units",
                    encoder.heads, encoder.hidden
                ),
            ));
        }
        if !(encoder.layer_norm_eps > 0. && encoder.layer_norm_eps < 1.) {
            return Err(refuse(
                "network.encoder.layer_norm_eps",
                format!("{} is outside 0 to 1", encoder.layer_norm_eps),
            ));
        }
    }
    if let Some(characters) = &config.characters {
        within(
            "network.characters.alphabet",
            characters.alphabet.chars().count(),
            0,
            ROWS,
        )?;
        within(
            "network.characters.embedding",
            characters.embedding,
            1,
            WIDTH,
        )?;
        within("network.characters.hidden", characters.hidden, 1, WIDTH)?;
        within(
            "network.characters.word_length",
            characters.word_length,
            1,
            1 << 10,
        )?;
    }
    if config.encoder.is_none() && config.characters.is_none() && !config.casing {
        return Err(refuse(
            "network",
            "no encoder, no characters and no casing: words have no features",
        ));
    }
    within("network.hidden", config.hidden, 1, WIDTH)?;
    within("network.shared_layers", config.shared_layers, 0, DEPTH)?;
    within("network.ner_layers", config.ner_layers, 0, DEPTH)?;
    within("network.re_layers", config.re_layers, 0, DEPTH)?;
    within(
        "network.ner_feed_forward",
        config.ner_feed_forward,
        1,
        WIDTH,
    )?;
    within(
        "network.relation.label_embedding",
        config.relation.label_embedding,
        0,
        WIDTH,
    )?;
    within(
        "network.relation.feed_forward",
        config.relation.feed_forward,
        1,
        WIDTH,
    )?;
    within(
        "network.relation.context",
        config.relation.context,
        0,
        WIDTH,
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::samples::metadata;
    use super::*;

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
    fn labels_must_exist_and_be_distinct() {
        refused(
            |m| m.schema.entity_types.clear(),
            "schema.entity_types: 0 labels, outside 1 to 1024",
        );
        refused(
            |m| m.schema.entity_types[1].name = "Peop".into(),
            "schema.entity_types[1].name: `Peop` occurs twice",
        );
        refused(
            |m| m.schema.relation_types[0].name.clear(),
            "schema.relation_types[0].name: is empty",
        );
    }

    #[test]
    fn a_colour_is_nothing_but_a_colour() {
        refused(
            |m| m.schema.entity_types[0].color = "#12345".into(),
            "schema.entity_types[0].color: `#12345` is not #rrggbb",
        );
        refused(
            |m| m.schema.entity_types[0].color = "url(x)".into(),
            "schema.entity_types[0].color: `url(x)` is not #rrggbb",
        );
    }

    #[test]
    fn signatures_name_entity_types() {
        refused(
            |m| m.schema.relation_types[0].signatures[0].tail = "Town".into(),
            "schema.relation_types[0].signatures: no entity type is called `Town`",
        );
    }

    #[test]
    fn sizes_are_bounded() {
        refused(
            |m| m.network.hidden = usize::MAX,
            &format!("network.hidden: {} is outside 1 to 16384", usize::MAX),
        );
        refused(
            |m| m.network.hidden = 0,
            "network.hidden: 0 is outside 1 to 16384",
        );
        refused(
            |m| m.network.re_layers = 1000,
            "network.re_layers: 1000 is outside 0 to 64",
        );
        refused(
            |m| m.network.characters.as_mut().unwrap().word_length = 1 << 40,
            "network.characters.word_length: 1099511627776 is outside 1 to 1024",
        );
    }

    #[test]
    fn heads_divide_the_hidden_units() {
        refused(
            |m| m.network.encoder.as_mut().unwrap().heads = 3,
            "network.encoder.heads: 3 heads do not divide 4 hidden units",
        );
        refused(
            |m| m.network.encoder.as_mut().unwrap().heads = 0,
            "network.encoder.heads: 0 is outside 1 to 4",
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
            "network: no encoder, no characters and no casing: words have no features",
        );
    }
}
