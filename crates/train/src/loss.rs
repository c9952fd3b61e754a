//! The joint loss L = L_NER + λ L_RE (Crone 2020, equation 8).

use std::ops::Range;

use candle_core::{Device, Result, Tensor};
use spanarc_corpus::TagScheme;
use spanarc_model::{
    batch::Batch,
    crf::Lattice,
    dropout::Dropout,
    embedding::encoder::MaskedLanguageHead,
    network::{DropoutRates, EntityHead, JointNetwork, TaskFeatures},
    relation::Mentions,
};

use crate::masking::MaskedPieces;

/// Gold annotations of a sentence in the network's terms.
#[derive(Debug, Clone, PartialEq)]
pub struct Gold {
    /// One tag a token.
    pub tags: Vec<usize>,
    /// Token range of each entity.
    pub spans: Vec<Range<usize>>,
    /// (head, tail, relation type), indices into `spans`.
    pub relations: Vec<(usize, usize, usize)>,
}

/// The two losses of a batch or of a part of it, each a sum over sentences, to be divided by the number of these in the
/// whole batch.
#[derive(Debug)]
pub struct Losses {
    /// Negative log-likelihood of the tags, or of masked pieces.
    pub nll: Tensor,
    /// Sentences.
    pub sentences: usize,
    /// Binary cross-entropy of the relations; none when no sentence has two mentions.
    pub re: Option<Tensor>,
    /// Sentences with two mentions or more.
    pub paired: usize,
}

/// What the losses of a run are computed with.
#[derive(Debug, Clone, Copy)]
pub struct LossSettings {
    /// Relation types that the network scores; 0 for no relation loss.
    pub relation_types: usize,
    /// Tag scheme of the network.
    pub scheme: TagScheme,
    /// Whether entities that the network itself finds, and gold lacks, are joined to those of gold where relations are
    /// scored. No relation holds of them, so that the scorer meets mentions as wrong as those that it will meet in use.
    pub predicted_mentions: bool,
    /// Dropout rates.
    pub rates: DropoutRates,
}

/// Runs the network and compares with gold, relations being scored between gold entities (and predicted ones where
/// that is set).
pub fn losses(
    network: &JointNetwork,
    settings: &LossSettings,
    batch: &Batch,
    gold: &[&Gold],
    dropout: &mut Dropout,
) -> Result<Losses> {
    let features = network.features(batch, settings.rates, dropout)?;
    let tags = gold.iter().map(|gold| gold.tags.clone()).collect();
    let nll = network.entity.crf.nll(&features.emissions, tags)?.sum(0)?;
    let (re, paired) = match relation_loss(network, settings, batch, gold, &features, dropout)? {
        Some((re, paired)) => (Some(re), paired),
        None => (None, 0),
    };
    Ok(Losses {
        nll,
        sentences: gold.len(),
        re,
        paired,
    })
}

/// The loss of one entity head alone. Relation layers do not run.
pub fn entity_losses(
    network: &JointNetwork,
    head: &EntityHead,
    rates: DropoutRates,
    batch: &Batch,
    gold: &[&Gold],
    dropout: &mut Dropout,
) -> Result<Losses> {
    let features = network.entity_features(batch, rates, dropout)?;
    let tags = gold.iter().map(|gold| gold.tags.clone()).collect();
    let nll = head.crf.nll(&head.emissions(&features)?, tags)?.sum(0)?;
    Ok(Losses {
        nll,
        sentences: gold.len(),
        re: None,
        paired: 0,
    })
}

/// The loss of a masked language model. Only the encoder runs.
pub(crate) fn masked_language_losses(
    network: &JointNetwork,
    head: &MaskedLanguageHead,
    rates: DropoutRates,
    batch: &Batch,
    masked: MaskedPieces,
    dropout: &mut Dropout,
) -> Result<Losses> {
    let states = network
        .embedding()
        .piece_states(batch, rates.encoder, dropout)?;
    let width = states.dim(1)?;
    let places = masked.places.iter().map(|(row, place)| row * width + place);
    let count = masked.ids.len();
    let indices = |values: Vec<u32>| Tensor::from_vec(values, count, batch.device());
    let places = indices(places.map(|place| place as u32).collect())?;
    let states = states.flatten_to(1)?.index_select(&places, 0)?;
    Ok(Losses {
        nll: head.nll(&states, &indices(masked.ids)?)?.sum(0)?,
        sentences: batch.size(),
        re: None,
        paired: 0,
    })
}

/// Per sentence the cross-entropies of all ordered pairs and types, summed and divided by the number of gold entities
/// (the sum over pairs alone would let crowded sentences rule); their sum, and the number of sentences that have a pair.
fn relation_loss(
    network: &JointNetwork,
    settings: &LossSettings,
    batch: &Batch,
    gold: &[&Gold],
    features: &TaskFeatures,
    dropout: &mut Dropout,
) -> Result<Option<(Tensor, usize)>> {
    if settings.relation_types == 0 {
        return Ok(None);
    }
    let mistaken = match settings.predicted_mentions {
        true => mistaken(network, settings.scheme, &features.emissions, gold)?,
        false => vec![Vec::new(); gold.len()],
    };
    let (mentions, targets, weights) = relation_targets(
        settings.relation_types,
        batch.tokens,
        gold.iter().copied().zip(&mistaken),
    );
    if mentions.pairs.is_empty() {
        return Ok(None);
    }
    let logits = network.relation_logits(features, &mentions, settings.rates, dropout)?;
    let pairs = weights.len();
    let targets = Tensor::from_vec(targets, (pairs, settings.relation_types), logits.device())?;
    let weights = Tensor::from_vec(weights, (pairs, 1), logits.device())?;
    let entropy = cross_entropy_with_logits(&logits, &targets)?;
    let paired = gold
        .iter()
        .zip(&mistaken)
        .filter(|(gold, mistaken)| gold.spans.len() + mistaken.len() > 1);
    Ok(Some((
        entropy.broadcast_mul(&weights)?.sum_all()?,
        paired.count(),
    )))
}

/// An entity: its tokens and the tag of the last of them.
type Mention = (Range<usize>, usize);

/// Per sentence the entities that the network finds now and gold lacks, by boundaries or by type.
fn mistaken(
    network: &JointNetwork,
    scheme: TagScheme,
    emissions: &Tensor,
    gold: &[&Gold],
) -> Result<Vec<Vec<Mention>>> {
    let transitions = network.entity.crf.decoder(Some(scheme))?;
    let emissions = emissions.to_device(&Device::Cpu)?;
    let of_sentence = |(sentence, gold): (usize, &&Gold)| {
        let emissions = emissions.get(sentence)?.narrow(0, 0, gold.tags.len())?;
        let emissions = emissions.flatten_all()?.to_vec1()?;
        let tags = Lattice::new(&transitions, &emissions).viterbi();
        let right = scheme.decode(&gold.tags);
        let found = scheme.decode(&tags).into_iter();
        Ok(found
            .filter(|entity| !right.contains(entity))
            .map(|(_, span)| (span.start..span.end, tags[span.end - 1]))
            .collect())
    };
    gold.iter().enumerate().map(of_sentence).collect()
}

/// Gold entities and mistaken ones of a batch padded to `tokens`, whether each type holds of each of their pairs
/// (`[pairs, relation types]`, row-major), and each pair's weight in the loss.
fn relation_targets<'a>(
    relation_types: usize,
    tokens: usize,
    sentences: impl Iterator<Item = (&'a Gold, &'a Vec<Mention>)>,
) -> (Mentions, Vec<f32>, Vec<f32>) {
    let mut mentions = Mentions::default();
    let (mut targets, mut weights) = (Vec::new(), Vec::new());
    for (sentence, (gold, mistaken)) in sentences.enumerate() {
        let (first_mention, first_pair) = (mentions.spans.len(), mentions.pairs.len());
        let offset = sentence * tokens;
        let right = (gold.spans.iter()).map(|span| (span.clone(), gold.tags[span.end - 1]));
        let all = right.chain(mistaken.iter().cloned());
        mentions.add_sentence(
            all.map(|(span, last_tag)| (offset + span.start..offset + span.end, last_tag)),
        );
        for (head, tail) in &mentions.pairs[first_pair..] {
            let holds = |relation: &usize| {
                gold.relations
                    .contains(&(head - first_mention, tail - first_mention, *relation))
            };
            targets
                .extend((0..relation_types).map(|relation| f32::from(u8::from(holds(&relation)))));
            weights.push(1. / gold.spans.len().max(1) as f32);
        }
    }
    (mentions, targets, weights)
}

/// Element-wise −y ln σ(x) − (1−y) ln(1−σ(x)) as max(x, 0) − x y + ln(1 + e^−|x|), which never overflows.
fn cross_entropy_with_logits(logits: &Tensor, targets: &Tensor) -> Result<Tensor> {
    let softplus = (logits.abs()?.neg()?.exp()? + 1.)?.log()?;
    (logits.relu()? - (logits * targets)?)? + softplus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predicted_mentions_add_pairs_of_which_nothing_holds() {
        let gold = [
            Gold {
                tags: vec![1, 0, 3, 0],
                spans: vec![0..1, 2..3],
                relations: vec![(1, 0, 1)],
            },
            Gold {
                tags: vec![0, 0],
                spans: Vec::new(),
                relations: Vec::new(),
            },
        ];
        let targets = |mistaken: &[Vec<Mention>]| relation_targets(2, 4, gold.iter().zip(mistaken));
        let (alone, holds, weights) = targets(&[Vec::new(), Vec::new()]);
        assert_eq!(alone.pairs, [(0, 1), (1, 0)]);
        assert_eq!(holds, [0., 0., 0., 1.]);
        assert_eq!(weights, [0.5, 0.5]);

        let (joined, holds, weights) = targets(&[vec![(3..4, 1)], vec![(0..1, 1), (1..2, 3)]]);
        assert_eq!(joined.spans, [0..1, 2..3, 3..4, 4..5, 5..6]);
        assert_eq!(joined.last_tags, [1, 3, 1, 1, 3]);
        assert_eq!(joined.pairs.len(), 6 + 2);
        for (pair, holds) in joined.pairs.iter().zip(holds.chunks(2)) {
            let expected = if *pair == (1, 0) { [0., 1.] } else { [0., 0.] };
            assert_eq!(holds, expected, "{pair:?}");
        }
        assert_eq!(weights, [[0.5; 6].as_slice(), &[1.; 2]].concat());
    }

    #[test]
    fn cross_entropy_agrees_with_its_definition_and_stays_finite() -> Result<()> {
        let logits = Tensor::new(&[0f32, 2., -3., 200., -200.], &Device::Cpu)?;
        let targets = Tensor::new(&[1f32, 0., 1., 1., 1.], &Device::Cpu)?;
        let losses = cross_entropy_with_logits(&logits, &targets)?.to_vec1::<f32>()?;
        let expected = [std::f32::consts::LN_2, 2.126_928, 3.048_587, 0., 200.];
        for (loss, expected) in losses.iter().zip(expected) {
            assert!((loss - expected).abs() < 1e-5, "{losses:?}");
        }
        Ok(())
    }
}
