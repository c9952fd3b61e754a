//! The int8 kernels in a browser: each against the scalar twin, and the fastest one there.
#![cfg(target_arch = "wasm32")]
// Clippy does not know that these are tests.
#![allow(clippy::unwrap_used)]

use spanarc_kernels::int8::{Matrix, Rows, kernels, prepare};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
fn the_browser_of_the_tests_has_the_relaxed_dot_product() {
    assert_eq!(prepare().name, "wasm-relaxed");
}

#[wasm_bindgen_test]
fn all_kernels_give_the_same_bits() {
    prepare();
    let number = |index: usize, seed: usize| ((index * 7919 + seed * 31) % 255) as i32 - 127;
    assert_eq!(kernels().len(), 3);
    for (count, inputs, outputs) in [
        (0, 5, 7),
        (1, 1, 1),
        (1, 256, 768),
        (2, 33, 17),
        (3, 384, 50),
        (5, 30, 129),
        (39, 384, 96),
        (70, 13, 33),
    ] {
        let values: Vec<i8> = (0..inputs * outputs)
            .map(|index| number(index, 1) as i8)
            .collect();
        let scales: Vec<f32> = (0..outputs).map(|index| index as f32 * 1e-3).collect();
        let matrix = Matrix::new(&values, &scales, outputs, inputs).unwrap();
        let xs: Vec<f32> = (0..count * inputs)
            .map(|index| number(index, 2) as f32 * 0.01)
            .collect();
        let (rows, bias) = (Rows::quantise(&xs, inputs), vec![0.5; outputs]);
        let products: Vec<Vec<f32>> = kernels()
            .iter()
            .map(|kernel| {
                let mut ys = vec![f32::NAN; count * outputs];
                matrix.product_by(kernel, &rows, &bias, &mut ys).unwrap();
                ys
            })
            .collect();
        for (kernel, product) in kernels().iter().zip(&products) {
            assert!(
                product == products.last().unwrap(),
                "{} at {count} x {inputs} x {outputs}",
                kernel.name
            );
        }
    }
}
