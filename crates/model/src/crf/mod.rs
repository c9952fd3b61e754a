//! Linear-chain conditional random field over tags (Lafferty et al. 2001; Lample et al. 2016, equation 1).

pub mod lattice;
mod likelihood;

use candle_core::{Device, Result, Tensor};
use candle_nn::{Init, VarBuilder};
use spanarc_corpus::TagScheme;

pub use lattice::{Lattice, Transitions};
use likelihood::NegativeLogLikelihood;

/// Scores of tag sequences: start, transitions, end.
#[derive(Debug, Clone)]
pub struct Crf {
    tags: usize,
    start: Tensor,
    end: Tensor,
    transitions: Tensor,
}

impl Crf {
    /// Parameters `start [tags]`, `end [tags]` and `transitions [tags from, tags to]`.
    pub fn new(tags: usize, vb: VarBuilder) -> Result<Self> {
        let init = Init::Uniform { lo: -0.1, up: 0.1 };
        Ok(Self {
            tags,
            start: vb.get_with_hints(tags, "start", init)?,
            end: vb.get_with_hints(tags, "end", init)?,
            transitions: vb.get_with_hints((tags, tags), "transitions", init)?,
        })
    }

    /// −log P(tags | emissions) of each sentence, `[batch]`, on the CPU or where the emissions are.
    ///
    /// `emissions` is `[batch, tokens, tags]`; each of `tags` holds one tag a token of its sentence.
    pub fn nll(&self, emissions: &Tensor, tags: Vec<Vec<usize>>) -> Result<Tensor> {
        let parameters = Tensor::cat(
            &[
                &self.transitions,
                &self.start.unsqueeze(0)?,
                &self.end.unsqueeze(0)?,
            ],
            0,
        )?;
        #[cfg(feature = "cuda")]
        if crate::gpu::takes(emissions) && crate::gpu::takes_tags(self.tags) {
            return crate::gpu::negative_log_likelihood(emissions, &parameters, tags);
        }
        // The chain is short and narrow: on a GPU its steps would be launches of nothing.
        let cpu = |xs: &Tensor| xs.to_device(&Device::Cpu)?.contiguous();
        let op = NegativeLogLikelihood::new(self.tags, tags);
        cpu(emissions)?.apply_op2(&cpu(&parameters)?, op)
    }

    /// The parameters as numbers, for decoding. `scheme` forbids what it does not allow; `None` allows everything.
    pub fn decoder(&self, scheme: Option<TagScheme>) -> Result<Transitions> {
        let mut transitions = Transitions::new(
            self.start.to_vec1()?,
            self.end.to_vec1()?,
            self.transitions.flatten_all()?.to_vec1()?,
        );
        if let Some(scheme) = scheme {
            transitions.restrict(|from, to| scheme.allows(from, to));
        }
        Ok(transitions)
    }
}
