use candle_core::{DType, Result};
use spanarc_model::{
    config::{EncoderConfig, EncoderKind, LayerChoice, PiecePooling},
    dropout::Dropout,
    embedding::encoder::Encoder,
};

use crate::fixture::{Fixture, assert_close};

const CONFIG: EncoderConfig = EncoderConfig {
    kind: EncoderKind::Bert,
    vocabulary: 50,
    hidden: 32,
    layers: 2,
    heads: 4,
    intermediate: 64,
    positions: 64,
    layer_norm_eps: 1e-12,
    lowercase: true,
    pooling: PiecePooling::First,
    output: LayerChoice::Last,
    casing_embedding: false,
};

#[test]
fn states_and_gradients_are_those_of_transformers() -> Result<()> {
    let golden = Fixture::read("encoder.safetensors")?;
    let variables = golden.variables()?;
    let frozen = Encoder::new(&CONFIG, golden.builder())?;
    let trained = Encoder::new(&CONFIG, variables.builder())?;
    let ids = golden.get("ids").to_dtype(DType::U32)?;
    let lengths = golden.indices("lengths")?;
    let rows = (0..ids.dim(1)? as u32).collect::<Vec<_>>();
    let rows = candle_core::Tensor::new(rows, ids.device())?;
    let valid = golden.get("lengths").to_dtype(DType::U32)?.unsqueeze(1)?;
    let valid = rows
        .unsqueeze(0)?
        .broadcast_lt(&valid)?
        .to_dtype(DType::F32)?
        .unsqueeze(2)?;

    let casings = ids.zeros_like()?;
    for (encoder, name) in [(&frozen, "frozen"), (&trained, "trained")] {
        for (layer, states) in encoder
            .forward(&ids, &casings, &lengths, 0., &mut Dropout::off())?
            .iter()
            .enumerate()
        {
            let expected = golden.get(&format!("states.{layer}"));
            assert_close(
                &format!("{name}, layer {layer}"),
                &states.broadcast_mul(&valid)?,
                expected,
                1e-5,
            )?;
        }
    }

    let states = trained.forward(&ids, &casings, &lengths, 0., &mut Dropout::off())?;
    let gradients = states[2]
        .mul(golden.get("weights"))?
        .sum_all()?
        .backward()?;
    golden
        .part("gradients.")
        .assert_gradients(&variables, &gradients, 2e-5)
}
