use candle_core::{DType, Result};
use spanarc_model::{
    config::{EncoderConfig, LayerChoice, PiecePooling},
    embedding::encoder::MaskedLanguageHead,
};

use crate::fixture::{Fixture, assert_close};

const CONFIG: EncoderConfig = EncoderConfig {
    vocabulary: 30,
    hidden: 16,
    layers: 1,
    heads: 1,
    intermediate: 1,
    positions: 1,
    layer_norm_eps: 1e-12,
    lowercase: true,
    pooling: PiecePooling::First,
    output: LayerChoice::Last,
    casing_embedding: false,
};

#[test]
fn likelihoods_and_gradients_are_those_of_transformers() -> Result<()> {
    let golden = Fixture::read("masked_language_head.safetensors")?;
    let variables = golden.variables()?;
    let head = MaskedLanguageHead::new(&CONFIG, variables.get("pieces"), variables.builder())?;
    let ids = golden.get("ids").to_dtype(DType::U32)?;
    let nll = head.nll(variables.get("states"), &ids)?;
    assert_close("nll", &nll, golden.get("nll"), 1e-5)?;
    let gradients = nll.sum_all()?.backward()?;
    golden
        .part("gradients.")
        .assert_gradients(&variables, &gradients, 2e-5)
}
