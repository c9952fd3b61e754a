//! What can be wrong with a CAS.

/// Why a CAS, or a structure of it, cannot be read. `element` names the structure by identifier and type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CasProblem {
    /// No XML.
    #[error("malformed XML: {message}")]
    Xml {
        /// The parser's words.
        message: String,
    },
    /// XML that is cut off.
    #[error("the XML ends before <{element}> is closed")]
    CutOff {
        /// The element.
        element: String,
    },
    /// Another XML document.
    #[error("the XML is <{element}>, not <xmi:XMI>")]
    NotXmi {
        /// The element around all.
        element: String,
    },
    /// A CAS without a text.
    #[error("there is no uima.cas.Sofa, which holds the text")]
    NoSofa,
    /// A text that is not in the file.
    #[error("{element} has no `sofaString`, and text from elsewhere{instead} is not read")]
    NoText {
        /// The sofa.
        element: String,
        /// Where the text is.
        instead: String,
    },
    /// An annotation of another text.
    #[error("{element} is of the sofa {sofa}, which is not there")]
    UnknownSofa {
        /// The annotation.
        element: String,
        /// What it names.
        sofa: String,
    },
    /// An annotation without an offset, or with something else there.
    #[error("{element} has {} as `{feature}`: expected an offset", found.as_deref().unwrap_or("nothing"))]
    NoOffset {
        /// The annotation.
        element: String,
        /// `begin` or `end`.
        feature: &'static str,
        /// What stands there.
        found: Option<String>,
    },
    /// A relation that lacks an argument.
    #[error("{element} has no `{feature}`")]
    NoArgument {
        /// The relation.
        element: String,
        /// The feature.
        feature: &'static str,
    },
}
