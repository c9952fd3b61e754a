//! Random documents, written and read back, and files with random faults.

use proptest::prelude::*;
use spanarc_document::Document;

use crate::{
    annotated::Annotated,
    any_document::{Holds, Words, any_annotated, any_tokenised, read_one, read_text, written},
    format::Format,
    note::Note,
    segmenting::Segmenter,
};

const TSV: Format = Format::WebannoTsv;

/// Mentions by type and place, and links by type and places.
fn annotations(document: &Document) -> (Vec<String>, Vec<String>) {
    let extent = |id| document.mention(id).map(|mention| mention.spans.extent());
    let mentions = document.mentions().iter();
    let mut mentions: Vec<_> = mentions
        .map(|mention| format!("{} {:?}", mention.kind, mention.spans))
        .collect();
    let links = document.links().iter();
    let mut links: Vec<_> = links
        .map(|link| {
            format!(
                "{} {:?} {:?}",
                link.kind,
                extent(link.head),
                extent(link.tail)
            )
        })
        .collect();
    mentions.sort();
    links.sort();
    (mentions, links)
}

/// A document whose tokens do not care about mentions.
fn with_uncut_tokens(annotated: &Annotated) -> Annotated {
    let mut bare = Annotated::new(
        "1",
        Document::new(annotated.document.text().clone()),
        annotated.place.clone(),
    );
    bare.segment(
        &Words as &dyn Segmenter,
        None,
        crate::Discontinuous::Drop,
        &mut Vec::new(),
    );
    Annotated {
        sentences: bare.sentences,
        ..annotated.clone()
    }
}

/// The text with spaces in front of the first token, as it is read back.
fn expected_text(annotated: &Annotated) -> String {
    let text = annotated.document.text();
    let Some(first) = annotated.sentences.iter().flatten().next() else {
        return String::new();
    };
    let start = first.extent().start;
    let units = text[..start].chars().map(char::len_utf16).sum();
    " ".repeat(units) + &text[start..]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(annotated in any_tokenised(Holds { overlaps: true, ..Holds::default() })) {
        let (files, notes) = written(TSV, &annotated);
        prop_assert!(notes.iter().all(|noted| noted.note == Note::TextChanged), "{:?}", notes);
        let read = read_one(TSV, &files);
        prop_assert_eq!(&**read.document.text(), &expected_text(&annotated));
        // Spaces of other lengths in front would shift the rest.
        if annotated.document.text().starts_with(|character: char| !character.is_whitespace()) {
            prop_assert_eq!(annotations(&read.document), annotations(&annotated.document));
            let words = |annotated: &Annotated| {
                let sentences = annotated.sentences.iter().flatten();
                sentences.map(|sentence| sentence.tokens.clone()).collect::<Vec<_>>()
            };
            prop_assert_eq!(words(&read), words(&annotated));
        }
    }

    #[test]
    fn mentions_that_cut_tokens_or_go_over_sentences_are_read_back(
        annotated in any_annotated(Holds { overlaps: true, ..Holds::default() })
            .prop_filter("text in front", |annotated| !annotated.document.text().starts_with(char::is_whitespace)),
    ) {
        let annotated = with_uncut_tokens(&annotated);
        let (files, notes) = written(TSV, &annotated);
        prop_assert!(notes.is_empty(), "{:?}", notes);
        let read = read_one(TSV, &files);
        prop_assert_eq!(read.document.text(), annotated.document.text());
        prop_assert_eq!(annotations(&read.document), annotations(&annotated.document));
    }

    #[test]
    fn escapes_are_undone(text in "(\\PC|[\\\\\t\r\n\u{0}-\u{1f}_*|\\[\\];>-]|->){0,20}") {
        use super::super::escaping::{Cell, escape_text, escape_value, unescape};
        prop_assert_eq!(unescape(&escape_text(&text)), text.as_str());
        let cell = format!("{0}[1]|{0}", escape_value(&text));
        let cells = Cell::all(&cell);
        prop_assert_eq!(cells.len(), 2);
        prop_assert!(!cell.contains(['\t', '\n', '\r']));
        for (cell, mark) in cells.iter().zip([Some("1"), None]) {
            prop_assert_eq!(cell.mark, mark);
            prop_assert_eq!(unescape(cell.value), text.as_str());
        }
    }

    #[test]
    fn no_bytes_panic(
        annotated in any_tokenised(Holds::ALL),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..8),
        noise in "#FORMAT=WebAnno TSV 3.3\n(#Text=|#T_SP=|#T_RL=|#T_CH=|ROLE_|BT_|a|\\||\n|\t|[0-9]{1,20}-|[0-9]|\\.|\\[|\\]|_|\\*|\\\\|\\PC){0,60}",
    ) {
        let mut bytes = written(TSV, &annotated).0.remove(0).into_bytes();
        for (index, byte, insert) in &changes {
            let at = index.index(bytes.len());
            if *insert { bytes.insert(at, *byte) } else { bytes[at] = *byte }
        }
        read_text(TSV, &[String::from_utf8_lossy(&bytes)]);
        read_text(TSV, &[&noise]);
    }
}
