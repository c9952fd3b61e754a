use candle_core::{DType, Result};
use spanarc_model::embedding::encoder::MaskedLanguageHead;

use crate::fixture::{Fixture, assert_close};

#[test]
fn likelihoods_and_gradients_are_those_of_transformers() -> Result<()> {
    let golden = Fixture::read("masked_language_head.safetensors")?;
    let variables = golden.variables()?;
    let head = MaskedLanguageHead::new(variables.get("pieces"), 1e-12, variables.builder())?;
    let ids = golden.get("ids").to_dtype(DType::U32)?;
    let nll = head.nll(variables.get("states"), &ids)?;
    assert_close("nll", &nll, golden.get("nll"), 1e-5)?;
    let gradients = nll.sum_all()?.backward()?;
    golden
        .part("gradients.")
        .assert_gradients(&variables, &gradients, 2e-5)
}
