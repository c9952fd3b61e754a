//! W3C Web Annotations: a text (`.txt`) and a page of annotations beside it (`.jsonld`), as annotators in browsers keep them.
//!
//! ```json
//! {"@context": ["http://www.w3.org/ns/anno.jsonld", {"spanarc": "urn:spanarc:", …}], "type": "AnnotationPage",
//!  "spanarc:offsets": "utf16", "items": [
//!   {"id": "#e0", "type": "Annotation",
//!    "body": [{"type": "TextualBody", "purpose": "tagging", "value": "Peop"},
//!             {"type": "TextualBody", "purpose": "commenting", "value": "the elder"},
//!             {"type": "SpecificResource", "purpose": "identifying", "source": "http://www.wikidata.org/entity/Q7259"}],
//!    "target": [{"source": "letter.txt", "selector": [
//!      {"type": "TextQuoteSelector", "exact": "Ada", "prefix": "", "suffix": " met Bo."},
//!      {"type": "TextPositionSelector", "start": 0, "end": 3}]}]},
//!   {"id": "#r0", "type": "Annotation", "motivation": "linking",
//!    "body": [{"type": "TextualBody", "purpose": "tagging", "value": "knows"}],
//!    "target": [{"id": "#e0"}, {"id": "#e1"}]}]}
//! ```
//!
//! **Offsets** count UTF-16 units, as browsers do, though the standard says code points; `spanarc:offsets` states it. Where it is
//! missing the quotes decide. Fragments of RFC 5147 (`char=0,3`) always count code points. Without positions a quote is looked
//! for, and has to be found once with what stands around it.
//!
//! **Reading** takes a page, a collection with its first page, an array or single annotations. Each tag (purpose `tagging` or
//! `classifying`) is a mention; relations mean the first. Several targets are the pieces of one mention, as Recogito has them. A
//! comment is a note, an identifying body a normalisation. A relation goes from the first target to the second, or from the
//! target to a body that names an annotation; without a tag it is called `linking`. A `creator` that is `Software` is a model.
//!
//! What the standard has no place for stands in `spanarc:` terms: `score`, `state`, `attributes`, and `notes` of the document.

mod item;
mod reading;
mod selectors;
mod writing;

pub(crate) use reading::read;
pub(crate) use writing::write;

use crate::unknown_keys::Keys;

/// The terms beside the standard's.
mod term {
    pub(super) const OFFSETS: &str = "spanarc:offsets";
    pub(super) const NOTES: &str = "spanarc:notes";
    pub(super) const SCORE: &str = "spanarc:score";
    pub(super) const STATE: &str = "spanarc:state";
    pub(super) const ATTRIBUTES: &str = "spanarc:attributes";
    pub(super) const NORMALIZATION: &str = "spanarc:normalization";
}

/// The keys of an annotation.
const ANNOTATION: Keys = Keys {
    owner: "annotations",
    known: &[
        "@context",
        "id",
        "type",
        "body",
        "bodyValue",
        "target",
        "motivation",
        "audience",
        "canonical",
        "created",
        "creator",
        "generated",
        "generator",
        "modified",
        "rights",
        "stylesheet",
        "via",
        term::SCORE,
        term::STATE,
        term::ATTRIBUTES,
    ],
    lists: &[],
};

/// The keys of a page, or of a collection with its first page.
const PAGE: Keys = Keys {
    owner: "pages",
    known: &[
        "@context",
        "id",
        "type",
        "label",
        "total",
        "first",
        "last",
        "next",
        "prev",
        "partOf",
        "startIndex",
        term::OFFSETS,
        term::NOTES,
    ],
    lists: &[("items", ANNOTATION)],
};

/// What a relation is called that has no tag.
const NO_TAG: &str = "linking";

/// Keys of annotations that are attributes of mentions and relations under the same names.
const KEPT_KEYS: [&str; 10] = [
    "audience",
    "canonical",
    "created",
    "creator",
    "generated",
    "generator",
    "modified",
    "rights",
    "stylesheet",
    "via",
];

/// The default name of a mention (`e`) or relation (`r`).
fn default_name(letter: char, index: usize) -> String {
    format!("#{letter}{index}")
}

/// Whether an annotation may have got its name from [`default_name`].
fn is_default_name(name: &str) -> bool {
    let number = name.strip_prefix("#e").or(name.strip_prefix("#r"));
    number.is_some_and(|number| {
        number
            .parse::<usize>()
            .is_ok_and(|n| n.to_string() == number)
    })
}

#[cfg(test)]
mod tests;
