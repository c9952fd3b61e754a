//! All words that people read in the annotator, so that an embedder can translate them.

use std::{borrow::Cow, rc::Rc};

use yew::prelude::*;

/// A text of the interface.
type Words = Cow<'static, str>;

/// The words of the interface; English by default.
///
/// A page in another language wraps the annotator in a `ContextProvider<Rc<Strings>>`. Braces mark the place of a value;
/// a translation may move it. Type names come from the model and are the same in every language.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the English words say what each one is")]
pub struct Strings {
    /// `{name}` is that of a part, such as the one below, `{label}` what the host calls the text.
    pub region: Words,
    pub text_region: Words,
    pub text_label: Words,
    pub text_placeholder: Words,

    pub annotations: Words,
    pub entities: Words,
    pub relations: Words,
    pub none_found: Words,
    /// Between head and tail of a relation, for screen readers.
    pub to: Words,
    /// A score; `{number}` is a whole number.
    pub percent: Words,

    pub entity_types: Words,
    pub relation_types: Words,
    /// `{type}` is the name of a type.
    pub show_type: Words,
    /// `{type}` is the name of a type.
    pub hide_type: Words,

    pub threshold: Words,
    /// `{score}` is the threshold that the model was tuned to.
    pub threshold_reset: Words,

    pub copy: Words,
    pub copied: Words,
    pub copy_denied: Words,
    pub open: Words,
    pub export: Words,
    pub export_format: Words,
    /// `{name}` is a file's or a document's.
    pub opened: Words,
    /// Before a list of what is wrong with files.
    pub unread: Plural,
    /// Before a list of what a file holds and an annotator does not.
    pub read_without: Words,
    /// Before a list of what the document holds and the format does not; `{format}` is its name.
    pub written_without: Words,
    /// After a list that is not shown to its end; `{count}` is a whole number.
    pub and_more: Plural,
    pub document_count: Plural,
    pub document: Words,
    pub open_document: Words,
    pub files_failed: Words,
    pub dismiss: Words,

    pub loading_model: Words,
    /// `{number}` has one decimal.
    pub megabytes: Words,
    /// `{received}` and `{total}` are sizes.
    pub received: Words,

    pub loading: Words,
    pub annotating: Words,
    /// `{done}` and `{total}` are whole numbers.
    pub annotating_sentences: Words,
    pub ready: Words,
    pub no_model: Words,
    pub failed: Words,
    pub model: Words,
    pub word_count: Plural,
    /// `{number}` may have a decimal.
    pub milliseconds: Words,

    pub load_failed: Words,
    pub load_failed_hint: Words,
    pub annotate_failed: Words,
    pub retry: Words,

    /// `{entities}` and `{relations}` are the two counts below.
    pub summary: Words,
    pub entity_count: Plural,
    pub relation_count: Plural,
    /// `{text}` is what is annotated, `{type}` the name of its type.
    pub added: Words,
    /// `{text}` is what was annotated, `{type}` the name of its type.
    pub removed: Words,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            region: "{name}, {label}".into(),
            text_region: "Text".into(),
            text_label: "Text to annotate".into(),
            text_placeholder: "Type or paste text here.".into(),
            annotations: "Annotations".into(),
            entities: "Entities".into(),
            relations: "Relations".into(),
            none_found: "None found.".into(),
            to: "to".into(),
            percent: "{number}%".into(),
            entity_types: "Entity types".into(),
            relation_types: "Relation types".into(),
            show_type: "Show {type}".into(),
            hide_type: "Hide {type}".into(),
            threshold: "Show relations from".into(),
            threshold_reset: "Model\u{2019}s own: {score}".into(),
            copy: "Copy as JSON".into(),
            copied: "Copied".into(),
            copy_denied: "The browser did not allow it".into(),
            open: "Open\u{2026}".into(),
            export: "Export".into(),
            export_format: "Format".into(),
            opened: "Opened {name}".into(),
            unread: Plural::new(
                "{count} place could not be read:",
                "{count} places could not be read:",
            ),
            read_without: "Left out or changed in reading:".into(),
            written_without: "Left out or changed, since {format} cannot hold it:".into(),
            and_more: Plural::new("and {count} more", "and {count} more"),
            document_count: Plural::new(
                "There is {count} document.",
                "There are {count} documents.",
            ),
            document: "Document".into(),
            open_document: "Open".into(),
            files_failed: "Files cannot be opened or exported:".into(),
            dismiss: "Close".into(),
            loading_model: "Loading the model".into(),
            megabytes: "{number} MB".into(),
            received: "{received} of {total}".into(),
            loading: "Loading".into(),
            annotating: "Annotating".into(),
            annotating_sentences: "Annotating {done} of {total} sentences".into(),
            ready: "Ready".into(),
            no_model: "No model".into(),
            failed: "Failed".into(),
            model: "Model".into(),
            word_count: Plural::new("{count} word", "{count} words"),
            milliseconds: "{number} ms".into(),
            load_failed: "The model could not be loaded.".into(),
            load_failed_hint: "You can go on typing.".into(),
            annotate_failed: "This text could not be annotated.".into(),
            retry: "Retry".into(),
            summary: "{entities}, {relations}".into(),
            entity_count: Plural::new("{count} entity", "{count} entities"),
            relation_count: Plural::new("{count} relation", "{count} relations"),
            added: "{text}: {type} added.".into(),
            removed: "{text}: {type} removed.".into(),
        }
    }
}

impl Strings {
    /// The name of a part of the annotator. With the label of the text, where it has one, several annotators differ.
    pub(crate) fn region_name(&self, name: &str, label: Option<&str>) -> String {
        label.map_or_else(
            || name.to_owned(),
            |label| fill(&self.region, &[("name", name), ("label", label)]),
        )
    }
}

/// A phrase with a number in it; `{count}` is its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plural {
    /// For exactly one.
    pub one: Cow<'static, str>,
    /// For any other number.
    pub other: Cow<'static, str>,
}

impl Plural {
    /// A phrase of the program's own.
    pub const fn new(one: &'static str, other: &'static str) -> Self {
        Self {
            one: Cow::Borrowed(one),
            other: Cow::Borrowed(other),
        }
    }

    /// The phrase for `count`, which is written as `digits`.
    pub(crate) fn fill(&self, count: usize, digits: &str) -> String {
        let template = if count == 1 { &self.one } else { &self.other };
        fill(template, &[("count", digits)])
    }
}

/// The words of the nearest provider, or English.
#[hook]
pub(crate) fn use_strings() -> Rc<Strings> {
    thread_local!(static ENGLISH: Rc<Strings> = Rc::default());
    use_context::<Rc<Strings>>().unwrap_or_else(|| ENGLISH.with(Rc::clone))
}

/// `template` with each `{name}` replaced by the value of that name. Values are taken as they are, braces included.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let value = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((*value, after))
        });
        rest = match value {
            Some((value, after)) => {
                out.push_str(value);
                after
            }
            None => {
                out.push('{');
                after
            }
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_template_has_their_names() {
        let values = [("type", "Org"), ("text", "Acme {type}")];
        assert_eq!(fill("{text} ({type})", &values), "Acme {type} (Org)");
        assert_eq!(fill("{type}: {text}", &values), "Org: Acme {type}");
    }

    #[test]
    fn a_placeholder_without_a_value_stays_as_it_is() {
        assert_eq!(fill("{a} {b", &[("b", "x")]), "{a} {b");
    }

    #[test]
    fn a_part_is_named_with_the_label_of_the_text() {
        let strings = Strings::default();
        let names = [None, Some("Note")].map(|label| strings.region_name("Entities", label));
        assert_eq!(names, ["Entities", "Entities, Note"]);
    }

    #[test]
    fn one_is_singular() {
        let words = Strings::default().word_count;
        assert_eq!(words.fill(1, "1"), "1 word");
        assert_eq!(words.fill(0, "0"), "0 words");
        assert_eq!(words.fill(2000, "2 000"), "2 000 words");
    }
}
