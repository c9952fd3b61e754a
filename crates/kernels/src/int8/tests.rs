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
        let expected = definition(&[constant; 16], &weights(32, 1), &[1., 0.], &[0.25, 0.5], 16);
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
    assert_eq!(error.to_string(), "`values` has 5 elements, which is not the shape [2, 3]");
    let error = Matrix::new(&[0, -128], &[1.], 1, 2).unwrap_err();
    assert_eq!(error.to_string(), "weight 1 is −128; int8 weights are −127 to 127");
    let long = Matrix::new(&vec![0; 200_000], &[1.], 1, 200_000).unwrap_err();
    assert_eq!(long, Int8Error::TooLong(200_000));
    let matrix = Matrix::new(&[1; 6], &[1.; 2], 2, 3).unwrap();
    assert!(matrix.affine(&[0.; 4], &[0.; 2]).is_err());
    assert!(matrix.affine(&[0.; 3], &[0.; 3]).is_err());
}
