//! The CRF's loss as one differentiable operation: the gradient is marginals minus gold, which the forward and
//! backward sums give exactly, so nothing is recorded step by step.

use candle_core::{CpuStorage, CustomOp2, Device, Layout, Result, Shape, Tensor, bail};

use super::lattice::{Lattice, Transitions};

/// Maps emissions `[batch, tokens, tags]` and parameters `[tags + 2, tags]` (transitions, start, end) to `[batch]`.
pub(super) struct NegativeLogLikelihood {
    tags: usize,
    gold: Vec<Vec<usize>>,
}

impl NegativeLogLikelihood {
    pub(super) fn new(tags: usize, gold: Vec<Vec<usize>>) -> Self {
        Self { tags, gold }
    }

    fn transitions(&self, parameters: &[f32]) -> Transitions {
        let square = self.tags * self.tags;
        let row = |start: usize| parameters[start..start + self.tags].to_vec();
        Transitions::new(
            row(square),
            row(square + self.tags),
            parameters[..square].to_vec(),
        )
    }

    fn check(&self, emissions: &Shape, parameters: &Shape) -> Result<(usize, usize)> {
        let (batch, tokens, tags) = emissions.dims3()?;
        if tags != self.tags
            || parameters.dims() != [self.tags + 2, self.tags]
            || batch != self.gold.len()
        {
            bail!(
                "crf: emissions {emissions:?}, parameters {parameters:?}, {} gold sentences",
                self.gold.len()
            );
        }
        for (sentence, gold) in self.gold.iter().enumerate() {
            if gold.is_empty() || gold.len() > tokens || gold.iter().any(|tag| *tag >= tags) {
                bail!(
                    "crf: sentence {sentence} has {} gold tags for {tokens} tokens of {tags} tags",
                    gold.len()
                );
            }
        }
        Ok((batch, tokens))
    }
}

fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => bail!("crf: the input is not contiguous"),
    }
}

impl CustomOp2 for NegativeLogLikelihood {
    fn name(&self) -> &'static str {
        "crf-negative-log-likelihood"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (batch, tokens) = self.check(l1.shape(), l2.shape())?;
        let emissions = contiguous(s1, l1)?;
        let transitions = self.transitions(contiguous(s2, l2)?);
        let losses = self.gold.iter().enumerate().map(|(sentence, gold)| {
            let lattice = Lattice::new(
                &transitions,
                &emissions[sentence * tokens * self.tags..][..gold.len() * self.tags],
            );
            (lattice.log_partition() - lattice.score(gold)) as f32
        });
        Ok((CpuStorage::F32(losses.collect()), Shape::from(batch)))
    }

    fn bwd(
        &self,
        arg1: &Tensor,
        arg2: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (_, tokens) = self.check(arg1.shape(), arg2.shape())?;
        let emissions = arg1.flatten_all()?.to_vec1::<f32>()?;
        let transitions = self.transitions(&arg2.flatten_all()?.to_vec1::<f32>()?);
        let weights = grad.to_vec1::<f32>()?;
        let (tags, square) = (self.tags, self.tags * self.tags);
        let mut of_emissions = vec![0f32; emissions.len()];
        let mut of_parameters = vec![0f64; square + 2 * tags];
        for (sentence, gold) in self.gold.iter().enumerate() {
            let start = sentence * tokens * tags;
            let lattice = Lattice::new(&transitions, &emissions[start..start + gold.len() * tags]);
            let weight = f64::from(weights[sentence]);
            let last = gold.len() - 1;
            for (token, gold_tag) in gold.iter().enumerate() {
                for tag in 0..tags {
                    let surplus = weight
                        * (lattice.marginal(token, tag) - f64::from(u8::from(tag == *gold_tag)));
                    of_emissions[start + token * tags + tag] = surplus as f32;
                    if token == 0 {
                        of_parameters[square + tag] += surplus;
                    }
                    if token == last {
                        of_parameters[square + tags + tag] += surplus;
                    } else {
                        for to in 0..tags {
                            of_parameters[tag * tags + to] +=
                                weight * lattice.step_marginal(token, tag, to);
                        }
                    }
                }
            }
            for pair in gold.windows(2) {
                of_parameters[pair[0] * tags + pair[1]] -= weight;
            }
        }
        let of_parameters: Vec<f32> = of_parameters
            .into_iter()
            .map(|value| value as f32)
            .collect();
        Ok((
            Some(Tensor::from_vec(of_emissions, arg1.shape(), &Device::Cpu)?),
            Some(Tensor::from_vec(of_parameters, arg2.shape(), &Device::Cpu)?),
        ))
    }
}
