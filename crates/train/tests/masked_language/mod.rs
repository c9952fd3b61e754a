//! A masked language model's head on some states, and how far two computations of it are apart.

use candle_core::{Device, Tensor, backprop::GradStore};
use candle_nn::Init;
use spanarc_model::embedding::encoder::MaskedLanguageHead;
use spanarc_train::seeded_vars::SeededVars;

/// Largest difference of a number, relative to the largest of its tensor.
const TOLERANCE: f32 = 1e-4;

/// Likelihoods, and gradients of their sum, by name.
pub(crate) struct MaskedLanguage(Vec<(&'static str, Vec<f32>)>);

impl MaskedLanguage {
    /// With embeddings of pieces that are trained. What they give when these are frozen must be the same, without a gradient
    /// of them.
    pub(crate) fn new(device: &Device) -> Self {
        let vars = SeededVars::new(3, device);
        let vb = vars.var_builder();
        let drawn = |rows, name| {
            let init = Init::Randn {
                mean: 0.,
                stdev: 1.,
            };
            vb.get_with_hints((rows, 8), name, init).unwrap()
        };
        let (pieces, states) = (drawn(40, "pieces"), drawn(5, "states"));
        let ids = Tensor::new(&[0u32, 39, 7, 7, 20], device).unwrap();
        let predict = |pieces: &Tensor| -> (Vec<f32>, GradStore) {
            let head = MaskedLanguageHead::new(pieces, 1e-12, vb.pp("head")).unwrap();
            let nll = head.nll(&states, &ids).unwrap();
            let gradients = nll.sum_all().unwrap().backward().unwrap();
            (values(&nll), gradients)
        };
        let (nll, gradients) = predict(&pieces);
        let bias = vb.get(40, "head.bias").unwrap();
        let gradient = |of: &Tensor| values(gradients.get(of).unwrap());

        let (nll_of_frozen, of_frozen) = predict(&pieces.detach());
        assert_eq!(nll_of_frozen, nll);
        for trained in [&states, &bias] {
            assert_eq!(values(of_frozen.get(trained).unwrap()), gradient(trained));
        }
        assert!(of_frozen.get(&pieces).is_none());
        Self(vec![
            ("likelihoods", nll),
            ("states", gradient(&states)),
            ("pieces", gradient(&pieces)),
            ("bias", gradient(&bias)),
        ])
    }

    pub(crate) fn assert_near(&self, other: &Self) {
        for ((name, some), (_, others)) in self.0.iter().zip(&other.0) {
            let largest = some.iter().fold(0f32, |most, value| most.max(value.abs()));
            assert_eq!(some.len(), others.len(), "{name}");
            for (one, other) in some.iter().zip(others) {
                assert!(
                    (one - other).abs() <= TOLERANCE * largest,
                    "{name}: {one}, {other}"
                );
            }
        }
    }
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}
