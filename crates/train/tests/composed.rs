//! What a GPU runs, run on the CPU: the compositions of Candle's operations in place of the fused kernels.
//!
//! The switch holds for the whole process, so that this is the only test in its program.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

mod one_step;

use candle_core::{DType, Tensor};
use candle_nn::VarBuilder;
use one_step::{assert_same_predictions, configurations, step};
use spanarc_model::{
    config::{EncoderConfig, LayerChoice, PiecePooling},
    embedding::encoder::MaskedLanguageHead,
    host,
};
use spanarc_train::{Device, seeded_vars::SeededVars};

#[test]
fn a_step_without_the_fused_kernels_is_the_same_step() {
    let cpu = Device::Cpu;
    for config in configurations() {
        let fused = step(&config, &cpu);
        let expected = fused.predictions(&cpu);
        host::leave_out_kernels(true);
        let composed = step(&config, &cpu);
        let found = fused.predictions(&cpu);
        host::leave_out_kernels(false);
        fused.assert_near(&composed, &config.name);
        assert_same_predictions(&expected, &found, &config.name);
    }
    // No step of these guesses hidden words.
    let fused = guess();
    host::leave_out_kernels(true);
    let composed = guess();
    host::leave_out_kernels(false);
    assert_eq!(fused.len(), 4);
    for ((name, fused), (_, composed)) in fused.iter().zip(&composed) {
        let largest = fused.iter().fold(0f32, |most, value| most.max(value.abs()));
        for (one, other) in fused.iter().zip(composed) {
            assert!(
                (one - other).abs() <= 1e-4 * largest,
                "{name}: {one}, {other}"
            );
        }
    }
}

/// What the head of a masked language model says of some places, and the gradients of its sum.
fn guess() -> Vec<(&'static str, Vec<f32>)> {
    let shape = EncoderConfig {
        vocabulary: 40,
        hidden: 8,
        layers: 1,
        heads: 1,
        intermediate: 8,
        positions: 8,
        layer_norm_eps: 1e-12,
        lowercase: true,
        pooling: PiecePooling::Mean,
        output: LayerChoice::Last,
        casing_embedding: false,
    };
    let vars = SeededVars::new(3, &Device::Cpu);
    let vb: VarBuilder = vars.var_builder();
    let drawn = |rows, name| {
        let init = candle_nn::Init::Randn {
            mean: 0.,
            stdev: 1.,
        };
        vb.get_with_hints((rows, 8), name, init).unwrap()
    };
    let (pieces, states) = (drawn(40, "pieces"), drawn(5, "states"));
    let head = MaskedLanguageHead::new(&shape, &pieces, vb.pp("head")).unwrap();
    let ids = Tensor::new(&[0u32, 39, 7, 7, 20], &Device::Cpu).unwrap();
    let nll = head.nll(&states, &ids).unwrap();
    assert_eq!(nll.dtype(), DType::F32);
    let gradients = nll.sum_all().unwrap().backward().unwrap();
    let values = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1().unwrap();
    let gradient = |tensor: &Tensor| values(gradients.get(tensor).unwrap());
    let bias = vb.get(40, "head.bias").unwrap();
    vec![
        ("likelihoods", values(&nll)),
        ("states", gradient(&states)),
        ("pieces", gradient(&pieces)),
        ("bias", gradient(&bias)),
    ]
}
