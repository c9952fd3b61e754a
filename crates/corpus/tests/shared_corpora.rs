//! The research corpora read whole, with the counts that their description gives. They are not part of the project:
//! `SPANARC_SHARED` names the folder that holds them (default: `shared` beside the workspace), and without it the
//! tests say that they were skipped.
#![allow(clippy::unwrap_used)] // Helpers of tests are no tests to clippy.

use std::{env, fs::File, io::BufReader, path::PathBuf};

use spanarc_corpus::{LabelSchema, Sentence, TagScheme, jsonl::Reader, score};

fn read(name: &str) -> Option<Vec<Sentence>> {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = env::var_os("SPANARC_SHARED").map_or(workspace.join("../shared"), PathBuf::from);
    let path = shared.join("data").join(name);
    let Ok(file) = File::open(&path) else {
        eprintln!("SKIPPED: no corpus at {}", path.display());
        return None;
    };
    Some(Reader::new(BufReader::new(file), name).read_all().unwrap())
}

fn entity_tags(sentence: &Sentence, schema: &LabelSchema, scheme: TagScheme) -> Option<Vec<usize>> {
    let span =
        |entity: &spanarc_corpus::Entity| (schema.entity_index(&entity.kind).unwrap(), entity.span);
    let spans: Vec<_> = sentence.entities.iter().map(span).collect();
    let tags = scheme.encode(&spans, sentence.tokens.len()).ok()?;
    let mut sorted = spans;
    sorted.sort_by_key(|&(_, span)| span);
    assert_eq!(scheme.decode(&tags), sorted, "{}", sentence.id);
    Some(tags)
}

#[test]
fn conll04_has_its_published_counts_and_signatures() {
    for (name, counts) in [
        ("conll04/train.jsonl", [922, 26_525, 3_377, 1_283]),
        ("conll04/dev.jsonl", [231, 6_993, 893, 343]),
    ] {
        let Some(sentences) = read(name) else { return };
        let sum = |count: fn(&Sentence) -> usize| sentences.iter().map(count).sum::<usize>();
        let tokens = sum(|sentence| sentence.tokens.len());
        let entities = sum(|sentence| sentence.entities.len());
        let relations = sum(|sentence| sentence.relations.len());
        assert_eq!(
            [sentences.len(), tokens, entities, relations],
            counts,
            "{name}"
        );

        let schema = LabelSchema::from_sentences(&sentences);
        let names: Vec<_> = schema.entity_types.iter().map(|kind| &kind.name).collect();
        assert_eq!(names, ["Loc", "Org", "Other", "Peop"]);
        assert_eq!(schema.relation_types.len(), 5);
        assert!(
            schema
                .relation_types
                .iter()
                .all(|kind| kind.signatures.len() == 1)
        );
        for scheme in [TagScheme::Bio, TagScheme::Bilou] {
            let tagged = |sentence| entity_tags(sentence, &schema, scheme).is_some();
            assert!(sentences.iter().all(tagged), "{name} {scheme:?}");
        }
        let report = score(&sentences, &sentences, &schema).unwrap();
        assert_eq!(report.relations.strict.macro_.f1, 100.0);
    }
}

#[test]
fn overlapping_entities_of_ade_are_read_but_not_tagged() {
    let Some(sentences) = read("ade/full.jsonl") else {
        return;
    };
    let schema = LabelSchema::from_sentences(&sentences);
    let untaggable = sentences
        .iter()
        .filter(|s| entity_tags(s, &schema, TagScheme::Bio).is_none())
        .count();
    assert_eq!((sentences.len(), untaggable), (4_272, 119));
}
