//! Random documents, written and read back, and files with random faults.

use proptest::prelude::*;
use spanarc_document::{Attributes, Id, Link, Mention, Origin, State};

use super::BOTH;
use crate::{
    annotated::Annotated,
    any_document::{Holds, any_annotated, any_tokenised, read_one, read_text, written},
    by_tokens::is_discontinuous,
    format::Format,
};

/// What XMI holds of a document: no rejected or torn annotations, no other attributes than one note and one identifier.
fn held(annotated: &Annotated, format: Format) -> (Vec<Mention>, Vec<String>) {
    let mut kept = Vec::new();
    for mention in annotated.document.mentions() {
        let torn = is_discontinuous(annotated.document.text(), &mention.spans);
        if mention.state == State::Rejected || torn {
            continue;
        }
        let mut mention = mention.clone();
        mention.spans = mention.spans.extent().try_into().unwrap();
        mention.id = Id(0);
        mention.attributes = Attributes::default();
        if format == Format::CasJson {
            (mention.origin, mention.state) = (Origin::Person, State::Accepted);
        }
        kept.push(mention);
    }
    let both = |link: &&Link| {
        [link.head, link.tail].into_iter().all(|id| {
            let mention = annotated.document.mention(id).unwrap();
            !is_discontinuous(annotated.document.text(), &mention.spans)
        }) && link.state != State::Rejected
    };
    let links = annotated.document.links().iter().filter(both);
    let extent = |id| annotated.document.mention(id).unwrap().spans.extent();
    let links = links.map(|link| {
        format!(
            "{} {:?} {:?}",
            link.kind,
            extent(link.head),
            extent(link.tail)
        )
    });
    kept.sort_by(|a, b| (a.spans.as_slice(), &a.kind).cmp(&(b.spans.as_slice(), &b.kind)));
    (kept, links.collect())
}

#[test]
fn of_a_normalisation_that_is_written_only_the_text_is_noted() {
    let text = r#"{"text": "Ada", "relations": [], "entities": [{"type": "P", "start": 0, "end": 3, "attributes":
        {"normalizations": [{"resource": "Wikidata", "id": "Q7259", "text": "Ada Lovelace"}]}}]}"#;
    let (_, notes) = written(Format::CasXmi, &read_one(Format::Json, &[text]));
    let subjects: Vec<_> = notes.iter().map(|noted| noted.subject.as_str()).collect();
    assert_eq!(
        subjects,
        ["P \"Ada\" (code points 0..3): the text of the normalisation"]
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(annotated in any_annotated(Holds::ALL)) {
        for format in BOTH {
            let (files, _) = written(format, &annotated);
            let read = read_one(format, &files);
            prop_assert_eq!(read.document.text(), annotated.document.text());
            prop_assert_eq!(&read.id, &annotated.id);
            prop_assert_eq!(held(&read, format), held(&annotated, format));
        }
    }

    #[test]
    fn what_fits_the_layers_is_read_back_whole(annotated in any_tokenised(Holds { overlaps: true, blank_ends: true, ..Holds::default() })) {
        for format in BOTH {
            let (files, notes) = written(format, &annotated);
            prop_assert!(notes.is_empty(), "{:?}", notes);
            let read = read_one(format, &files);
            prop_assert_eq!(&read.document, &annotated.document);
            let tokens = |annotated: &Annotated| {
                let sentences = annotated.sentences.iter().flatten();
                sentences.map(|s| (s.id.clone(), s.tokens.clone())).collect::<Vec<_>>()
            };
            prop_assert_eq!(tokens(&read), tokens(&annotated));
        }
    }

    #[test]
    fn no_bytes_panic(
        annotated in any_tokenised(Holds::ALL),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..8),
        noise in "(<|>|/|xmi:XMI|cas:Sofa| |=|\"|sofaString|&#|;|!\\[CDATA\\[|\\{|\\}|%TYPE|:|\\PC){0,40}",
    ) {
        for format in BOTH {
            let mut bytes = written(format, &annotated).0.remove(0).into_bytes();
            for (index, byte, insert) in &changes {
                let at = index.index(bytes.len());
                if *insert { bytes.insert(at, *byte) } else { bytes[at] = *byte }
            }
            read_text(format, &[String::from_utf8_lossy(&bytes)]);
            read_text(format, &[&noise]);
        }
    }
}
