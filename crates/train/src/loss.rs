//! The joint loss L = L_NER + λ L_RE (Crone 2020, equation 8).

use candle_core::{DType, Result, Tensor};
use spanarc_model::{
    batch::Batch,
    dropout::Dropout,
    network::{DropoutRates, JointNetwork, TaskFeatures},
    relation::Mentions,
};

/// Gold annotations of a sentence in the network's terms.
#[derive(Debug, Clone, PartialEq)]
pub struct Gold {
    /// One tag a token.
    pub tags: Vec<usize>,
    /// Token range of each entity.
    pub spans: Vec<std::ops::Range<usize>>,
    /// (head, tail, relation type), indices into `spans`.
    pub relations: Vec<(usize, usize, usize)>,
}

/// The two losses of a batch, each a mean over sentences.
#[derive(Debug)]
pub struct Losses {
    /// Negative log-likelihood of the tags.
    pub ner: Tensor,
    /// Binary cross-entropy of the relations; none when no sentence has two entities.
    pub re: Option<Tensor>,
}

/// Runs the network and compares with gold, relations being scored between gold entities.
pub fn losses(
    network: &JointNetwork,
    relation_types: usize,
    batch: &Batch,
    gold: &[&Gold],
    rates: DropoutRates,
    dropout: &mut Dropout,
) -> Result<Losses> {
    let features = network.features(batch, rates, dropout)?;
    let tags = gold.iter().map(|gold| gold.tags.clone()).collect();
    let ner = network.crf.nll(&features.emissions, tags)?.mean(0)?;
    let re = match relation_types {
        0 => None,
        _ => relation_loss(
            network,
            relation_types,
            batch,
            gold,
            &features,
            rates,
            dropout,
        )?,
    };
    Ok(Losses { ner, re })
}

/// Per sentence the cross-entropies of all ordered pairs and types, summed and divided by the number of entities;
/// then the mean over sentences that have a pair. (The sum over pairs alone would let crowded sentences rule.)
fn relation_loss(
    network: &JointNetwork,
    relation_types: usize,
    batch: &Batch,
    gold: &[&Gold],
    features: &TaskFeatures,
    rates: DropoutRates,
    dropout: &mut Dropout,
) -> Result<Option<Tensor>> {
    let mut mentions = Mentions::default();
    let (mut targets, mut weights) = (Vec::new(), Vec::new());
    let paired = gold.iter().filter(|gold| gold.spans.len() > 1).count();
    for (sentence, gold) in gold.iter().enumerate() {
        let (first_mention, first_pair) = (mentions.spans.len(), mentions.pairs.len());
        let offset = sentence * batch.tokens;
        mentions.add_sentence(gold.spans.iter().map(|span| {
            (
                offset + span.start..offset + span.end,
                gold.tags[span.end - 1],
            )
        }));
        for (head, tail) in &mentions.pairs[first_pair..] {
            let holds = |relation: &usize| {
                gold.relations
                    .contains(&(head - first_mention, tail - first_mention, *relation))
            };
            targets
                .extend((0..relation_types).map(|relation| f32::from(u8::from(holds(&relation)))));
            weights.push(1. / (gold.spans.len() * paired) as f32);
        }
    }
    if mentions.pairs.is_empty() {
        return Ok(None);
    }
    let logits = network.relation_logits(features, &mentions, rates, dropout)?;
    let pairs = weights.len();
    let targets = Tensor::from_vec(targets, (pairs, relation_types), logits.device())?;
    let weights = Tensor::from_vec(weights, (pairs, 1), logits.device())?.to_dtype(DType::F32)?;
    let entropy = cross_entropy_with_logits(&logits, &targets)?;
    Ok(Some(entropy.broadcast_mul(&weights)?.sum_all()?))
}

/// Element-wise −y ln σ(x) − (1−y) ln(1−σ(x)) as max(x, 0) − x y + ln(1 + e^−|x|), which never overflows.
fn cross_entropy_with_logits(logits: &Tensor, targets: &Tensor) -> Result<Tensor> {
    let softplus = (logits.abs()?.neg()?.exp()? + 1.)?.log()?;
    (logits.relu()? - (logits * targets)?)? + softplus
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

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
