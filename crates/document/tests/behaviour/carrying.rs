//! How mentions follow a replacement of text.
//!
//! Brackets mark a mention, of several pieces where there are several pairs; `<` and `>` mark what is replaced.

use spanarc_document::{Attributes, Document, Edit, Id, Mention, Span, Spans, State};

use crate::samples::{
    ACME, BOSTON, MARY, TEXT, link, mention, perform, replace, shown, shown_links, suggested,
};

/// The text after replacing what is marked, with the mention's pieces in brackets.
fn carried_as(state: State, marked: &str, with: &str) -> String {
    let (mut text, mut pieces, mut starts, mut edit) = (String::new(), vec![], vec![], vec![]);
    for character in marked.chars() {
        match character {
            '[' => starts.push(text.len()),
            ']' => pieces.push(Span::new(starts.pop().unwrap(), text.len())),
            '<' | '>' => edit.push(text.len()),
            _ => text.push(character),
        }
    }
    let mention = Mention {
        spans: Spans::new(&pieces).unwrap(),
        ..mention(0, "Peop", Span::new(0, 1), state)
    };
    let mut document =
        Document::with_annotations(text, vec![mention], vec![], Attributes::default()).unwrap();
    perform(&mut document, &replace(edit[0], edit[1], with));
    let mut shown = document.text().to_string();
    for span in document
        .mentions()
        .iter()
        .flat_map(|m| m.spans.as_slice())
        .rev()
    {
        shown.insert(span.end, ']');
        shown.insert(span.start, '[');
    }
    shown
}

fn carried(marked: &str, with: &str) -> String {
    carried_as(State::Suggested, marked, with)
}

#[test]
fn text_beside_a_mention_leaves_it_whole() {
    assert_eq!(carried("I <>[Mary] so", "saw "), "I saw [Mary] so");
    assert_eq!(carried("I [Mary]<> so", "'s"), "I [Mary]'s so");
    assert_eq!(carried("I< am> [Mary] so", ""), "I [Mary] so");
    assert_eq!(carried("I< am >[Mary] so", "'m "), "I'm [Mary] so");
    assert_eq!(carried("[Mary]< so>", ""), "[Mary]");
}

#[test]
fn a_mention_grows_and_shrinks_around_text_inside_it() {
    assert_eq!(carried("[Ma<>ry] so", "u"), "[Maury] so");
    assert_eq!(carried("[M<ar>y] so", ""), "[My] so");
    assert_eq!(carried("[Zo<é>☺] so", "😀"), "[Zo😀☺] so");
}

#[test]
fn new_letters_in_place_of_the_first_or_last_belong_to_the_mention() {
    assert_eq!(carried("I [<M>ary] so", "H"), "I [Hary] so");
    assert_eq!(carried("I [Mar<y>] so", "io"), "I [Mario] so");
}

#[test]
fn a_mention_loses_the_letters_removed_from_its_ends() {
    assert_eq!(carried("I [<M>ary] so", ""), "I [ary] so");
    assert_eq!(carried("I [Mar<y>] so", ""), "I [Mar] so");
}

#[test]
fn an_edit_over_a_boundary_trims_the_mention() {
    assert_eq!(carried("I< [Ma>ry] so", ""), "I[ry] so");
    assert_eq!(carried("I< [Ma>ry] so", "X"), "IX[ry] so");
    assert_eq!(carried("I [Ma<ry] s>o", "X"), "I [Ma]Xo");
}

#[test]
fn a_mention_that_is_covered_whole_goes() {
    assert_eq!(carried("I [<Mary>] so", "Jane"), "I Jane so");
    assert_eq!(carried("I< [Mary] >so", " "), "I so");
}

#[test]
fn replacing_text_by_itself_changes_nothing() {
    assert_eq!(carried("I [<Mary>] so", "Mary"), "I [Mary] so");
    let document = suggested();
    assert_eq!(document.changes_for(&replace(3, 3, "")), Ok(vec![]));
}

#[test]
fn a_piece_of_a_mention_goes_alone() {
    assert_eq!(carried("[New] old <[Orleans]>", ""), "[New] old ");
    assert_eq!(carried("<[New] old [Or>leans]", "X"), "X[leans]");
    assert_eq!(carried("[Ne<w] old [Or>leans]", ""), "[Ne][leans]");
    assert_eq!(carried("[New] <old> [Orleans]", "X"), "[New] X [Orleans]");
    assert_eq!(carried("<[New] old [Orleans]>", ""), "");
}

#[test]
fn a_mention_left_with_white_space_only_goes() {
    assert_eq!(carried("[Mary <Jones>]", ""), "[Mary ]");
    assert_eq!(carried("[<Mary> ]Jones", ""), " Jones");
    assert_eq!(carried("a[ <b> ]c", ""), "a  c");
}

#[test]
fn a_rejected_mention_stands_until_an_edit_reaches_into_it() {
    let rejected = State::Rejected;
    assert_eq!(carried_as(rejected, "I <>[May] so", "am "), "I am [May] so");
    assert_eq!(carried_as(rejected, "I [M<>ay] so", "a"), "I Maay so");
    assert_eq!(carried_as(rejected, "I [Ma<y] >so", ""), "I Maso");
}

#[test]
fn links_go_with_their_mentions() {
    let mut document = suggested();
    perform(&mut document, &replace(MARY.start, MARY.end, "She"));
    assert_eq!(shown(&document), ["1 Org Acme Corp", "2 Loc Boston"]);
    assert_eq!(shown_links(&document), ["4 1 Based_In 2"]);
}

#[test]
fn a_suggestion_that_comes_to_cover_the_same_as_another_mention_goes() {
    let (new, york) = (Span::new(0, 3), Span::new(0, 8));
    let after = |first: State, second: State| {
        let mentions = vec![
            mention(0, "Loc", new, first),
            mention(1, "Loc", york, second),
        ];
        let mut document =
            Document::with_annotations("New York", mentions, vec![], Attributes::default())
                .unwrap();
        perform(&mut document, &replace(3, 8, ""));
        shown(&document)
    };
    let (suggested, accepted) = (State::Suggested, State::Accepted);
    assert_eq!(after(suggested, suggested), ["0 Loc New"]);
    assert_eq!(after(suggested, accepted), ["1 Loc New accepted"]);
    assert_eq!(after(accepted, suggested), ["0 Loc New accepted"]);
    assert_eq!(after(State::Rejected, suggested), ["0 Loc New rejected"]);
    let both = ["0 Loc New accepted", "1 Loc New accepted"];
    assert_eq!(after(accepted, accepted), both);
}

#[test]
fn a_suggestion_that_holds_a_persons_link_does_not_yield_to_its_double() {
    let suggested = State::Suggested;
    let mentions = vec![
        mention(0, "Loc", Span::new(0, 3), suggested),
        mention(1, "Loc", Span::new(0, 8), suggested),
        mention(2, "Loc", Span::new(9, 12), suggested),
    ];
    let links = vec![link(3, "In", 1, 2, State::Accepted)];
    let mut document =
        Document::with_annotations("New York USA", mentions, links, Attributes::default()).unwrap();
    perform(&mut document, &replace(3, 8, ""));
    assert_eq!(shown(&document), ["1 Loc New", "2 Loc USA"]);
}

#[test]
fn a_span_that_is_not_the_texts_is_an_error() {
    let document = Document::new("a😀");
    for (start, end) in [(0, 6), (2, 5), (1, 0)] {
        assert!(document.changes_for(&replace(start, end, "")).is_err());
    }
}

#[test]
fn the_whole_text_can_go() {
    let mut document = suggested();
    perform(&mut document, &replace(0, TEXT.len(), ""));
    assert_eq!(document, Document::new(""));
    assert_eq!(document.fresh_id(), Id(5));
}

#[test]
fn two_texts_give_the_replacement_between_them() {
    let mut document = suggested();
    let new = "Mary Jane Jones works for Acme Corp in Boston.";
    let edit = Edit::between(document.text(), new).unwrap();
    let (went, came) = (edit.removed_span(), edit.inserted_span());
    perform(
        &mut document,
        &replace(went.start, went.end, &new[came.start..came.end]),
    );
    assert_eq!(&**document.text(), new);
    assert_eq!(
        shown(&document),
        ["0 Peop Mary Jane Jones", "1 Org Acme Corp", "2 Loc Boston"]
    );
    assert_eq!(edit.carry(ACME), Some(ACME.shifted(5)));
    assert_eq!(edit.carry(BOSTON), Some(BOSTON.shifted(5)));
}
