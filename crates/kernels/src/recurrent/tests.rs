use super::*;
use proptest::prelude::*;

/// A layer and a batch with reproducible numbers.
#[derive(Debug, Clone)]
struct Case {
    cell: Cell,
    direction: Direction,
    hidden: usize,
    steps: usize,
    lengths: Vec<usize>,
    projected: Vec<f32>,
    w_hh: Vec<f32>,
    b_hh: Vec<f32>,
    grad_output: Vec<f32>,
}

impl Case {
    fn new(
        cell: Cell,
        direction: Direction,
        hidden: usize,
        steps: usize,
        lengths: Vec<usize>,
    ) -> Self {
        let (gates, batch) = (cell.gates() * hidden, lengths.len());
        let spread = 1.5 / (hidden.max(1) as f32).sqrt();
        Self {
            projected: numbers(batch * steps * gates, 1, 2.0),
            w_hh: numbers(gates * hidden, 2, spread),
            b_hh: numbers(gates, 3, 0.5),
            grad_output: numbers(batch * steps * hidden, 4, 1.0),
            cell,
            direction,
            hidden,
            steps,
            lengths,
        }
    }

    fn recurrence(&self) -> Recurrence<'_> {
        Recurrence {
            cell: self.cell,
            direction: self.direction,
            hidden: self.hidden,
            steps: self.steps,
            lengths: &self.lengths,
        }
    }

    fn weights(&self) -> Weights<'_> {
        Weights {
            w_hh: &self.w_hh,
            b_hh: &self.b_hh,
        }
    }

    fn forward(&self) -> Vec<f32> {
        self.recurrence()
            .forward(&self.projected, self.weights())
            .unwrap()
    }

    fn backward(&self) -> Gradients {
        let output = self.forward();
        self.recurrence()
            .backward(&self.projected, self.weights(), &output, &self.grad_output)
            .unwrap()
    }
}

/// Numbers in `-spread..spread` from a multiplicative congruential generator.
fn numbers(count: usize, seed: u64, spread: f32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * spread
    };
    (0..count).map(|_| next()).collect()
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}

fn assert_close(name: &str, actual: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(actual.len(), expected.len(), "{name}");
    for (index, (a, b)) in actual.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() <= tolerance * (1.0 + b.abs()),
            "{name}[{index}]: {a} is not {b}"
        );
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let cell = prop_oneof![Just(Cell::Gru), Just(Cell::Lstm)];
    let direction = prop_oneof![Just(Direction::Forward), Just(Direction::Backward)];
    let lengths =
        (0usize..=9).prop_flat_map(|steps| (Just(steps), prop::collection::vec(0..=steps, 0..6)));
    (cell, direction, 1usize..=40, lengths).prop_map(
        |(cell, direction, hidden, (steps, lengths))| {
            Case::new(cell, direction, hidden, steps, lengths)
        },
    )
}

proptest! {
    #[test]
    fn states_agree_with_the_scalar_twin(case in cases()) {
        let expected: Vec<f32> =
            reference::forward(&case.recurrence(), &wide(&case.projected), &wide(&case.w_hh), &wide(&case.b_hh))
                .into_iter()
                .map(|x| x as f32)
                .collect();
        assert_close("output", &case.forward(), &expected, 5e-6);
    }

    #[test]
    fn gradients_agree_with_the_scalar_twin(case in cases()) {
        let expected = reference::backward(
            &case.recurrence(),
            &wide(&case.projected),
            &wide(&case.w_hh),
            &wide(&case.b_hh),
            &wide(&case.grad_output),
        );
        let actual = case.backward();
        assert_close("projected", &actual.projected, &expected.projected, 5e-5);
        assert_close("w_hh", &actual.w_hh, &expected.w_hh, 5e-5);
        assert_close("b_hh", &actual.b_hh, &expected.b_hh, 5e-5);
    }

    #[test]
    fn a_sequence_alone_and_in_a_batch_agree(case in cases()) {
        let (width, gates) = (case.steps * case.hidden, case.steps * case.recurrence().gates());
        let together = case.forward();
        for sequence in 0..case.lengths.len() {
            let lengths = [case.lengths[sequence]];
            let alone = Recurrence { lengths: &lengths, ..case.recurrence() }
                .forward(&case.projected[sequence * gates..][..gates], case.weights())
                .unwrap();
            assert_close("state", &together[sequence * width..][..width], &alone, 2e-6);
        }
    }
}

/// The gradients are slopes of the twin's own forward pass, so that an error shared by both backward passes shows.
#[test]
fn gradients_are_the_slopes_of_the_loss() {
    for cell in [Cell::Gru, Cell::Lstm] {
        for direction in [Direction::Forward, Direction::Backward] {
            let case = Case::new(cell, direction, 3, 4, vec![2, 4, 0, 3]);
            let arguments = [wide(&case.projected), wide(&case.w_hh), wide(&case.b_hh)];
            let loss = |arguments: &[Vec<f64>; 3]| -> f64 {
                let [projected, w_hh, b_hh] = arguments;
                let output = reference::forward(&case.recurrence(), projected, w_hh, b_hh);
                output
                    .iter()
                    .zip(&case.grad_output)
                    .map(|(y, &g)| y * f64::from(g))
                    .sum()
            };
            let gradients = case.backward();
            for (which, analytic) in [gradients.projected, gradients.w_hh, gradients.b_hh]
                .iter()
                .enumerate()
            {
                for (index, &slope) in analytic.iter().enumerate() {
                    let shifted = |by: f64| {
                        let mut arguments = arguments.clone();
                        arguments[which][index] += by;
                        loss(&arguments)
                    };
                    let expected = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
                    assert!(
                        (f64::from(slope) - expected).abs() < 1e-5,
                        "{cell:?} {direction:?}, argument {which}, element {index}: {slope} is not {expected}",
                    );
                }
            }
        }
    }
}

#[test]
fn padding_is_never_read_and_stays_zero() {
    for cell in [Cell::Gru, Cell::Lstm] {
        for direction in [Direction::Forward, Direction::Backward] {
            let clean = Case::new(cell, direction, 5, 6, vec![4, 0, 6, 1]);
            let mut dirty = clean.clone();
            let gates = clean.recurrence().gates();
            for (sequence, &length) in clean.lengths.iter().enumerate() {
                let rows = sequence * clean.steps + length..(sequence + 1) * clean.steps;
                dirty.projected[rows.start * gates..rows.end * gates].fill(f32::NAN);
                dirty.grad_output[rows.start * clean.hidden..rows.end * clean.hidden]
                    .fill(f32::NAN);
                let padding = &clean.forward()[rows.start * clean.hidden..rows.end * clean.hidden];
                assert!(padding.iter().all(|&x| x == 0.0));
                let padding = &clean.backward().projected[rows.start * gates..rows.end * gates];
                assert!(padding.iter().all(|&x| x == 0.0));
            }
            assert_eq!(clean.forward(), dirty.forward());
            assert_eq!(clean.backward(), dirty.backward());
        }
    }
}

#[test]
fn an_argument_of_the_wrong_size_is_named() {
    let case = Case::new(Cell::Gru, Direction::Forward, 2, 3, vec![3, 1]);
    let short = &case.projected[1..];
    let error = case
        .recurrence()
        .forward(short, case.weights())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`projected` has 35 elements, which is not the shape [2, 3, 6]"
    );

    let weights = Weights {
        w_hh: &case.w_hh[2..],
        b_hh: &case.b_hh,
    };
    let error = case
        .recurrence()
        .forward(&case.projected, weights)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`w_hh` has 10 elements, which is not the shape [6, 2]"
    );

    let error = case
        .recurrence()
        .backward(&case.projected, case.weights(), &[], &case.grad_output)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`output` has 0 elements, which is not the shape [2, 3, 2]"
    );
}

#[test]
fn a_sequence_longer_than_the_batch_is_named() {
    let mut case = Case::new(Cell::Lstm, Direction::Backward, 2, 3, vec![3, 1]);
    case.lengths[1] = 4;
    let error = case
        .recurrence()
        .forward(&case.projected, case.weights())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "sequence 1 is 4 steps long, but the batch has 3 steps"
    );
}

#[test]
fn a_shape_beyond_the_address_space_is_refused() {
    let recurrence = Recurrence {
        cell: Cell::Gru,
        direction: Direction::Forward,
        hidden: usize::MAX / 2,
        steps: 1,
        lengths: &[1],
    };
    let error = recurrence
        .forward(
            &[],
            Weights {
                w_hh: &[],
                b_hh: &[],
            },
        )
        .unwrap_err();
    assert!(matches!(
        error,
        RecurrentError::Size(SizeError { name: "w_hh", .. })
    ));
}
