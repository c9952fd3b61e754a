//! Parts of the network on two devices: what they give and their gradients, at the sizes of a real network.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use spanarc_model::{
    config::{Cell, EncoderConfig, EncoderKind, LayerChoice, PiecePooling},
    crf::Crf,
    dropout::Dropout,
    embedding::encoder::Encoder,
    linear::Linear,
    recurrent::BiRnn,
};
use spanarc_train::seeded_vars::SeededVars;

/// Largest difference of a number, relative to the largest of its tensor.
const TOLERANCE: f32 = 2e-4;

/// What rounding alone may leave: the gradient of a bias of keys, which softmax takes no notice of, is nothing else.
const ROUNDING: f32 = 2e-6;

type Values = BTreeMap<String, Vec<f32>>;

/// Numbers in ±1 that follow from `seed`.
fn numbers(shape: &[usize], seed: u32, device: &Device) -> Tensor {
    let mut state = seed;
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.
        })
        .collect();
    Tensor::from_vec(values, shape, device).unwrap()
}

/// What `operation` gives, and the gradients of a weighted sum of it by its parameters and by what it is given.
fn values_and_gradients(
    device: &Device,
    input: &[usize],
    operation: impl Fn(VarBuilder, &Tensor) -> candle_core::Result<Tensor>,
) -> Values {
    let vars = SeededVars::new(11, device);
    let vb = vars.var_builder();
    let xs = candle_core::Var::from_tensor(&numbers(input, 1, device)).unwrap();
    let ys = operation(vb, &xs).unwrap();
    let weighted = (&ys * numbers(ys.dims(), 2, device)).unwrap();
    let gradients = weighted.sum_all().unwrap().backward().unwrap();
    let values = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1().unwrap();
    let mut found = Values::from([("value".to_owned(), values(&ys))]);
    for (name, var) in vars.trainable() {
        if let Some(gradient) = gradients.get(&var) {
            found.insert(name, values(gradient));
        }
    }
    if let Some(gradient) = gradients.get(&xs) {
        found.insert("input".to_owned(), values(gradient));
    }
    found
}

fn all(device: &Device) -> BTreeMap<String, Values> {
    let mut found = BTreeMap::new();
    for (cell, hidden) in [
        (Cell::Gru, 32),
        (Cell::Gru, 64),
        (Cell::Gru, 128),
        (Cell::Lstm, 32),
        (Cell::Lstm, 64),
        (Cell::Lstm, 40),
        (Cell::Gru, 300),
        (Cell::Lstm, 300),
    ] {
        let lengths = [17, 3, 0, 9];
        let layers = values_and_gradients(device, &[4, 17, 24], |vb, xs| {
            BiRnn::new(cell, 24, hidden, vb)?.forward(xs, &lengths)
        });
        found.insert(format!("{cell:?} of {hidden}"), layers);
    }
    let affine = |vb: VarBuilder, xs: &Tensor| Linear::new(70, 33, vb)?.forward(xs);
    found.insert(
        "affine".into(),
        values_and_gradients(device, &[5, 11, 70], affine),
    );
    let drop = |_: VarBuilder, xs: &Tensor| {
        let mut dropout = Dropout::stream(3, 5);
        // An odd number of draws first, so that what follows begins within a block of the generator.
        let first = dropout.apply(&xs.narrow(0, 0, 7)?, 0.3)?;
        Tensor::cat(&[first, dropout.apply(xs, 0.35)?], 0)
    };
    found.insert(
        "dropout".into(),
        values_and_gradients(device, &[5_003], drop),
    );
    let gold = || vec![vec![3, 0, 16, 2, 2, 9], vec![5], vec![0, 0, 1, 16]];
    let crf = |vb: VarBuilder, xs: &Tensor| Crf::new(17, vb)?.nll(xs, gold())?.to_device(device);
    found.insert("CRF".into(), values_and_gradients(device, &[3, 6, 17], crf));
    let config = |kind| EncoderConfig {
        kind,
        vocabulary: 50,
        positions: 64,
        hidden: 96,
        layers: 2,
        heads: 3,
        intermediate: 200,
        layer_norm_eps: 1e-12,
        lowercase: true,
        pooling: PiecePooling::First,
        output: LayerChoice::Last,
        casing_embedding: true,
    };
    for (kind, rate) in [
        (EncoderKind::Bert, 0.),
        (EncoderKind::Bert, 0.1),
        (EncoderKind::Mpnet, 0.1),
    ] {
        let lengths = [37, 64, 1];
        let encoder = |vb: VarBuilder, _: &Tensor| {
            let ids = Tensor::from_iter((0..3 * 64).map(|at| at * 7 % 50u32), device)?
                .reshape((3, 64))?;
            let encoder = Encoder::new(&config(kind), vb)?;
            let mut dropout = Dropout::seeded(4);
            let states = encoder.forward(&ids, &ids.zeros_like()?, &lengths, rate, &mut dropout)?;
            let rows = lengths.iter().enumerate();
            let within = rows.map(|(row, &length)| states[2].get(row)?.narrow(0, 0, length));
            Tensor::cat(&within.collect::<candle_core::Result<Vec<_>>>()?, 0)
        };
        let name = format!("{} with dropout {rate}", kind.name());
        found.insert(name, values_and_gradients(device, &[1], encoder));
    }
    found
}

/// Fails where a part of the network is not the same on both.
pub(crate) fn assert_near(device: &Device, other: &Device) {
    let (ours, theirs) = (all(device), all(other));
    let mut wrong = Vec::new();
    for (operation, values) in &ours {
        assert!(values.keys().eq(theirs[operation].keys()), "{operation}");
        for (name, some) in values {
            let others = &theirs[operation][name];
            assert_eq!(some.len(), others.len(), "{operation}: {name}");
            let largest = some.iter().fold(0f32, |most, value| most.max(value.abs()));
            let distance = |(a, b): (&f32, &f32)| match a.is_finite() && b.is_finite() {
                true => (a - b).abs(),
                false => f32::INFINITY,
            };
            let furthest = some.iter().zip(others).map(distance).fold(0., f32::max);
            if furthest > TOLERANCE * largest + ROUNDING {
                wrong.push(format!(
                    "{operation}: {name} by {furthest}, largest {largest}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "apart:\n{}", wrong.join("\n"));
}
