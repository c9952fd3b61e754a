//! The research corpora read whole, with the counts that their description gives. They are not part of the project:
//! `SPANARC_SHARED` names the folder that holds them (default: `shared` beside the workspace), and without it the
//! tests say that they were skipped.
#![allow(clippy::unwrap_used)] // Helpers of tests are no tests to clippy.

use std::{collections::BTreeSet, env, fs::File, io::BufReader, path::PathBuf};

use spanarc_corpus::{
    Dropped, LabelSchema, Sentence, TagScheme, jsonl, score,
    scoring::{ByType, score_without_overlaps},
};

fn shared() -> PathBuf {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    env::var_os("SPANARC_SHARED").map_or(workspace.join("../shared"), PathBuf::from)
}

fn read(name: &str) -> Option<Vec<Sentence>> {
    let path = shared().join("data").join(name);
    let Ok(file) = File::open(&path) else {
        eprintln!("SKIPPED: no corpus at {}", path.display());
        return None;
    };
    Some(jsonl::read(BufReader::new(file), name).unwrap())
}

/// What a file beside the corpora says.
fn read_json(name: &str) -> Option<serde_json::Value> {
    let text = std::fs::read_to_string(shared().join("data").join(name)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
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

#[test]
fn the_overlapping_relations_of_ade_are_found_by_rule_and_left_out_of_the_scores() {
    let (Some(sentences), Some(overlaps)) =
        (read("ade/full.jsonl"), read_json("ade/overlaps.json"))
    else {
        return;
    };
    let found: BTreeSet<(&str, usize)> = sentences
        .iter()
        .flat_map(|s| s.overlapping_relations().map(|at| (s.id.as_str(), at)))
        .collect();
    let listed: BTreeSet<(&str, usize)> = overlaps
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| {
            let relation = pair["relation"].as_u64().unwrap();
            (
                pair["id"].as_str().unwrap(),
                usize::try_from(relation).unwrap(),
            )
        })
        .collect();
    assert_eq!(found.len(), 120);
    assert_eq!(found, listed);

    let schema = LabelSchema::from_sentences(&sentences);
    let report = score_without_overlaps(&sentences, &sentences, &schema).unwrap();
    let gold = |types: &ByType| types.values().map(|kind| kind.counts.gold).sum::<usize>();
    assert_eq!(gold(&report.per_type.entities), 10_599);
    assert_eq!(gold(&report.per_type.relations.strict), 6_701);
}

#[test]
fn ade_can_be_tagged_once_overlaps_are_dropped() {
    let Some(mut sentences) = read("ade/full.jsonl") else {
        return;
    };
    let mut dropped = Dropped::default();
    sentences
        .iter_mut()
        .for_each(|sentence| dropped += sentence.drop_overlaps());
    let schema = LabelSchema::from_sentences(&sentences);
    let tagged = |s| entity_tags(s, &schema, TagScheme::Bio).is_some();
    assert!(sentences.iter().all(tagged));
    assert_eq!(dropped.entities, 120);
}
