use candle_core::Result;
use spanarc_model::{
    config::RelationConfig,
    dropout::Dropout,
    relation::{Mentions, RelationScorer},
};

use crate::fixture::{Fixture, assert_close};

#[test]
fn logits_and_gradients_are_those_of_the_formula() -> Result<()> {
    let golden = Fixture::read("relation.safetensors")?;
    let variables = golden.variables()?;
    let parameters = variables.part("parameters.");
    let (tags, label_embedding) = parameters.get("labels").dims2()?;
    let config = RelationConfig {
        label_embedding,
        feed_forward: parameters.get("feed_forward.bias").dim(0)?,
        pool_mention: false,
        context: 0,
    };
    let features = variables.get("features");
    let relations = golden.get("logits").dim(1)?;
    let scorer = RelationScorer::new(
        &config,
        features.dim(2)?,
        tags,
        relations,
        parameters.builder(),
    )?;
    let mentions = Mentions {
        spans: golden
            .indices("last")?
            .into_iter()
            .map(|last| last..last + 1)
            .collect(),
        last_tags: golden
            .indices("tags")?
            .into_iter()
            .map(|tag| tag as u32)
            .collect(),
        pairs: golden
            .indices("pairs")?
            .chunks(2)
            .map(|pair| (pair[0], pair[1]))
            .collect(),
    };

    let logits = scorer.forward(features, &mentions, 0., &mut Dropout::off())?;
    assert_close("logits", &logits, golden.get("logits"), 1e-5)?;

    let gradients = logits.mul(golden.get("weights"))?.sum_all()?.backward()?;
    let expected = golden.part("gradients.");
    let of_features = gradients.get(features).unwrap();
    assert_close(
        "gradient of the features",
        of_features,
        expected.get("features"),
        1e-5,
    )?;
    for name in parameters.names() {
        let actual = gradients.get(parameters.get(name)).unwrap();
        assert_close(
            &format!("gradient of {name}"),
            actual,
            expected.get(name),
            1e-5,
        )?;
    }
    Ok(())
}
