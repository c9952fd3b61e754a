use proptest::prelude::*;
use serde_json::{Value, json};
use spanarc_annotator::Handle;

use super::*;

const EVERYTHING: (f32, f32) = (0.0, 0.0);

fn read(annotations: Value) -> Annotations {
    let read: Annotations = serde_json::from_value(annotations).unwrap();
    read.in_utf16().unwrap()
}

/// Why `annotations` are none.
fn refusal(annotations: Value) -> String {
    let read: Annotations = serde_json::from_value(annotations).unwrap();
    let refused = read.in_utf16().and_then(Annotations::into_document);
    refused.unwrap_err().to_string()
}

/// What comes out when `annotations` went in.
fn through(annotations: Value, thresholds: (f32, f32)) -> Value {
    let (document, mut names) = read(annotations).into_document().unwrap();
    let snapshot = Handle::new(document).snapshot();
    serde_json::to_value(Annotations::of(&snapshot, thresholds, &mut names)).unwrap()
}

#[test]
fn what_a_host_leaves_out_has_defaults_and_what_it_adds_is_ignored() {
    let given = json!({
        "text": "Ann met Bo.", "source": "memory",
        "entities": [
            {"id": 4, "type": "Person", "start": 0, "end": 3, "note": "?"},
            {"type": "Person", "start": 8, "end": 10, "origin": "model"},
        ],
        "relations": [],
    });
    let expected = json!({
        "text": "Ann met Bo.",
        "entities": [
            {"id": "4", "type": "Person", "start": 0, "end": 3, "origin": "person", "state": "accepted"},
            {
                "id": "s1", "type": "Person", "start": 8, "end": 10,
                "score": 1.0, "origin": "model", "state": "suggested", "model": "",
            },
        ],
        "relations": [],
    });
    assert_eq!(through(given, EVERYTHING), expected);
}

#[test]
fn what_is_there_already_is_recognised_with_or_without_what_may_be_left_out() {
    let given = json!({
        "text": "Ann met Bo.", "complete": true,
        "entities": [{"type": "Person", "start": 0, "end": 3, "origin": null}, {"id": 4, "type": "Dog", "start": 8, "end": 10}],
    });
    let present = read(through(given.clone(), EVERYTHING));
    assert!(read(given.clone()).are(&present) && present.are(&present));
    for (pointer, other) in [
        ("/text", json!("Ann met Bob.")),
        ("/entities/0/end", json!(2)),
        ("/entities/0/state", json!("rejected")),
        ("/entities/1/id", json!(5)),
        ("/entities/1/type", json!("Cat")),
    ] {
        let mut changed = given.clone();
        match changed.pointer_mut(pointer) {
            Some(value) => *value = other,
            None => changed["entities"][0]["state"] = other,
        }
        assert!(!read(changed).are(&present), "{pointer}");
    }
}

#[test]
fn what_is_there_already_is_recognised_in_any_order() {
    let entity =
        |id: Value, start: usize| json!({"id": id, "type": "P", "start": start, "end": start + 1});
    let relation = |id: Value, head: u32, tail: u32| json!({"id": id, "type": "R", "head": head, "tail": tail});
    let [nameless, again, other] = [4, 2, 0].map(|start| entity(Value::Null, start));
    let (a, b) = (entity(json!(1), 0), entity(json!(2), 2));
    let (ab, ba) = (relation(Value::Null, 1, 2), relation(Value::Null, 2, 1));
    let named = relation(json!("r"), 2, 1);
    let given = |entities: [&Value; 5], relations: [&Value; 3]| json!({"text": "a b c", "entities": entities, "relations": relations});

    let entities = [&a, &b, &nameless, &again, &nameless];
    let relations = [&ab, &ba, &named];
    let present = read(through(given(entities, relations), EVERYTHING));
    let are = |entities, relations| read(given(entities, relations)).are(&present);
    let reordered = [&nameless, &again, &b, &nameless, &a];
    assert!(are(reordered, [&named, &ba, &ab]));
    for (place, entity) in [(3, &again), (3, &b), (1, &other)] {
        let mut changed = reordered;
        changed[place] = entity;
        assert!(!are(changed, relations));
    }
    assert!(!are(entities, [&ab, &ab, &named]));
    assert!(!are(entities, [&ab, &named, &named]));
}

#[test]
fn pieces_attributes_and_notes_come_out_as_they_went_in() {
    let given = json!({
        "text": "Ann and Bo Lee",
        "entities": [
            {"id": "a", "type": "P", "start": 0, "end": 14, "spans": [[0, 3], [11, 14]], "attributes": {"sure": 1.5},
             "origin": "person", "state": "accepted"},
            {"id": "b", "type": "P", "start": 8, "end": 14, "origin": "person", "state": "accepted"},
        ],
        "relations": [{"id": "r", "type": "R", "head": "a", "tail": "b", "attributes": {"by": ["x"]},
                       "origin": "person", "state": "accepted"}],
        "notes": {"source": "us"},
    });
    assert_eq!(through(given.clone(), EVERYTHING), given);
    let present = read(given.clone());
    let mut other = given.clone();
    other["entities"][0]["spans"][1][0] = json!(12);
    assert!(read(given).are(&present) && !read(other).are(&present));
}

#[test]
fn offsets_count_what_a_host_says() {
    let text = "é😀 Ann, Bo";
    for (unit, ann, bo) in [("utf16", 4, 9), ("char", 3, 8), ("byte", 7, 12)] {
        let given = json!({
            "text": text, "offsets": unit,
            "entities": [
                {"id": "a", "type": "P", "start": ann, "end": ann + 3},
                {"id": "b", "type": "P", "start": 0, "end": 0, "spans": [[ann, ann + 1], [bo, bo + 2]]},
            ],
        });
        let out = through(given, EVERYTHING);
        // In text order, the longer one first.
        let [pieces, whole] = [&out["entities"][0], &out["entities"][1]];
        assert_eq!(pieces["spans"], json!([[4, 5], [9, 11]]));
        assert_eq!([&whole["start"], &whole["end"]], [4, 7]);
        assert_eq!(out["offsets"], Value::Null);
    }
    let beyond = json!({"text": text, "offsets": "char", "entities": [{"type": "P", "start": 0, "end": 11}]});
    let reason = "entities[0]: char position 11 is out of range in a text of length 10";
    assert_eq!(refusal(beyond), reason);
    let unknown = json!({"text": "", "offsets": "words"});
    let unknown = serde_json::from_value::<Annotations>(unknown).unwrap_err();
    assert!(
        unknown
            .to_string()
            .contains("`words`, expected one of `utf16`, `char`, `byte`")
    );
}

#[test]
fn what_has_a_score_is_a_models_unless_its_origin_says_otherwise() {
    let entity = |start, origin: Value| json!({"type": "P", "start": start, "end": start + 1, "score": 0.5, "origin": origin});
    let given = json!({"text": "a b c", "entities": [entity(0, json!(null)), entity(2, json!("person")), entity(4, json!("model"))]});
    let out = through(given, EVERYTHING);
    let standing = |index: usize| {
        let entity = &out["entities"][index];
        [&entity["origin"], &entity["state"], &entity["score"]].map(Value::clone)
    };
    assert_eq!(
        standing(0),
        [json!("model"), json!("suggested"), json!(0.5)]
    );
    assert_eq!(
        standing(1),
        [json!("person"), json!("accepted"), Value::Null]
    );
    assert_eq!(standing(2), standing(0));
}

#[test]
fn scores_beyond_0_and_1_are_refused_with_their_place() {
    let entity =
        |id: u32, score: f64| json!({"id": id, "type": "P", "start": 0, "end": 1, "score": score});
    let given = |score: f64, relation: f64| {
        let relation = json!({"type": "R", "head": 1, "tail": 2, "score": relation});
        json!({"text": "a", "entities": [entity(1, 0.0), entity(2, score)], "relations": [relation]})
    };
    let reason = refusal(given(98.0, 1.0));
    assert_eq!(reason, "entities[1]: its score 98 is not from 0 to 1");
    let reason = refusal(given(1.0, -0.5));
    assert_eq!(reason, "relations[0]: its score -0.5 is not from 0 to 1");
}

#[test]
fn suggestions_below_a_threshold_are_left_out_with_their_relations() {
    let entity = |id: &str, start, score| json!({"id": id, "type": "T", "start": start, "end": start + 1, "origin": "model", "score": score});
    let relation = |id: &str, tail: &str, score| json!({"id": id, "type": "R", "head": "a", "tail": tail, "origin": "model", "score": score});
    let given = json!({
        "text": "a b c", "entities": [entity("a", 0, 0.9), entity("b", 2, 0.8), entity("c", 4, 0.3)],
        "relations": [relation("ab", "b", 0.7), relation("ac", "c", 0.9)],
    });
    let ids = |thresholds| {
        let out = through(given.clone(), thresholds);
        let of = |key: &str| -> Vec<String> {
            let list = out[key].as_array().unwrap().iter();
            list.map(|it| it["id"].as_str().unwrap().to_owned())
                .collect()
        };
        (of("entities").join(" "), of("relations").join(" "))
    };
    assert_eq!(ids(EVERYTHING), ("a b c".into(), "ab ac".into()));
    assert_eq!(ids((0.5, 0.0)), ("a b".into(), "ab".into()));
    assert_eq!(ids((0.0, 0.8)), ("a b c".into(), "ac".into()));
}

#[test]
fn a_score_is_written_in_as_few_digits_as_tell_it_from_others() {
    assert_eq!(shortest(0.98).to_string(), "0.98");
    assert_eq!(shortest(0.98) as f32, 0.98);
}

proptest! {
    /// Offsets of whatever text, identities and standing come out as they went in.
    #[test]
    fn what_goes_in_comes_out(
        words in prop::collection::vec("[a-zé😀\u{301}\n א]{1,5}", 1..12),
        accepted in prop::collection::vec(any::<bool>(), 12),
        scores in prop::collection::vec(0.0f32..1.0, 12),
    ) {
        let mut text = String::new();
        let mut entities = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let start = text.encode_utf16().count();
            text.push_str(word);
            let (score, origin) = (shortest(scores[index]), "model");
            let state = if accepted[index] { "accepted" } else { "suggested" };
            entities.push(json!({
                "id": format!("e{index}"), "type": "T", "start": start, "end": text.encode_utf16().count(),
                "score": score, "origin": origin, "state": state, "model": "m",
            }));
        }
        let relations: Vec<Value> = (1..entities.len()).map(|index| json!({
            "id": format!("r{index}"), "type": "R", "head": format!("e{index}"), "tail": "e0",
            "origin": "person", "state": "accepted",
        })).collect();
        let given = json!({"text": text, "entities": entities, "relations": relations});
        prop_assert_eq!(through(given.clone(), EVERYTHING), given);
    }
}
