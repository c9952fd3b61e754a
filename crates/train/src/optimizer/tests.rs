use candle_core::{Device, Result, Tensor, Var};

use super::{AdamW, BTreeMap, OptimizerError, ParameterGroup};

fn var(values: &[f32]) -> Var {
    Var::from_slice(values, values.len(), &Device::Cpu).unwrap()
}

fn group(learning_rate: f64, weight_decay: f64, vars: &[(&str, &Var)]) -> ParameterGroup {
    let vars = vars
        .iter()
        .map(|&(name, var)| (name.to_string(), var.clone()))
        .collect();
    ParameterGroup {
        learning_rate,
        weight_decay,
        vars,
    }
}

/// Σ 0.3 w² + Σ wᵢ bᵢ over the first two, and late · w₀ where `late` counts.
fn loss(w: &Tensor, b: &Tensor, late: Option<&Tensor>) -> Result<Tensor> {
    let loss = ((w.sqr()?.sum_all()? * 0.3)? + (w.narrow(0, 0, 2)? * b)?.sum_all()?)?;
    match late {
        Some(late) => loss + (late * w.narrow(0, 0, 1)?)?.sum_all()?,
        None => Ok(loss),
    }
}

fn assert_near(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < 2e-6, "{found:?}, expected {expected:?}");
    }
}

/// Two groups, a schedule, clipping to a norm of 1, and a parameter that gets its first gradient in the third step, as
/// PyTorch's `AdamW` and `clip_grad_norm_` have them.
#[test]
fn five_steps_agree_with_pytorch() {
    let expected = [
        (
            3.241_913,
            [0.947_5, -1.945, 0.448_75, 2.942_5, 0.095, -0.095, 1.],
        ),
        (
            3.146_926,
            [
                0.842_831_7,
                -1.835_275,
                0.346_787,
                2.827_762,
                0.085_007,
                -0.084_999_5,
                1.,
            ],
        ),
        (
            3.412_951,
            [
                0.767_973_7,
                -1.753_923_3,
                0.272_574_6,
                2.742_552_5,
                0.077_598,
                -0.077_550_1,
                0.992_5,
            ],
        ),
        (
            3.257_395,
            [
                0.717_397_5,
                -1.700_041_4,
                0.224_600_2,
                2.686_031_3,
                0.072_696_6,
                -0.072_597_3,
                0.987_507_4,
            ],
        ),
        (
            3.154_485,
            [
                0.691_827_8,
                -1.673_206_2,
                0.201_341_6,
                2.657_844_5,
                0.070_261,
                -0.070_124_1,
                0.985_016,
            ],
        ),
    ];
    let (w, b, late) = (var(&[1., -2., 0.5, 3.]), var(&[0.1, -0.1]), var(&[1.]));
    let groups = vec![
        group(0.1, 0.05, &[("w", &w)]),
        group(0.01, 0., &[("b", &b), ("late", &late)]),
    ];
    let mut optimizer = AdamW::new(groups).unwrap();
    for (step, (factor, (norm, weights))) in [0.5, 1., 0.75, 0.5, 0.25]
        .into_iter()
        .zip(expected)
        .enumerate()
    {
        let grads = loss(&w, &b, (step >= 2).then_some(late.as_tensor()))
            .unwrap()
            .backward()
            .unwrap();
        let found = optimizer.step(&[grads], factor, Some(1.)).unwrap();
        assert!((found - norm).abs() < 1e-5, "norm {found}, expected {norm}");
        let all = Tensor::cat(&[w.as_tensor(), b.as_tensor(), late.as_tensor()], 0).unwrap();
        assert_near(&all.to_vec1::<f32>().unwrap(), &weights);
    }
}

#[test]
fn the_fused_and_the_composed_step_agree() {
    let start: Vec<f32> = (0..40_000).map(|i| (i as f32 * 0.7).sin()).collect();
    let (fused, composed) = (
        var(&start),
        Var::from_tensor(&var(&start).to_dtype(super::DType::F64).unwrap()).unwrap(),
    );
    let mut both =
        [&fused, &composed].map(|var| AdamW::new(vec![group(0.01, 0.1, &[("w", var)])]).unwrap());
    for _ in 0..5 {
        for (optimizer, var) in both.iter_mut().zip([&fused, &composed]) {
            let loss = (var.sqr().unwrap() * var.as_tensor())
                .unwrap()
                .mean_all()
                .unwrap();
            optimizer
                .step(&[loss.backward().unwrap()], 1., Some(0.5))
                .unwrap();
        }
    }
    let composed: Vec<f32> = composed
        .to_dtype(super::DType::F32)
        .unwrap()
        .to_vec1()
        .unwrap();
    assert_near(&fused.to_vec1::<f32>().unwrap(), &composed);
}

#[test]
fn a_resumed_run_continues_bit_for_bit() {
    let run = |interrupted: bool| {
        let (mut w, mut b) = (var(&[1., -2., 0.5, 3.]), var(&[0.1, -0.1]));
        let fresh =
            |w: &Var, b: &Var| AdamW::new(vec![group(0.1, 0.05, &[("w", w), ("b", b)])]).unwrap();
        let mut optimizer = fresh(&w, &b);
        for step in 0..6 {
            if interrupted && step == 3 {
                let state = optimizer.state().unwrap();
                (w, b) = (
                    var(&w.to_vec1::<f32>().unwrap()),
                    var(&b.to_vec1::<f32>().unwrap()),
                );
                optimizer = fresh(&w, &b);
                optimizer.load(&state).unwrap();
            }
            optimizer
                .step(
                    &[loss(&w, &b, None).unwrap().backward().unwrap()],
                    1.,
                    Some(1.),
                )
                .unwrap();
        }
        (w.to_vec1::<f32>().unwrap(), b.to_vec1::<f32>().unwrap())
    };
    assert_eq!(run(false), run(true));
}

#[test]
fn gradients_below_the_limit_are_not_clipped() {
    let step = |clip| {
        let w = var(&[1., -2., 0.5, 3.]);
        let mut optimizer = AdamW::new(vec![group(0.1, 0., &[("w", &w)])]).unwrap();
        for shrink in [0.001, 1.] {
            let loss = (w.sqr().unwrap().sum_all().unwrap() * shrink).unwrap();
            optimizer
                .step(&[loss.backward().unwrap()], 1., clip)
                .unwrap();
        }
        w.to_vec1::<f32>().unwrap()
    };
    assert_eq!(step(None), step(Some(100.)));
    assert_ne!(step(None), step(Some(1.)));
}

#[test]
fn a_gradient_that_is_not_finite_is_named_and_changes_nothing() {
    let (w, b) = (var(&[1., 2.]), var(&[0., 1.]));
    let mut optimizer = AdamW::new(vec![group(0.1, 0.05, &[("w", &w), ("b", &b)])]).unwrap();
    let loss = (w.sum_all().unwrap() + b.sqrt().unwrap().sum_all().unwrap()).unwrap();
    let error = optimizer
        .step(&[loss.backward().unwrap()], 1., None)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("the gradient of `b` is not finite"),
        "{error}"
    );
    assert_eq!(w.to_vec1::<f32>().unwrap(), [1., 2.]);
}

#[test]
fn a_parameter_in_two_groups_is_refused() {
    let w = var(&[1.]);
    let error = AdamW::new(vec![
        group(0.1, 0., &[("w", &w)]),
        group(0.2, 0., &[("w", &w)]),
    ])
    .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&OptimizerError::Duplicate("w".into()).to_string())
    );
}

#[test]
fn a_state_that_does_not_fit_is_refused() {
    let zeros = |count: usize| Tensor::zeros(count, super::DType::F32, &Device::Cpu).unwrap();
    let load = |parts: &[(&str, Tensor)]| {
        let w = var(&[1., 2.]);
        let mut optimizer = AdamW::new(vec![group(0.1, 0., &[("w", &w)])]).unwrap();
        let state: BTreeMap<_, _> = parts
            .iter()
            .map(|(name, part)| (name.to_string(), part.clone()))
            .collect();
        optimizer.load(&state).unwrap_err().to_string()
    };
    let steps = Tensor::new(3u32, &Device::Cpu).unwrap();
    let error = load(&[("w.first", zeros(2))]);
    assert!(
        error.starts_with("optimiser state: that of `w` is incomplete"),
        "{error}"
    );
    let error = load(&[
        ("w.first", zeros(3)),
        ("w.second", zeros(3)),
        ("w.steps", steps),
    ]);
    assert!(
        error.starts_with("optimiser state: that of `w` has shape [3], expected [2]"),
        "{error}"
    );
    let error = load(&[("v.first", zeros(2))]);
    assert!(
        error.starts_with("optimiser state: `v.first` belongs to no parameter"),
        "{error}"
    );
}
