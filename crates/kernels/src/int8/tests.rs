use proptest::prelude::*;

use super::*;
use crate::testing::{assert_near, numbers};

/// Weights in −127..=127, the extremes among them.
fn weights(count: usize, seed: usize) -> Vec<i8> {
    let extreme = |index: usize| (index + seed).is_multiple_of(5);
    numbers(count, seed)
        .into_iter()
        .enumerate()
        .map(|(index, x)| if extreme(index) { x.signum() * 127. } else { x * 127. } as i8)
        .collect()
}

fn scales(count: usize) -> Vec<f32> {
    numbers(count, 9).iter().map(|x| x.abs() * 1e-2).collect()
}

/// The definition in f64, of weights in f64 and activations that are not quantised.
fn definition(xs: &[f32], values: &[i8], scales: &[f32], bias: &[f32], inputs: usize) -> Vec<f64> {
    let rows = xs.chunks_exact(inputs.max(1));
    let product = |row: &[f32], output: usize| -> f64 {
        let weights = &values[output * inputs..][..inputs];
        let products = row.iter().zip(weights);
        let sum: f64 = products.map(|(x, w)| f64::from(*x) * f64::from(*w)).sum();
        sum * f64::from(scales[output]) + f64::from(bias[output])
    };
    rows.flat_map(|row| (0..bias.len()).map(move |output| product(row, output)))
        .collect()
}

/// Rows that are what they are quantised to: steps of 1 between 0 and 127, both ends present.
fn exact_rows(rows: usize, inputs: usize) -> Vec<f32> {
    let mut xs: Vec<f32> = numbers(rows * inputs, 4)
        .iter()
        .map(|x| (x.abs() * 127.).round())
        .collect();
    for row in xs.chunks_exact_mut(inputs) {
        (row[0], row[inputs - 1]) = (0., 127.);
    }
    xs
}

proptest! {
    #[test]
    fn all_kernels_give_the_same_bits(
        rows in 0usize..19, inputs in 1usize..90, outputs in 0usize..150, seed in 0usize..1000,
    ) {
        let (values, scales) = (weights(outputs * inputs, seed), scales(outputs));
        let matrix = Matrix::new(&values, &scales, outputs, inputs).unwrap();
        let (xs, bias) = (numbers(rows * inputs, seed), numbers(outputs, seed + 1));
        let xs = Rows::quantise(&xs, inputs);
        let products: Vec<Vec<f32>> = kernels()
            .iter()
            .map(|kernel| {
                let mut ys = vec![f32::NAN; rows * outputs];
                matrix.product_by(kernel, &xs, &bias, &mut ys).unwrap();
                ys
            })
            .collect();
        for (kernel, product) in kernels().iter().zip(&products) {
            prop_assert_eq!(product, products.last().unwrap(), "{}", kernel.name);
        }
    }

    #[test]
    fn what_needs_no_rounding_is_exact(rows in 1usize..9, inputs in 2usize..40, outputs in 1usize..40) {
        let (values, scales) = (weights(outputs * inputs, 1), vec![1.; outputs]);
        let matrix = Matrix::new(&values, &scales, outputs, inputs).unwrap();
        let (xs, bias) = (exact_rows(rows, inputs), vec![0.5; outputs]);
        let ys = matrix.affine(&xs, &bias).unwrap();
        let expected = definition(&xs, &values, &scales, &bias, inputs);
        prop_assert_eq!(ys.into_iter().map(f64::from).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_product_is_as_near_as_half_a_step_of_every_activation_allows(
        rows in 1usize..9, inputs in 1usize..200, outputs in 1usize..40, shift in -3f32..3.,
    ) {
        let (values, scales) = (weights(outputs * inputs, 3), scales(outputs));
        let matrix = Matrix::new(&values, &scales, outputs, inputs).unwrap();
        let xs: Vec<f32> = numbers(rows * inputs, 5).iter().map(|x| x + shift).collect();
        let bias = numbers(outputs, 6);
        let ys = matrix.affine(&xs, &bias).unwrap();
        let expected = definition(&xs, &values, &scales, &bias, inputs);
        for (index, (y, expected)) in ys.iter().zip(expected).enumerate() {
            let output = index % outputs;
            let magnitudes = values[output * inputs..][..inputs].iter();
            let magnitude: f32 = magnitudes.map(|value| f32::from(*value).abs()).sum();
            // The row's range is below 2.
            let bound = f64::from(magnitude * scales[output] / 127.) + 1e-3;
            prop_assert!((f64::from(*y) - expected).abs() < bound, "{y} is not {expected} within {bound}");
        }
    }

    #[test]
    fn side_by_side_is_one_after_the_other(inputs in 1usize..30, left in 0usize..40, right in 0usize..40) {
        let part = |outputs: usize, seed| {
            Matrix::new(&weights(outputs * inputs, seed), &scales(outputs), outputs, inputs).unwrap()
        };
        let (left, right) = (part(left, 1), part(right, 2));
        let joined = Matrix::side_by_side(&[&left, &right]).unwrap();
        let xs = numbers(3 * inputs, 7);
        let all = joined.affine(&xs, &vec![0.; joined.outputs()]).unwrap();
        let left_ys = left.affine(&xs, &vec![0.; left.outputs()]).unwrap();
        let right_ys = right.affine(&xs, &vec![0.; right.outputs()]).unwrap();
        for row in 0..3 {
            let own = |ys: &[f32], matrix: &Matrix| ys[row * matrix.outputs()..][..matrix.outputs()].to_vec();
            prop_assert_eq!(own(&all, &joined), [own(&left_ys, &left), own(&right_ys, &right)].concat());
        }
    }

    #[test]
    fn attention_agrees_with_the_kernel_of_training(
        heads in 1usize..4, size in 1usize..40, lengths in prop::collection::vec(0usize..40, 1..4),
    ) {
        let pieces = lengths.iter().copied().max().unwrap_or(0);
        let (hidden, rows) = (heads * size, lengths.len() * pieces);
        let qkv = numbers(rows * 3 * hidden, 8);
        let part = |part: usize| -> Vec<f32> {
            let rows = qkv.chunks_exact(3 * hidden);
            rows.flat_map(|row| row[part * hidden..][..hidden].to_vec()).collect()
        };
        let (query, key, value) = (part(0), part(1), part(2));
        let arguments = crate::attention::Arguments { query: &query, key: &key, value: &value, keep: None };
        let expected = crate::attention::Attention { heads, size, pieces, lengths: &lengths }
            .forward(arguments)
            .unwrap();
        let expected: Vec<f64> = expected.output.into_iter().map(f64::from).collect();
        assert_near(&attention(&qkv, heads, size, pieces, &lengths).unwrap(), &expected, 1e-5);
    }
}

#[test]
fn rows_without_a_range_are_exact() {
    let matrix = Matrix::new(&weights(32, 1), &[1., 0.], 2, 16).unwrap();
    for constant in [0., -3., 1e-30] {
        let ys = matrix.affine(&[constant; 16], &[0.25, 0.5]).unwrap();
        let expected = definition(
            &[constant; 16],
            &weights(32, 1),
            &[1., 0.],
            &[0.25, 0.5],
            16,
        );
        assert_near(&ys, &expected, 1e-6);
    }
}

#[test]
fn the_largest_sums_do_not_overflow() {
    let inputs = 4096;
    let mut xs = vec![127.; inputs];
    xs[0] = 0.;
    for sign in [127, -127] {
        let matrix = Matrix::new(&vec![sign; inputs], &[1.], 1, inputs).unwrap();
        let expected = f64::from(sign) * 127. * (inputs - 1) as f64;
        assert_near(&matrix.affine(&xs, &[0.]).unwrap(), &[expected], 1e-6);
    }
}

#[test]
fn arguments_that_do_not_fit_are_named() {
    let error = Matrix::new(&[0; 5], &[1.; 2], 2, 3).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`values` has 5 elements, which is not the shape [2, 3]"
    );
    let error = Matrix::new(&[0, -128], &[1.], 1, 2).unwrap_err();
    assert_eq!(
        error.to_string(),
        "weight 1 is −128; int8 weights are −127 to 127"
    );
    let long = Matrix::new(&vec![0; 200_000], &[1.], 1, 200_000).unwrap_err();
    assert_eq!(long, Int8Error::TooLong(200_000));
    let matrix = Matrix::new(&[1; 6], &[1.; 2], 2, 3).unwrap();
    assert!(matrix.affine(&[0.; 4], &[0.; 2]).is_err());
    assert!(matrix.affine(&[0.; 3], &[0.; 3]).is_err());
}

fn affine(outputs: usize, inputs: usize, seed: usize) -> Affine {
    let matrix = Matrix::new(
        &weights(outputs * inputs, seed),
        &scales(outputs),
        outputs,
        inputs,
    );
    Affine {
        weight: std::sync::Arc::new(matrix.unwrap()),
        bias: numbers(outputs, seed + 1),
    }
}

fn norm(size: usize, seed: usize) -> Norm {
    Norm {
        weight: numbers(size, seed),
        bias: numbers(size, seed + 1),
        eps: 1e-12,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn an_encoder_layer_is_its_parts_one_after_the_other(
        heads in 1usize..4, size in 1usize..20, lengths in prop::collection::vec(1usize..12, 1..4), seed in 0usize..99,
    ) {
        let hidden = heads * size;
        let (wide, pieces) = (hidden + 3, lengths.iter().copied().max().unwrap_or(0));
        let layer = EncoderLayer {
            qkv: affine(3 * hidden, hidden, seed),
            attended: affine(hidden, hidden, seed + 2),
            attended_norm: norm(hidden, seed + 3),
            intermediate: affine(wide, hidden, seed + 4),
            output: affine(hidden, wide, seed + 5),
            output_norm: norm(hidden, seed + 6),
            heads,
        };
        let xs = numbers(lengths.len() * pieces * hidden, seed + 7);
        let product = |affine: &Affine, xs: &[f32]| affine.weight.affine(xs, &affine.bias).unwrap();
        let sum_and_norm = |norm: &Norm, a: &[f32], b: &[f32]| {
            let sum: Vec<f32> = a.iter().zip(b).map(|(a, b)| a + b).collect();
            crate::layer_norm::LayerNorm { size: hidden, eps: norm.eps }
                .forward(&sum, &norm.weight, &norm.bias)
                .unwrap()
        };
        let context = attention(&product(&layer.qkv, &xs), heads, size, pieces, &lengths).unwrap();
        let attended = sum_and_norm(&layer.attended_norm, &product(&layer.attended, &context), &xs);
        let widened = crate::gelu::forward(&product(&layer.intermediate, &attended));
        let expected = sum_and_norm(&layer.output_norm, &product(&layer.output, &widened), &attended);
        // Twice, so that what a call leaves behind would show.
        for _ in 0..2 {
            let ys = layer.forward(&xs, pieces, &lengths).unwrap();
            for (window, length) in lengths.iter().enumerate() {
                let valid = window * pieces * hidden..(window * pieces + length) * hidden;
                prop_assert_eq!(&ys[valid.clone()], &expected[valid]);
            }
        }
    }

    #[test]
    fn a_recurrent_layer_is_near_its_twin_in_f32(
        lstm: bool, input in 1usize..30, hidden in 1usize..30, lengths in prop::collection::vec(0usize..9, 1..4), seed in 0usize..99,
    ) {
        use crate::recurrent::{Cell, Direction, Recurrence, Weights};
        let (cell, steps) = (if lstm { Cell::Lstm } else { Cell::Gru }, lengths.iter().copied().max().unwrap_or(0));
        let gates = cell.gates() * hidden;
        let scales = scales(2 * gates);
        let values = |inputs: usize, seed| weights(2 * gates * inputs, seed);
        let (w_ih, w_hh, bias) = (values(input, seed), values(hidden, seed + 1), numbers(2 * gates, seed + 2));
        let part = |values: &[i8], inputs: usize, from: usize, to: usize| Affine {
            weight: std::sync::Arc::new(
                Matrix::new(&values[from * inputs..to * inputs], &scales[from..to], to - from, inputs).unwrap(),
            ),
            bias: bias[from..to].to_vec(),
        };
        let layer = BiRnn {
            cell,
            input: part(&w_ih, input, 0, 2 * gates),
            state: [part(&w_hh, hidden, 0, gates), part(&w_hh, hidden, gates, 2 * gates)],
        };
        let xs = numbers(lengths.len() * steps * input, seed + 3);
        let ys = layer.forward(&xs, steps, &lengths).unwrap();
        let float = |values: &[i8], inputs: usize| -> Vec<f32> {
            let scaled = values.chunks_exact(inputs).zip(&scales);
            scaled.flat_map(|(row, scale)| row.iter().map(move |value| f32::from(*value) * scale)).collect()
        };
        let (w_ih, w_hh) = (float(&w_ih, input), float(&w_hh, hidden));
        for (index, direction) in [Direction::Forward, Direction::Backward].into_iter().enumerate() {
            let rows = index * gates..(index + 1) * gates;
            let shape = crate::affine::Affine { rows: lengths.len() * steps, input, output: gates };
            let own = &w_ih[rows.start * input..rows.end * input];
            let projected = shape.forward(&xs, own, &bias[rows.clone()]).unwrap();
            let recurrent = Weights { w_hh: &w_hh[rows.start * hidden..rows.end * hidden], b_hh: &bias[rows] };
            let states = Recurrence { cell, direction, hidden, steps, lengths: &lengths }
                .forward(&projected, recurrent)
                .unwrap();
            for (row, states) in states.chunks_exact(hidden).enumerate() {
                let own = &ys[row * 2 * hidden + index * hidden..][..hidden];
                for (y, state) in own.iter().zip(states) {
                    // Half a step in each of up to 60 inputs of a gate with weights below 1.28.
                    prop_assert!((y - state).abs() < 0.1, "{y} is not {state}");
                }
            }
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
/// An assembler gives other bytes for the same text only if one of them is wrong.
#[test]
fn the_relaxed_module_is_its_text() {
    let assembled = wat::parse_str(include_str!("strip/wasm/relaxed.wat")).unwrap();
    assert!(
        assembled == include_bytes!("strip/wasm/relaxed.wasm"),
        "assemble it anew: wasm-tools parse relaxed.wat -o relaxed.wasm"
    );
}
