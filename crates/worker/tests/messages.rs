//! Messages as JavaScript sees them.
#![cfg(target_arch = "wasm32")]
// Clippy does not know that these are tests.
#![allow(clippy::unwrap_used)]

use js_sys::{JsString, Object, Reflect};
use spanarc_document::{OffsetMap, Span};
use spanarc_engine::{Annotations, FoundEntity};
use spanarc_protocol::{
    self as protocol, AnnotationsReply, Label, ModelSummary, Reply, Request, SentenceAnswer, Stage,
};
use spanarc_worker::reply;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

/// The text of a message from JavaScript, as the worker reads it.
fn opened(text: &JsValue) -> String {
    let message = Object::new();
    for (name, value) in [
        ("kind", &"open".into()),
        ("surface", &1.into()),
        ("revision", &2.into()),
        ("text", text),
    ] {
        Reflect::set(&message, &name.into(), value).unwrap();
    }
    match protocol::from_js(message.into()).unwrap() {
        Request::Open { text, .. } => text,
        other => panic!("{other:?}"),
    }
}

#[wasm_bindgen_test]
fn every_message_survives_the_way() {
    let label = || {
        vec![Label {
            name: "Loc".into(),
            color: "#336699".into(),
        }]
    };
    let model = ModelSummary {
        name: "news".into(),
        bytes: 20_000_000,
        entity_types: label(),
        relation_types: label(),
        relation_threshold: 0.75,
    };
    let sentence = SentenceAnswer {
        start: 4,
        end: 9,
        entities: vec![protocol::FoundEntity {
            entity_type: 0,
            start: 1,
            end: 2,
            score: 1.0,
        }],
        relations: vec![protocol::FoundRelation {
            relation_type: 0,
            head: 0,
            tail: 0,
            score: 0.125,
        }],
    };
    let annotations = AnnotationsReply {
        surface: 1,
        revision: u32::MAX,
        done: 1,
        total: 2,
        sentences: vec![sentence],
        milliseconds: 1.0,
    };
    for reply in [
        Reply::Started,
        Reply::Progress {
            received: 4_000_000_000,
            total: None,
        },
        Reply::Progress {
            received: 0,
            total: Some(7),
        },
        Reply::Ready { model },
        Reply::Annotations(annotations),
        Reply::StartSecondary { secondary: 1 },
        Reply::StopSecondary { secondary: 1 },
        Reply::Batch {
            batch: 2,
            sentences: Vec::new(),
        },
        Reply::Failed {
            stage: Stage::Annotate,
            surface: Some(3),
            message: "no".into(),
        },
    ] {
        assert_eq!(
            protocol::from_js::<Reply>(protocol::to_js(&reply).unwrap()).unwrap(),
            reply
        );
    }
    for request in [
        Request::Load {
            url: Some("m".into()),
            bytes: None,
            sha256: Some("00".into()),
            secondaries: 3,
        },
        Request::Load {
            url: None,
            bytes: Some(vec![0, 255].into()),
            sha256: None,
            secondaries: 0,
        },
        Request::Open {
            surface: 0,
            revision: 1,
            text: "é".into(),
            visible: None,
        },
        Request::Edit {
            surface: 0,
            revision: 2,
            start: 0,
            removed: 1,
            inserted: "👍".into(),
            visible: Some(Span::new(0, 2)),
        },
        Request::Look {
            surface: 0,
            visible: Span::new(1, 2),
        },
        Request::Close { surface: u32::MAX },
        Request::SecondaryStarted { secondary: 1 },
        Request::SecondaryLost { secondary: 1 },
        Request::Annotate {
            batch: 2,
            sentences: vec!["Zoë 👍".into()],
        },
    ] {
        assert_eq!(
            protocol::from_js::<Request>(protocol::to_js(&request).unwrap()).unwrap(),
            request
        );
    }
}

#[wasm_bindgen_test]
fn the_bytes_of_a_bundle_are_an_array_of_bytes() {
    let message = protocol::to_js(&Request::Load {
        url: None,
        bytes: Some(vec![0, 255].into()),
        sha256: None,
        secondaries: 0,
    })
    .unwrap();
    assert!(field(&message, "bytes").is_instance_of::<js_sys::Uint8Array>());
}

#[wasm_bindgen_test]
fn messages_are_plain_objects() {
    let message = protocol::to_js(&Reply::Progress {
        received: 5,
        total: None,
    })
    .unwrap();
    assert_eq!(field(&message, "kind"), "progress");
    assert_eq!(field(&message, "received"), 5);
    assert!(field(&message, "total").is_undefined());
}

#[wasm_bindgen_test]
fn offsets_count_lone_surrogates_as_javascript_does() {
    let units: Vec<u16> = [
        &[0xd800, 0x20][..],
        &"👍 é ".encode_utf16().collect::<Vec<_>>(),
        &[0xdc00, 0xdc01, 0x20],
        &"Mary".encode_utf16().collect::<Vec<_>>(),
    ]
    .concat();
    let text: JsString = JsString::from_char_code(&units);
    let read = opened(text.as_ref());
    let start = read.find("Mary").unwrap();
    let annotations = Annotations {
        entities: vec![FoundEntity {
            entity_type: 0,
            span: Span::new(0, 4),
            score: 1.0,
        }],
        relations: Vec::new(),
    };
    let sentence = Span::new(start, start + 4);
    let answer = reply::answer(sentence, &annotations, &OffsetMap::new(&read));
    let expected = text.index_of("Mary", 0) as usize;
    assert_eq!((answer.start, answer.end), (expected, expected + 4));
    assert_eq!(answer.entities[0].span(), Span::new(0, 4));
}
