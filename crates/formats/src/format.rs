//! The formats by name, and what their files are.

use serde::{Deserialize, Serialize};

/// A format of annotated documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Standoff: texts (`.txt`) with annotation files (`.ann`) beside them ([`brat`](crate::brat)).
    Brat,
    /// Columns with a tag for each token ([`columns`](crate::columns)).
    Conll,
    /// Columns with tags and the heads of relations ([`columns`](crate::columns)).
    Multihead,
    /// A JSON array of sentences, as SpERT reads it ([`spert`](crate::spert)).
    Spert,
    /// JSON lines, a document of tokenised sentences a line, as SciERC and DyGIE++ have it ([`dygie`](crate::dygie)).
    Dygie,
    /// Our JSON lines, a sentence of tokens a line ([`jsonl`](crate::jsonl)).
    Jsonl,
    /// JSON lines, a text with offsets a line, as `spanarc annotate` prints it ([`text`](crate::text)).
    Text,
    /// One JSON object, as the page saves it ([`text`](crate::text)).
    Json,
    /// doccano's JSON lines ([`doccano`](crate::doccano)).
    Doccano,
    /// Label Studio's JSON array of tasks ([`label_studio`](crate::label_studio)).
    LabelStudio,
    /// WebAnno TSV 3.3 ([`webanno_tsv`](crate::webanno_tsv)).
    WebannoTsv,
    /// UIMA CAS in XMI ([`cas`](crate::cas)).
    CasXmi,
    /// UIMA CAS in JSON 0.4 ([`cas`](crate::cas)).
    CasJson,
    /// Prodigy's JSON lines ([`prodigy`](crate::prodigy)).
    Prodigy,
    /// spaCy's JSON of a `Doc` ([`spacy`](crate::spacy)).
    Spacy,
    /// W3C Web Annotations ([`w3c`](crate::w3c)).
    W3c,
}

/// What a format's files are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Documents one after another, each whole lines.
    Lines,
    /// Documents as items of one JSON array.
    Array,
    /// A file for each document, or several, with these endings; further files that all share follow by their names.
    Files(&'static [&'static str]),
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 16] = [
        Self::Brat,
        Self::Conll,
        Self::Multihead,
        Self::Spert,
        Self::Dygie,
        Self::Jsonl,
        Self::Text,
        Self::Json,
        Self::Doccano,
        Self::LabelStudio,
        Self::WebannoTsv,
        Self::CasXmi,
        Self::CasJson,
        Self::Prodigy,
        Self::Spacy,
        Self::W3c,
    ];

    /// The format's name, as commands and configurations call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brat => "brat",
            Self::Conll => "conll",
            Self::Multihead => "multihead",
            Self::Spert => "spert",
            Self::Dygie => "dygie",
            Self::Jsonl => "jsonl",
            Self::Text => "text",
            Self::Json => "json",
            Self::Doccano => "doccano",
            Self::LabelStudio => "label-studio",
            Self::WebannoTsv => "webanno-tsv",
            Self::CasXmi => "cas-xmi",
            Self::CasJson => "cas-json",
            Self::Prodigy => "prodigy",
            Self::Spacy => "spacy",
            Self::W3c => "w3c",
        }
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What the format's files are made of.
    pub const fn layout(self) -> Layout {
        match self {
            Self::Brat => Layout::Files(&["txt", "ann"]),
            Self::Json => Layout::Files(&["json"]),
            Self::WebannoTsv => Layout::Files(&["tsv"]),
            Self::CasXmi => Layout::Files(&["xmi"]),
            Self::CasJson => Layout::Files(&["json"]),
            Self::W3c => Layout::Files(&["txt", "jsonld"]),
            Self::Spert | Self::LabelStudio => Layout::Array,
            Self::Conll
            | Self::Multihead
            | Self::Dygie
            | Self::Jsonl
            | Self::Text
            | Self::Doccano
            | Self::Prodigy
            | Self::Spacy => Layout::Lines,
        }
    }

    /// The ending of a file of the format.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Brat => "ann",
            Self::Conll | Self::Multihead => "conll",
            Self::Spert | Self::LabelStudio | Self::Json | Self::CasJson => "json",
            Self::Dygie
            | Self::Jsonl
            | Self::Text
            | Self::Doccano
            | Self::Prodigy
            | Self::Spacy => "jsonl",
            Self::WebannoTsv => "tsv",
            Self::CasXmi => "xmi",
            Self::W3c => "jsonld",
        }
    }

    /// Whether documents need sentences of tokens to be written.
    pub const fn needs_tokens(self) -> bool {
        matches!(
            self,
            Self::Conll
                | Self::Multihead
                | Self::Spert
                | Self::Dygie
                | Self::Jsonl
                | Self::WebannoTsv
                | Self::Prodigy
                | Self::Spacy
        )
    }
}
