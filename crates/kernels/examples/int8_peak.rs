//! Billions of operations a second (a multiplication and an addition being two) of every int8 kernel that this machine
//! runs, over the products of a small encoder: `cargo run --release -p spanarc-kernels --example int8_peak`.

use std::time::Instant;

use spanarc_kernels::int8::{Int8Error, Matrix, Rows, kernels};

/// Rows, inputs and outputs: queries, keys and values, the feed-forward part, and a step of a recurrent layer.
const SHAPES: [[usize; 3]; 4] = [
    [39, 384, 1152],
    [39, 384, 1536],
    [39, 1536, 384],
    [1, 256, 768],
];

const ROUNDS: usize = 200;

fn main() -> Result<(), Int8Error> {
    for [count, inputs, outputs] in SHAPES {
        let number = |index: usize| (index * 7919 % 255) as f32 / 127. - 1.;
        let values: Vec<i8> = (0..inputs * outputs)
            .map(|index| (number(index) * 127.) as i8)
            .collect();
        let matrix = Matrix::new(&values, &vec![0.01; outputs], outputs, inputs)?;
        let xs: Vec<f32> = (0..count * inputs).map(number).collect();
        let (rows, bias) = (Rows::quantise(&xs, inputs), vec![0.; outputs]);
        let mut ys = vec![0.; count * outputs];
        for kernel in kernels() {
            let mut least = f64::INFINITY;
            for _ in 0..ROUNDS {
                let start = Instant::now();
                matrix.product_by(&kernel, &rows, &bias, &mut ys)?;
                least = least.min(start.elapsed().as_secs_f64());
            }
            let operations = 2. * (count * inputs * outputs) as f64;
            println!(
                "[{count}, {inputs}] · [{inputs}, {outputs}] {:>12}: {:7.1} GOP/s, {:.1} µs",
                kernel.name,
                operations / least / 1e9,
                least * 1e6
            );
        }
    }
    Ok(())
}
