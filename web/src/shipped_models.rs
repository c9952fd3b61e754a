//! The models that stand beside the page.

/// A model to choose.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ShippedModel {
    /// Its name in the store, and of its file.
    pub(crate) name: &'static str,
    /// Its name for readers.
    pub(crate) title: &'static str,
    /// A text that shows what it finds. People, firms and cases are invented.
    pub(crate) example: &'static str,
}

/// All of them. A first visit gets the first.
pub(crate) static SHIPPED_MODELS: [ShippedModel; 2] = [
    ShippedModel {
        name: "news",
        title: "News",
        example: NEWS,
    },
    ShippedModel {
        name: "adverse-events",
        title: "Adverse drug effects",
        example: ADVERSE_EVENTS,
    },
];

impl ShippedModel {
    /// The model of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        SHIPPED_MODELS.iter().find(|model| model.name == name)
    }

    /// Where Trunk puts its file, relative to the page.
    pub(crate) fn path(&self) -> String {
        format!("models/{}.safetensors", self.name)
    }
}

const NEWS: &str = "\
Helena Marsh, 47, was named president of Corvane Systems on Monday. Corvane Systems, based in Seattle, makes sensors for \
bridges and tunnels. Its first workshop stood on the river in Tacoma, Washington.
Her predecessor, Daniel Okafor, was born in Lagos. \u{201c}She knows every bolt on that bridge,\u{201d} said Ruth Ellison, a \
spokeswoman for the Harbor Trust in Boston.
A jury in Denver found Peter Vance guilty on Friday of killing Thomas Reed, a guard at the Northgate Museum.";

const ADVERSE_EVENTS: &str = "\
A 61-year-old woman developed acute pancreatitis three weeks after she had started valproic acid. The pain resolved when the \
drug was stopped.
Severe hyponatremia following treatment with citalopram was seen in two elderly patients.
We report a case of carbamazepine-induced toxic epidermal necrolysis. Tremor and confusion during lithium therapy improved \
within days after the dose had been lowered.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_that_can_be_chosen_is_shipped() {
        let web = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        for model in &SHIPPED_MODELS {
            assert!(web.join(model.path()).is_file(), "{}", model.path());
            assert_eq!(ShippedModel::named(model.name), Some(model));
        }
        assert_eq!(ShippedModel::named("weather"), None);
    }
}
