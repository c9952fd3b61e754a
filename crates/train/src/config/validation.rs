//! What of a configuration cannot train.

use std::path::Path;

use spanarc_model::config::NetworkConfig;

use super::{Keep, RunConfig};
use crate::{
    auxiliary::Head,
    error::{Result, TrainError},
    pretrained::Pretrained,
};

/// What a factor or a rate must be.
pub(crate) const POSITIVE: &str = "above 0, and finite";

pub(crate) fn is_positive(value: f64) -> bool {
    value > 0. && value.is_finite()
}

impl RunConfig {
    /// Refuses what cannot train, naming the field. `path` is where the configuration stands.
    pub fn validate(&self, path: &Path) -> Result<()> {
        self.fault().map_or(Ok(()), |reason| {
            let path = path.to_owned();
            Err(TrainError::Config { path, reason })
        })
    }

    fn fault(&self) -> Option<String> {
        if let Some((field, wanted)) = self.training_fault() {
            return Some(format!("training.{field} must be {wanted}"));
        }
        if !self.average_with.is_empty() && self.training.keep != Keep::Last {
            return Some("average_with must be empty without keep = \"last\"".to_owned());
        }
        let shape = NetworkConfig {
            // What is pretrained may embed tokens too, and is not known here.
            casing: true,
            ..self.network(&Pretrained::default(), String::new())
        };
        if let Err(error) = shape.validate() {
            return Some(error.to_string());
        }
        if !(1..=4096).contains(&self.words().size) {
            return Some("words.size must be from 1 to 4096".to_owned());
        }
        for (index, auxiliary) in self.auxiliary.iter().enumerate() {
            if let Some((field, wanted)) = auxiliary.fault() {
                return Some(format!("auxiliary[{index}].{field} must be {wanted}"));
            }
            if auxiliary.head == Head::MaskedWords && !self.encoder().fine_tune {
                return Some(format!(
                    "auxiliary[{index}].head must be \"own\" or \"main\" with a frozen encoder"
                ));
            }
        }
        if !(0. ..1.).contains(&self.corpus.dev_share) {
            return Some("corpus.dev_share must be from 0 to below 1".to_owned());
        }
        let labels = self.labels.as_ref()?;
        let error = labels.validate().err()?;
        Some(format!("labels: {error}"))
    }

    /// The first field of `[training]` that is out of bounds, and what it must be.
    fn training_fault(&self) -> Option<(&'static str, &'static str)> {
        let training = &self.training;
        let share = |value: f64| (0. ..1.).contains(&value);
        let not_below_0 = |value: f64| value == 0. || is_positive(value);
        let frozen = self
            .encoder
            .as_ref()
            .is_some_and(|encoder| !encoder.fine_tune)
            || self.elmo.is_some();
        let noise = "from 0 to below 1, and 0 with a frozen encoder or ELMo";
        let fields = [
            (
                "patience",
                training.patience == 0 || training.keep == Keep::Best,
                "0 with keep = \"last\"",
            ),
            (
                "relation_threshold",
                (training.relation_threshold).is_none_or(|value| value > 0. && value <= 1.),
                "above 0 and at most 1",
            ),
            (
                "with_dev",
                !training.with_dev
                    || training.keep == Keep::Last && training.relation_threshold.is_some(),
                "false without keep = \"last\" and a relation_threshold, for which dev is needed",
            ),
            ("batch", training.batch > 0, "at least 1"),
            ("parts", training.parts > 0, "at least 1"),
            (
                "learning_rate",
                is_positive(training.learning_rate),
                POSITIVE,
            ),
            (
                "encoder_learning_rate",
                is_positive(training.encoder_learning_rate),
                POSITIVE,
            ),
            ("layer_decay", is_positive(training.layer_decay), POSITIVE),
            (
                "warmup",
                (0. ..=1.).contains(&training.warmup),
                "from 0 to 1",
            ),
            (
                "weight_decay",
                not_below_0(training.weight_decay),
                "at least 0, and finite",
            ),
            ("clip", is_positive(training.clip), POSITIVE),
            ("average", share(training.average), "from 0 to below 1"),
            (
                "relation_weight",
                not_below_0(training.relation_weight),
                "at least 0, and finite",
            ),
            (
                "word_dropout",
                share(training.word_dropout) && (training.word_dropout == 0. || !frozen),
                noise,
            ),
            (
                "case_dropout",
                share(training.case_dropout) && (training.case_dropout == 0. || !frozen),
                noise,
            ),
            (
                "fragments",
                share(training.fragments) && (training.fragments == 0. || !frozen),
                noise,
            ),
            (
                "encoder_dropout",
                share(training.encoder_dropout.into()),
                "from 0 to below 1",
            ),
            (
                "dropout",
                share(training.dropout.into()),
                "from 0 to below 1",
            ),
            (
                "relation_dropout",
                share(training.relation_dropout.into()),
                "from 0 to below 1",
            ),
        ];
        fields
            .into_iter()
            .find(|(_, holds, _)| !holds)
            .map(|(field, _, wanted)| (field, wanted))
    }
}
