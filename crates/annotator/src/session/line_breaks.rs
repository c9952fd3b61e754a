//! The line breaks of a textarea, which has no others than `\n`.

use std::{collections::HashSet, sync::Arc};

use spanarc_document::{Byte, Command, Document, Id, Mention, Span, Spans};

/// `command` with the line breaks of a textarea.
pub(super) fn in_command(command: &Command) -> Command {
    match command {
        Command::ReplaceText { span, with } => Command::ReplaceText {
            span: *span,
            with: in_text(with),
        },
        other => other.clone(),
    }
}

/// `document` with the line breaks of a textarea. Annotations stay on their words; a mention of nothing but half a line break goes, with
/// its links.
pub(super) fn in_document(document: Document) -> Document {
    let text = document.text();
    if !text.contains('\r') {
        return document;
    }
    // Of `\r\n` the first goes. Alone it becomes a `\n`, which is as long.
    let gone: Vec<usize> = text.match_indices("\r\n").map(|(at, _)| at).collect();
    let moved = |at: usize| at - gone.partition_point(|&before| before < at);
    let carried = |mention: &Mention| {
        let pieces = mention.spans.iter();
        let pieces = pieces.map(|piece| Span::<Byte>::new(moved(piece.start), moved(piece.end)));
        let pieces: Vec<_> = pieces.filter(|piece| !piece.is_empty()).collect();
        let spans = Spans::new(&pieces).ok()?;
        Some(Mention {
            spans,
            ..mention.clone()
        })
    };
    let mentions: Vec<Mention> = document.mentions().iter().filter_map(carried).collect();
    let kept: HashSet<Id> = mentions.iter().map(|mention| mention.id).collect();
    let links = document.links().iter();
    let links = links.filter(|link| kept.contains(&link.head) && kept.contains(&link.tail));
    let links = links.cloned().collect();
    let rebuilt =
        Document::with_annotations(in_text(text), mentions, links, document.notes().clone());
    debug_assert!(rebuilt.is_ok(), "{rebuilt:?}");
    // Identities of what went are not given again.
    let next = document.fresh_id();
    rebuilt.unwrap_or(document).counting_from(next)
}

/// `text` with the line breaks that a textarea has: it turns every other kind into `\n`.
pub(super) fn in_text(text: &str) -> Arc<str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use spanarc_document::{Attributes, Link, Origin, State};

    use super::*;

    fn mention(id: u32, pieces: &[(usize, usize)]) -> Mention {
        let pieces: Vec<_> = (pieces.iter())
            .map(|&(start, end)| Span::new(start, end))
            .collect();
        Mention {
            id: Id(id),
            kind: "Peop".into(),
            spans: Spans::new(&pieces).unwrap(),
            origin: Origin::Model {
                name: "news".into(),
                score: 0.5,
            },
            state: State::Suggested,
            attributes: Attributes::default(),
        }
    }

    fn link(id: u32, head: u32, tail: u32) -> Link {
        Link {
            id: Id(id),
            kind: "Knows".into(),
            head: Id(head),
            tail: Id(tail),
            origin: Origin::Person,
            state: State::Accepted,
            attributes: noted("link"),
        }
    }

    fn noted(what: &str) -> Attributes {
        [(what.to_owned(), 1.into())].into_iter().collect()
    }

    #[test]
    fn every_break_becomes_one_and_all_else_is_kept() {
        let mut last = mention(7, &[(8, 12)]);
        (last.state, last.attributes) = (State::Accepted, noted("mention"));
        let split = mention(2, &[(0, 3), (6, 8)]);
        let (links, notes) = (vec![link(1, 7, 2)], noted("whole"));
        let mentions = vec![last.clone(), split.clone(), mention(9, &[(3, 4)])];
        let text = "Ann\r\n\rBo\r\rCy\n";
        let document = Document::with_annotations(text, mentions, links.clone(), notes.clone());
        let last = Mention {
            spans: Spans::one(Span::new(7, 11)).unwrap(),
            ..last
        };
        let split = Mention {
            spans: Spans::new(&[Span::new(0, 3), Span::new(5, 7)]).unwrap(),
            ..split
        };
        let text = "Ann\n\nBo\n\nCy\n";
        let expected = Document::with_annotations(text, vec![last, split], links, notes).unwrap();
        assert_eq!(in_document(document.unwrap()), expected);
    }

    #[test]
    fn a_text_of_many_lines_opens_at_once() {
        const LINES: usize = 20_000;
        let line = "The quick brown fox jumps over the lazy dog, as ever.\r\n";
        let at = |line_number: usize| line_number * line.len();
        let mut mentions: Vec<Mention> = (0..LINES)
            .map(|number| mention(number as u32, &[(at(number), at(number) + 9)]))
            .collect();
        let everything = LINES as u32;
        mentions.push(mention(everything, &[(0, at(LINES))]));
        let links = (1..LINES as u32).map(|id| link(everything + id, id - 1, id));
        let text = line.repeat(LINES);
        let notes = Attributes::default();
        let document = Document::with_annotations(text, mentions, links.collect(), notes).unwrap();
        let opened = in_document(document);
        assert_eq!(opened.text().len(), (line.len() - 1) * LINES);
        assert_eq!(opened.links().len(), LINES - 1);
        for id in [0, LINES - 1] {
            let mention = opened.mention(Id(id as u32)).unwrap();
            assert_eq!(opened.words(&mention.spans).next(), Some("The quick"));
        }
        let whole = opened.mention(Id(everything)).unwrap();
        assert_eq!(whole.spans.extent().len(), opened.text().len());
    }

    proptest! {
        #[test]
        fn annotations_stay_on_their_words(
            parts in prop::collection::vec("a|é| |\n|\r|\r\n", 1..12),
            places in prop::collection::vec((0..12usize, 0..12usize), 0..8),
        ) {
            let text = parts.concat();
            // Where parts meet, so that no span cuts a line break.
            let mut bounds = vec![0];
            bounds.extend(parts.iter().scan(0, |end, part| { *end += part.len(); Some(*end) }));
            // "\r" and "\n" that meet are one break, too.
            bounds.retain(|&at| !text[..at].ends_with('\r') || !text[at..].starts_with('\n'));
            let bound = |place: usize| bounds[place % bounds.len()];
            let spans = places.iter().map(|&(one, other)| (bound(one), bound(other)));
            let spans = spans.filter(|(start, end)| start < end);
            let mentions: Vec<Mention> = (0..).zip(spans).map(|(id, span)| mention(id, &[span])).collect();
            let document = Document::with_annotations(&*text, mentions, Vec::new(), noted("whole")).unwrap();
            let opened = in_document(document.clone());
            prop_assert_eq!(opened.text(), &in_text(&text));
            prop_assert_eq!(opened.mentions().len(), document.mentions().len());
            for before in document.mentions() {
                let after = opened.mention(before.id).unwrap();
                let words: Vec<_> = document.words(&before.spans).map(in_text).collect();
                let now: Vec<Arc<str>> = opened.words(&after.spans).map(Arc::from).collect();
                prop_assert_eq!(words, now);
            }
        }
    }
}
