//! The types that are written, and what layers of other types are.

use std::fmt::Write;

/// The text, which is no annotation.
pub(crate) const SOFA: &str = "uima.cas.Sofa";
/// The document as a whole.
pub(crate) const METADATA: &str =
    "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData";
/// A sentence.
pub(crate) const SENTENCE: &str = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence";
/// A token.
pub(crate) const TOKEN: &str = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token";
/// The layer of mentions.
pub(crate) const NAMED_ENTITY: &str = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity";
/// The layer of relations.
pub(crate) const RELATION: &str = "webanno.custom.Relation";

const STRING: &str = "uima.cas.String";

/// A type that is written.
pub(crate) struct Type {
    pub(crate) name: &'static str,
    pub(crate) supertype: &'static str,
    /// Features beside those of the supertype, with their ranges.
    pub(crate) features: &'static [(&'static str, &'static str)],
    /// Features that only XMI has.
    pub(crate) extras: &'static [(&'static str, &'static str)],
    /// Prefix of the namespace.
    pub(crate) prefix: &'static str,
}

const EXTRAS: &[(&str, &str)] = &[
    ("score", "uima.cas.Float"),
    ("model", STRING),
    ("state", STRING),
    ("note", STRING),
];

/// The types that are written.
pub(crate) const TYPES: [Type; 5] = [
    Type {
        name: METADATA,
        supertype: "uima.tcas.DocumentAnnotation",
        features: &[("documentTitle", STRING), ("documentId", STRING)],
        extras: &[],
        prefix: "metadata",
    },
    Type {
        name: SENTENCE,
        supertype: ANNOTATION,
        features: &[("id", STRING)],
        extras: &[],
        prefix: "segmentation",
    },
    Type {
        name: TOKEN,
        supertype: ANNOTATION,
        features: &[],
        extras: &[],
        prefix: "segmentation",
    },
    Type {
        name: NAMED_ENTITY,
        supertype: ANNOTATION,
        features: &[("value", STRING), ("identifier", STRING)],
        extras: EXTRAS,
        prefix: "ner",
    },
    Type {
        name: RELATION,
        supertype: ANNOTATION,
        features: &[
            ("Governor", NAMED_ENTITY),
            ("Dependent", NAMED_ENTITY),
            ("value", STRING),
        ],
        extras: EXTRAS,
        prefix: "custom",
    },
];

const ANNOTATION: &str = "uima.tcas.Annotation";

/// What a structure can be by its type alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    /// No annotation: a text, an array, what INCEpTION keeps for itself.
    Inner,
    Metadata,
    Sentence,
    Token,
    /// An annotation of DKPro Core that is neither a mention nor a relation.
    Other,
    /// Mentions or relations.
    Custom,
}

/// What a structure of that type can be.
pub(crate) fn layer(kind: &str) -> Layer {
    match kind {
        METADATA | "uima.tcas.DocumentAnnotation" => return Layer::Metadata,
        SENTENCE => return Layer::Sentence,
        TOKEN => return Layer::Token,
        _ => {}
    }
    let starts = |packages: &[&str]| packages.iter().any(|package| kind.starts_with(package));
    let inner = [
        "uima.cas.",
        "de.tudarmstadt.ukp.clarin.webanno.api.type.",
        "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.",
    ];
    if starts(&["de.tudarmstadt.ukp.dkpro.core.api.ner.type."]) {
        Layer::Custom
    } else if starts(&inner) || kind.ends_with("[]") {
        Layer::Inner
    } else if starts(&["uima.tcas.", "de.tudarmstadt.ukp.", "org.dkpro.core."]) {
        Layer::Other
    } else {
        Layer::Custom
    }
}

/// Whether structures of that type are arrays of values, not of references.
pub(crate) fn is_primitive_array(kind: &str) -> bool {
    let name = kind.strip_prefix("uima.cas.").unwrap_or_default();
    let item = name
        .strip_suffix("Array")
        .or_else(|| name.strip_suffix("[]"));
    let items = [
        "String", "Boolean", "Byte", "Short", "Integer", "Long", "Float", "Double",
    ];
    item.is_some_and(|item| items.contains(&item))
}

/// The type system of what is written, as UIMA describes types in XML.
pub(crate) fn type_system() -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <typeSystemDescription xmlns=\"http://uima.apache.org/resourceSpecifier\">\n  <types>\n"
        .to_owned();
    for described in &TYPES {
        let Type {
            name, supertype, ..
        } = described;
        let _ = write!(
            xml,
            "    <typeDescription>\n      <name>{name}</name>\n      \
             <supertypeName>{supertype}</supertypeName>\n      <features>\n"
        );
        for (name, range) in described.features.iter().chain(described.extras) {
            let _ = writeln!(
                xml,
                "        <featureDescription><name>{name}</name>\
                 <rangeTypeName>{range}</rangeTypeName></featureDescription>"
            );
        }
        xml.push_str("      </features>\n    </typeDescription>\n");
    }
    xml.push_str("  </types>\n</typeSystemDescription>\n");
    xml
}
