//! The arithmetic of a sentence, from the network's configuration: multiplications and additions, each counted as one.

use spanarc_model::config::NetworkConfig;

/// What a sentence asks of the network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lengths {
    /// Words.
    pub(crate) words: usize,
    /// Word pieces, `[CLS]` and `[SEP]` included.
    pub(crate) pieces: usize,
    /// Characters of its distinct words.
    pub(crate) characters: usize,
}

/// Operations of each part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Operations {
    /// Products of the encoder with its weights.
    pub(crate) encoder: f64,
    /// Products of activations with each other: attention.
    pub(crate) attention: f64,
    /// BiRNNs, that over characters among them.
    pub(crate) recurrent: f64,
    /// What follows them, without what depends on the number of entities.
    pub(crate) heads: f64,
}

impl Operations {
    /// All parts together.
    pub(crate) fn total(&self) -> f64 {
        self.encoder + self.attention + self.recurrent + self.heads
    }
}

/// The operations of one sentence.
pub(crate) fn operations(config: &NetworkConfig, lengths: Lengths) -> Operations {
    let Lengths {
        words,
        pieces,
        characters,
    } = lengths;
    let (mut encoder, mut attention) = (0, 0);
    if let Some(config) = &config.encoder {
        let hidden = config.hidden;
        let of_a_piece = 4 * hidden * hidden + 2 * hidden * config.intermediate;
        encoder = config.layers * pieces * of_a_piece;
        attention = config.layers * 2 * pieces * pieces * hidden;
    }
    let gates = match config.cell {
        spanarc_model::config::Cell::Gru => 3,
        spanarc_model::config::Cell::Lstm => 4,
    };
    let of_a_step = |input: usize, hidden: usize| 2 * gates * hidden * (input + hidden);
    let mut recurrent = config.characters.as_ref().map_or(0, |config| {
        characters * of_a_step(config.embedding, config.hidden)
    });
    let both = 2 * config.hidden;
    let stack = |input: usize, layers: usize| match layers {
        0 => 0,
        layers => of_a_step(input, config.hidden) + (layers - 1) * of_a_step(both, config.hidden),
    };
    let embedded = config.embedding_size();
    let shared = if config.shared_layers == 0 {
        embedded
    } else {
        both
    };
    recurrent += words
        * (stack(embedded, config.shared_layers)
            + stack(shared, config.ner_layers)
            + stack(shared, config.re_layers));
    let width = |layers| if layers == 0 { shared } else { both };
    let heads = words
        * (width(config.ner_layers) * config.ner_feed_forward
            + width(config.re_layers) * config.relation.context);
    let twice = |products: usize| 2. * products as f64;
    Operations {
        encoder: twice(encoder),
        attention: twice(attention),
        recurrent: twice(recurrent),
        heads: twice(heads),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> NetworkConfig {
        let text = r#"{
            "encoder": {"vocabulary": 10, "hidden": 4, "layers": 2, "heads": 2, "intermediate": 8, "positions": 8,
                        "layer_norm_eps": 1e-12, "lowercase": true, "pooling": "mean", "output": "last", "casing_embedding": false},
            "characters": {"alphabet": "ab", "embedding": 3, "hidden": 2, "word_length": 5},
            "casing": false, "cell": "gru", "hidden": 5, "shared_layers": 1, "ner_layers": 0, "re_layers": 2,
            "ner_feed_forward": 6, "scheme": "bio",
            "relation": {"label_embedding": 2, "feed_forward": 3, "pool_mention": false, "context": 7}
        }"#;
        serde_json::from_str(text).expect("a configuration")
    }

    #[test]
    fn operations_are_those_of_each_product_counted_by_hand() {
        let lengths = Lengths {
            words: 3,
            pieces: 6,
            characters: 11,
        };
        let found = operations(&config(), lengths);
        // Two layers, six pieces: four products of 4 × 4 and two of 4 × 8.
        assert_eq!(found.encoder, 2. * 2. * 6. * (64. + 64.));
        // Queries with keys and weights with values.
        assert_eq!(found.attention, 2. * 2. * (36. * 4. + 36. * 4.));
        let character_steps = 11. * 2. * 3. * 2. * (3. + 2.);
        let steps = |input: f64| 2. * 3. * 5. * (input + 5.);
        let word_steps = 3. * (steps(8.) + steps(10.) + steps(10.));
        assert_eq!(found.recurrent, 2. * (character_steps + word_steps));
        assert_eq!(found.heads, 2. * 3. * (10. * 6. + 10. * 7.));
    }
}
