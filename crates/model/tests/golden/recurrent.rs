use candle_core::{Result, Tensor};
use spanarc_model::{
    config::Cell,
    recurrent::{BiRnn, BiRnnStack},
};

use crate::fixture::{Fixture, assert_close};

const CELLS: [(Cell, &str); 2] = [(Cell::Gru, "gru."), (Cell::Lstm, "lstm.")];

fn stack(cell: Cell, golden: &Fixture, parameters: &Fixture) -> Result<BiRnnStack> {
    let (input, hidden) = (
        golden.get("input").dim(2)?,
        golden.get("output").dim(2)? / 2,
    );
    BiRnnStack::new(cell, input, hidden, 2, parameters.builder())
}

#[test]
fn states_and_gradients_are_pytorch_s() -> Result<()> {
    let fixture = Fixture::read("recurrent.safetensors")?;
    for (cell, prefix) in CELLS {
        let golden = fixture.part(prefix);
        let variables = golden.variables()?;
        let parameters = variables.part("parameters.");
        let lengths = golden.indices("lengths")?;

        let output = stack(cell, &golden, &parameters)?.forward(
            variables.get("input"),
            &lengths,
            &mut |xs: &Tensor| Ok(xs.clone()),
        )?;
        assert_close("output", &output, golden.get("output"), 2e-6)?;

        let gradients = output.mul(golden.get("weights"))?.sum_all()?.backward()?;
        let expected = golden.part("gradients.");
        let input = gradients.get(variables.get("input")).unwrap();
        assert_close("gradient of the input", input, expected.get("input"), 1e-5)?;
        for direction in ["forward", "backward"] {
            for layer in ["0", "1"] {
                let prefix = format!("{layer}.{direction}.");
                expected.part(&prefix).assert_gradients(
                    &parameters.part(&prefix),
                    &gradients,
                    1e-5,
                )?;
            }
        }
        assert_eq!(expected.names().count(), 1 + 2 * 2 * 4);
    }
    Ok(())
}

#[test]
fn final_states_are_pytorch_s() -> Result<()> {
    let fixture = Fixture::read("recurrent.safetensors")?;
    for (cell, prefix) in CELLS {
        let golden = fixture.part(prefix);
        let (input, hidden) = (
            golden.get("input").dim(2)?,
            golden.get("output").dim(2)? / 2,
        );
        let layer = BiRnn::new(cell, input, hidden, golden.part("parameters.0.").builder())?;
        let states = layer.final_states(golden.get("input"), &golden.indices("lengths")?)?;
        assert_close("final states", &states, golden.get("final_states"), 2e-6)?;
    }
    Ok(())
}
