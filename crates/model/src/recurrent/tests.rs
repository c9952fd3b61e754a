use candle_core::{DType, Device, Var};
use candle_nn::VarMap;

use super::*;

const CELLS: [Cell; 2] = [Cell::Gru, Cell::Lstm];

/// Numbers in ±1 that follow from `seed`.
fn numbers(shape: impl Into<candle_core::Shape>, seed: u32) -> Result<Tensor> {
    let shape = shape.into();
    let mut state = seed;
    let values: Vec<f32> = (0..shape.elem_count())
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.
        })
        .collect();
    Tensor::from_vec(values, shape, &Device::Cpu)
}

fn layer(
    cell: Cell,
    direction: Direction,
    input: usize,
    hidden: usize,
) -> Result<(RecurrentLayer, VarMap)> {
    let map = VarMap::new();
    let vb = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
    Ok((
        RecurrentLayer::new(cell, direction, input, hidden, vb)?,
        map,
    ))
}

fn largest_difference(a: &Tensor, b: &Tensor) -> Result<f32> {
    assert_eq!(a.dims(), b.dims());
    a.sub(b)?.abs()?.flatten_all()?.max(0)?.to_scalar()
}

/// Asserts that two computations of the same give the same values, and the same gradients to `vars`.
fn assert_agree(fused: &Tensor, composed: &Tensor, vars: &[Var], of: &str) -> Result<()> {
    assert!(largest_difference(fused, composed)? < 1e-5, "{of}");
    let weights = numbers(fused.shape(), 2)?;
    let fused = fused.mul(&weights)?.sum_all()?.backward()?;
    let composed = composed.mul(&weights)?.sum_all()?.backward()?;
    for var in vars {
        let (a, b) = (fused.get(var).unwrap(), composed.get(var).unwrap());
        assert!(largest_difference(a, b)? < 1e-5, "{of} {:?}", var.dims());
    }
    Ok(())
}

#[test]
fn fused_and_composed_states_and_gradients_agree() -> Result<()> {
    for cell in CELLS {
        for direction in [Direction::Forward, Direction::Backward] {
            let (layer, map) = layer(cell, direction, 7, 9)?;
            let xs = Var::from_tensor(&numbers((4, 6, 7), 1)?)?;
            let lengths = [3, 6, 0, 5];
            let (fused, composed) = (
                layer.fused(&xs, &lengths)?,
                composed(&[&layer], &xs, &lengths)?,
            );
            let vars = [map.all_vars(), vec![xs]].concat();
            assert_agree(&fused, &composed, &vars, &format!("{cell:?} {direction:?}"))?;
        }
    }
    Ok(())
}

#[test]
fn a_sequence_alone_and_in_a_batch_agree() -> Result<()> {
    for cell in CELLS {
        let map = VarMap::new();
        let vb = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
        let stack = BiRnnStack::new(cell, 5, 4, 2, vb)?;
        let mut identity = |xs: &Tensor| Ok(xs.clone());
        let xs = numbers((3, 6, 5), 3)?;
        let lengths = [6, 2, 4];
        let together = stack.forward(&xs, &lengths, &mut identity)?;
        for (sequence, &length) in lengths.iter().enumerate() {
            let alone = xs.narrow(0, sequence, 1)?.narrow(1, 0, length)?;
            let alone = stack.forward(&alone, &[length], &mut identity)?;
            let in_batch = together.narrow(0, sequence, 1)?.narrow(1, 0, length)?;
            assert!(largest_difference(&alone, &in_batch)? < 1e-6);
        }
    }
    Ok(())
}

#[test]
fn final_states_end_each_direction_and_are_zero_for_an_empty_sequence() -> Result<()> {
    let map = VarMap::new();
    let rnn = BiRnn::new(
        Cell::Gru,
        5,
        4,
        VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu),
    )?;
    let xs = numbers((3, 6, 5), 4)?;
    let lengths = [6, 0, 4];
    let states = rnn.forward(&xs, &lengths)?.to_vec3::<f32>()?;
    let last = rnn.final_states(&xs, &lengths)?.to_vec2::<f32>()?;
    assert_eq!(last[0], [&states[0][5][..4], &states[0][0][4..]].concat());
    assert_eq!(last[1], [0.; 8]);
    assert_eq!(last[2], [&states[2][3][..4], &states[2][0][4..]].concat());
    Ok(())
}

#[test]
fn no_layers_are_the_identity_and_no_steps_give_no_states() -> Result<()> {
    let map = VarMap::new();
    let vb = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
    let xs = numbers((2, 3, 5), 5)?;
    let mut zero = |xs: &Tensor| xs.zeros_like();
    let none = BiRnnStack::new(Cell::Gru, 5, 4, 0, vb.pp("none"))?;
    assert_eq!(none.output_size(), 5);
    assert_eq!(
        none.forward(&xs, &[3, 1], &mut zero)?.to_vec3::<f32>()?,
        xs.to_vec3::<f32>()?
    );

    let rnn = BiRnn::new(Cell::Lstm, 5, 4, vb.pp("rnn"))?;
    let empty = Tensor::zeros((2, 0, 5), DType::F32, &Device::Cpu)?;
    assert_eq!(rnn.forward(&empty, &[0, 0])?.dims(), [2, 0, 8]);
    assert_eq!(
        rnn.final_states(&empty, &[0, 0])?.to_vec2::<f32>()?,
        [[0.; 8]; 2]
    );
    Ok(())
}

#[test]
fn dropout_is_applied_before_each_layer() -> Result<()> {
    let map = VarMap::new();
    let vb = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
    let stack = BiRnnStack::new(Cell::Gru, 5, 4, 3, vb)?;
    assert_eq!(stack.output_size(), 8);
    let mut widths = Vec::new();
    stack.forward(&numbers((1, 2, 5), 6)?, &[2], &mut |xs| {
        widths.push(xs.dim(2)?);
        Ok(xs.clone())
    })?;
    assert_eq!(widths, [5, 8, 8]);
    Ok(())
}

#[test]
fn lengths_that_do_not_fit_are_errors() -> Result<()> {
    let (layer, _) = layer(Cell::Gru, Direction::Forward, 5, 4)?;
    let xs = numbers((2, 3, 5), 7)?;
    let error = layer.forward(&xs, &[3]).unwrap_err().to_string();
    assert!(
        error.contains("1 lengths for a batch of 2 sequences"),
        "{error}"
    );
    let error = layer.forward(&xs, &[3, 4]).unwrap_err().to_string();
    assert!(
        error.contains("sequence 1 is 4 steps long, but the batch has 3 steps"),
        "{error}"
    );
    Ok(())
}

#[test]
fn parameters_have_the_shapes_and_names_of_a_bundle() -> Result<()> {
    let map = VarMap::new();
    let vb = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
    BiRnnStack::new(Cell::Lstm, 5, 4, 2, vb.pp("shared"))?;
    let data = map.data().lock().unwrap();
    assert_eq!(data.len(), 16);
    assert_eq!(data["shared.0.forward.weight_ih"].dims(), [16, 5]);
    assert_eq!(data["shared.1.backward.weight_ih"].dims(), [16, 8]);
    assert_eq!(data["shared.1.backward.weight_hh"].dims(), [16, 4]);
    assert_eq!(data["shared.0.forward.bias_hh"].dims(), [16]);
    Ok(())
}

#[test]
fn both_directions_fused_and_composed_agree() -> Result<()> {
    for cell in CELLS {
        let map = VarMap::new();
        let vb = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
        let rnn = BiRnn::new(cell, 5, 4, vb.clone())?;
        let of = |direction, name| RecurrentLayer::new(cell, direction, 5, 4, vb.pp(name));
        let (forward, backward) = (
            of(Direction::Forward, "forward")?,
            of(Direction::Backward, "backward")?,
        );
        let xs = Var::from_tensor(&numbers((3, 6, 5), 8)?)?;
        let lengths = [4, 6, 1];
        let fused = rnn.forward(&xs, &lengths)?;
        let composed = composed(&[&forward, &backward], &xs, &lengths)?;
        let vars = [map.all_vars(), vec![xs]].concat();
        assert_agree(&fused, &composed, &vars, &format!("{cell:?}"))?;
    }
    Ok(())
}

/// Candle walks a graph by recursion: one node a step and more would exhaust the stack.
#[test]
fn a_long_text_makes_no_deep_graph() -> Result<()> {
    let steps = 3_000;
    for cell in CELLS {
        let (layer, map) = layer(cell, Direction::Forward, 1, 1)?;
        let states = composed(&[&layer], &numbers((1, steps, 1), 10)?, &[steps])?;
        let grads = states.sum_all()?.backward()?;
        assert!(map.all_vars().iter().all(|var| grads.get(var).is_some()));
    }
    Ok(())
}
