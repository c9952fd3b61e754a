//! spaCy's JSON of a `Doc` (`Doc.to_json`, `Doc.from_json`), in code points: an object a line, an array, or one object.
//!
//! ```json
//! {"text": "Ada met Bo.", "ents": [{"start": 0, "end": 3, "label": "PERSON"}, …], "sents": [{"start": 0, "end": 11}],
//!  "tokens": [{"id": 0, "start": 0, "end": 3}, …],
//!  "spans": {"sc": [{"start": 0, "end": 3, "label": "PERSON", "kb_id": ""}, …]},
//!  "rel": [{"head": 0, "child": 2, "head_span": {"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "PERSON"},
//!    "child_span": {…}, "label": "knows"}],
//!  "notes": {"source": "letters"},
//!  "span_attributes": {"note": [{"start": 0, "end": 3, "label": "PERSON", "value": "the elder"}]}}
//! ```
//!
//! **Mentions** are the `ents`, which cannot overlap. Where mentions do, all of them stand in the group `sc` of `spans`, spaCy's
//! default for its span categorizer, and the longest that fit in `ents` too; what stands in both is read once. The attribute `group`
//! names another group. A `kb_id` is a normalisation without resource.
//!
//! **What a `Doc` has no place for** stands beside, under keys that `Doc.from_json` passes by: it refuses extensions (`_`,
//! `underscore_span`) that a program has not declared. What stands in extensions is read alike.
//!
//! - `rel` holds relations in Prodigy's shape; `head` and `child` are the first tokens of their spans, so that
//!   `doc._.rel = {(r["head"], r["child"]): {r["label"]: 1.0} for r in line["rel"]}` is the table of spaCy's tutorial.
//! - `span_attributes` holds what is said of mentions, with the label to tell spans at one place apart; `score`, `model` and
//!   `state` say who stands behind them.
//! - `notes` holds what is said of the document, but for its `cats`. Layers of tokens (tags, lemmas, heads) are noted.
//!
//! Sentences are read where a `Doc` has `sents`.

mod reading;
mod value;
mod writing;

pub(crate) use reading::read_line;
pub(crate) use writing::write;

/// The group of spans in which spaCy looks for overlapping ones.
const GROUP: &str = "sc";

/// The key, and the extension, of relations.
const RELATIONS: &str = "rel";

/// Attributes that say who stands behind a mention or a relation.
const MAKER_KEYS: [&str; 3] = ["score", "model", "state"];

#[cfg(test)]
mod tests;
