use proptest::prelude::*;

use super::*;
use crate::testing::{assert_gradient, assert_near, numbers};

/// The definition in f64, one query at a time.
fn reference(attention: &Attention, arguments: Arguments) -> Vec<f64> {
    let (heads, size, pieces) = (attention.heads, attention.size, attention.pieces);
    let at = |values: &[f32], window: usize, piece: usize, unit: usize| {
        f64::from(values[(window * pieces + piece) * heads * size + unit])
    };
    let mut output = vec![0.; arguments.query.len()];
    for (window, &length) in attention.lengths.iter().enumerate() {
        for head in 0..heads {
            let units = head * size..(head + 1) * size;
            for from in 0..length {
                let score = |to: usize| -> f64 {
                    let products = units.clone().map(|unit| {
                        at(arguments.query, window, from, unit)
                            * at(arguments.key, window, to, unit)
                    });
                    products.sum::<f64>() / (size as f64).sqrt()
                };
                let scores: Vec<f64> = (0..length).map(|to| score(to).exp()).collect();
                let total: f64 = scores.iter().sum();
                for (to, score) in scores.iter().enumerate() {
                    let slot = (window * heads + head) * pieces * pieces + from * length + to;
                    let keep = arguments.keep.map_or(1., |keep| f64::from(keep[slot]));
                    for unit in units.clone() {
                        output[(window * pieces + from) * heads * size + unit] +=
                            score / total * keep * at(arguments.value, window, to, unit);
                    }
                }
            }
        }
    }
    output
}

fn keep(count: usize) -> Vec<f32> {
    (0..count)
        .map(|i| if i % 5 == 2 { 0. } else { 1.25 })
        .collect()
}

proptest! {
    #[test]
    fn forward_agrees_with_the_definition(
        heads in 1usize..4,
        size in 1usize..9,
        lengths in prop::collection::vec(0usize..9, 0..4),
        drops: bool,
    ) {
        let attention = Attention { heads, size, pieces: 9, lengths: &lengths };
        let count = lengths.len() * 9 * heads * size;
        let [query, key, value] = [1, 2, 3].map(|seed| numbers(count, seed));
        let keep = keep(lengths.len() * heads * 81);
        let arguments = Arguments { query: &query, key: &key, value: &value, keep: drops.then_some(&keep[..]) };
        let attended = attention.forward(arguments).unwrap();
        assert_near(&attended.output, &reference(&attention, arguments), 1e-5);
    }
}

#[test]
fn backward_is_the_slope_of_the_definition() {
    let attention = Attention {
        heads: 2,
        size: 3,
        pieces: 5,
        lengths: &[5, 0, 3],
    };
    let count = 3 * 5 * 6;
    let [query, key, value, grad] = [1, 2, 3, 4].map(|seed| numbers(count, seed));
    let keep = keep(3 * 2 * 25);
    let arguments = Arguments {
        query: &query,
        key: &key,
        value: &value,
        keep: Some(&keep),
    };
    let weights = attention.forward(arguments).unwrap().weights;
    let found = attention.backward(arguments, &weights, &grad).unwrap();
    assert_gradient(&query, &grad, &found.query, |query| {
        reference(&attention, Arguments { query, ..arguments })
    });
    assert_gradient(&key, &grad, &found.key, |key| {
        reference(&attention, Arguments { key, ..arguments })
    });
    assert_gradient(&value, &grad, &found.value, |value| {
        reference(&attention, Arguments { value, ..arguments })
    });
}

#[test]
fn padding_is_neither_read_nor_written() {
    let attention = Attention {
        heads: 1,
        size: 2,
        pieces: 3,
        lengths: &[2],
    };
    let values = [0.5, 0.25, -0.5, 1., f32::NAN, f32::NAN];
    let arguments = Arguments {
        query: &values,
        key: &values,
        value: &values,
        keep: None,
    };
    let attended = attention.forward(arguments).unwrap();
    assert!(attended.output[..4].iter().all(|x| x.is_finite()));
    assert_eq!(attended.output[4..], [0., 0.]);
}

#[test]
fn what_does_not_fit_is_named() {
    let attention = Attention {
        heads: 1,
        size: 2,
        pieces: 3,
        lengths: &[4],
    };
    let arguments = Arguments {
        query: &[],
        key: &[],
        value: &[],
        keep: None,
    };
    let error = attention.forward(arguments).unwrap_err();
    assert_eq!(
        error.to_string(),
        "window 0 has 4 pieces, but the batch has 3"
    );
    let attention = Attention {
        lengths: &[3],
        ..attention
    };
    let error = attention.forward(arguments).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`query` has 0 elements, which is not the shape [1, 3, 1, 2]"
    );
}
