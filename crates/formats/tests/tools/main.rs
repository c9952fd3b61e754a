//! Formats against the tools' own libraries, both ways: what Spanarc writes means to a tool what it means here, and the other
//! way round. `cargo xtask test formats` installs the tools and runs these tests.

#![allow(clippy::expect_used, clippy::unwrap_used)]

#[path = "../../../../tests/formats/documents.rs"]
mod documents;
#[path = "../../../../tests/formats/files.rs"]
mod files;
mod neutral;
mod tool;

use spanarc_formats::Format;
use tool::Tool;

/// Two mentions at one place are an error to it, and it reads a line end of two characters as one.
const PYBRAT: Tool = Tool::new("pybrat", Format::Brat).without(&["same-place", "lines"]);
const BRATLY: Tool = Tool::new("bratly", Format::Brat);
const CAS_XMI: Tool = Tool::new("dkpro-cassis", Format::CasXmi);
const CAS_JSON: Tool = Tool::new("dkpro-cassis", Format::CasJson);
/// It cannot import lines of which some have metadata that others lack.
const DOCCANO: Tool = Tool::new("doccano", Format::Doccano).without(&["document-notes"]);
const LABEL_STUDIO: Tool = Tool::new("label_studio", Format::LabelStudio);
const SPACY: Tool = Tool::new("spacy", Format::Spacy);
/// Not public itself: spaCy builds documents of its lines.
const PRODIGY: Tool = Tool::new("prodigy", Format::Prodigy);
/// Recogito's adapter.
const RECOGITO: Tool = Tool::new("w3c", Format::W3c);

macro_rules! both_ways {
    ($($name:ident: $tool:expr;)*) => {
        $(mod $name {
            #[test]
            #[ignore = "needs the tool: cargo xtask test formats"]
            fn reads_what_spanarc_writes() {
                $tool.reads_what_spanarc_writes();
            }

            #[test]
            #[ignore = "needs the tool: cargo xtask test formats"]
            fn writes_what_spanarc_reads() {
                $tool.writes_what_spanarc_reads();
            }
        })*
    };
}

both_ways! {
    bratly: crate::BRATLY;
    cas_xmi: crate::CAS_XMI;
    cas_json: crate::CAS_JSON;
    doccano: crate::DOCCANO;
    label_studio: crate::LABEL_STUDIO;
    spacy: crate::SPACY;
    prodigy: crate::PRODIGY;
    recogito: crate::RECOGITO;
}

/// It writes no files.
mod pybrat {
    #[test]
    #[ignore = "needs the tool: cargo xtask test formats"]
    fn reads_what_spanarc_writes() {
        crate::PYBRAT.reads_what_spanarc_writes();
    }
}
