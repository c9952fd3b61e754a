//! Generates `messages.d.ts` from the messages, and holds the committed file to it.

use std::{env, fs};

use ts_rs::{Config, TS};

use crate::{
    AnnotationsReply, FoundEntity, FoundRelation, Label, ModelSummary, Reply, Request,
    SentenceAnswer, Stage,
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/messages.d.ts");

const HEAD: &str = "\
// The messages between a page and the worker that holds the model; crates/protocol/src/lib.rs describes the conversation.
// Generated from the Rust types. To generate it again: UPDATE_TYPES=1 cargo test -p spanarc-protocol
";

// `spanarc_document::Span` as TypeScript sees it.
/// A range of UTF-16 code units.
#[derive(TS)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct Span {
    /// First UTF-16 code unit inside.
    start: usize,
    /// First UTF-16 code unit after.
    end: usize,
}

fn declared<T: TS>() -> String {
    let config = Config::new();
    let docs = T::docs().unwrap_or_default();
    format!("\n{docs}export {}\n", T::decl(&config))
}

fn generated() -> String {
    let types = [
        declared::<Request>(),
        declared::<Reply>(),
        declared::<Stage>(),
        declared::<ModelSummary>(),
        declared::<Label>(),
        declared::<AnnotationsReply>(),
        declared::<SentenceAnswer>(),
        declared::<FoundEntity>(),
        declared::<FoundRelation>(),
        declared::<Span>(),
    ];
    let lines = types.concat();
    let lines = lines.lines().map(|line| format!("{}\n", line.trim_end()));
    format!("{HEAD}{}", lines.collect::<String>())
}

#[test]
fn the_committed_typescript_types_are_those_of_the_messages() {
    let generated = generated();
    if env::var_os("UPDATE_TYPES").is_some() {
        fs::write(FILE, &generated).unwrap();
    }
    let committed = fs::read_to_string(FILE).unwrap_or_default();
    assert_eq!(
        committed, generated,
        "To update {FILE}: UPDATE_TYPES=1 cargo test -p spanarc-protocol"
    );
}
