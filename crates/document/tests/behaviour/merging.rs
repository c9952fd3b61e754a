//! What a model's answer may change.

use spanarc_document::{
    Answer, Attributes, Change, Command, Document, Id, Mention, Origin, Span, Spans, State,
};

use crate::samples::{
    ACME, BOSTON, MARY, TEXT, answer, kind, link, mention, merge, perform, shown, shown_links,
    spans, suggested,
};

const ALL: [(&str, Span<spanarc_document::Byte>); 3] =
    [("Peop", MARY), ("Org", ACME), ("Loc", BOSTON)];

/// [`suggested`] after commands.
fn after(commands: &[Command]) -> Document {
    let mut document = suggested();
    for command in commands {
        perform(&mut document, command);
    }
    document
}

#[test]
fn a_first_answer_brings_suggestions_of_distinct_identities() {
    let mut document = Document::new(TEXT);
    let first = answer(&ALL, &[("Work_For", 0, 1), ("Based_In", 1, 2)]);
    merge(&mut document, &first);
    assert_eq!(document, suggested());
}

#[test]
fn the_same_answer_again_changes_nothing() {
    let again = answer(&ALL, &[("Work_For", 0, 1), ("Based_In", 1, 2)]);
    assert_eq!(suggested().changes_for_answer(&again), Ok(vec![]));
}

#[test]
fn a_repeated_suggestion_keeps_its_identity_and_takes_the_new_score() {
    let mut document = suggested();
    let mut again = answer(&ALL, &[("Work_For", 0, 1), ("Based_In", 1, 2)]);
    again.mentions[1].score = 0.75;
    again.links[0].score = 0.25;
    assert_eq!(merge(&mut document, &again).len(), 2);
    let score = |origin: &Origin| match origin {
        Origin::Model { score, .. } => *score,
        Origin::Person => panic!("a model made it"),
    };
    assert_eq!(score(&document.mention(Id(1)).unwrap().origin), 0.75);
    assert_eq!(score(&document.link(Id(3)).unwrap().origin), 0.25);
    assert_eq!(shown(&document), shown(&suggested()));
    assert_eq!(shown_links(&document), shown_links(&suggested()));
}

#[test]
fn another_models_answer_takes_over_what_it_repeats() {
    let mut document = suggested();
    let mut other = answer(&ALL, &[("Work_For", 0, 1), ("Based_In", 1, 2)]);
    other.model = "encyclopedia".into();
    merge(&mut document, &other);
    let all_other = document.mentions().iter().all(|mention| {
        matches!(&mention.origin, Origin::Model { name, .. } if **name == *"encyclopedia")
    });
    assert!(all_other);
    assert_eq!(shown(&document), shown(&suggested()));
}

#[test]
fn suggestions_that_are_not_repeated_go_with_their_links() {
    let mut document = suggested();
    merge(&mut document, &answer(&[ALL[0], ALL[2]], &[]));
    assert_eq!(shown(&document), ["0 Peop Mary Jones", "2 Loc Boston"]);
    assert!(document.links().is_empty());

    let mut document = suggested();
    merge(&mut document, &answer(&[("Loc", MARY)], &[]));
    assert_eq!(shown(&document), ["5 Loc Mary Jones"]);
}

#[test]
fn an_empty_answer_takes_every_suggestion_back() {
    let mut document = suggested();
    merge(&mut document, &answer(&[], &[]));
    assert_eq!(document, Document::new(TEXT));
}

#[test]
fn links_that_are_not_repeated_go() {
    let mut document = suggested();
    merge(
        &mut document,
        &answer(&ALL, &[("Based_In", 1, 2), ("Work_For", 1, 0)]),
    );
    assert_eq!(shown_links(&document), ["4 1 Based_In 2", "5 1 Work_For 0"]);
}

#[test]
fn an_answer_for_a_stretch_leaves_the_rest_alone() {
    let mut document = suggested();
    let stretch = Answer {
        covers: Span::new(0, 30),
        ..answer(&[ALL[0], ALL[1]], &[])
    };
    merge(&mut document, &stretch);
    assert_eq!(shown(&document), shown(&suggested()));
    assert_eq!(shown_links(&document), ["4 1 Based_In 2"]);
}

#[test]
fn a_suggestion_across_the_edge_of_the_stretch_goes() {
    let mut document = suggested();
    let stretch = Answer {
        covers: Span::new(0, 25),
        ..answer(&[ALL[0], ("Org", Span::new(21, 25))], &[])
    };
    merge(&mut document, &stretch);
    assert_eq!(
        shown(&document),
        ["0 Peop Mary Jones", "5 Org Acme", "2 Loc Boston"]
    );
}

#[test]
fn what_a_person_accepted_stays_unrepeated() {
    let mut document = after(&[Command::Accept(Id(3))]);
    merge(&mut document, &answer(&[], &[]));
    assert_eq!(
        shown(&document),
        ["0 Peop Mary Jones accepted", "1 Org Acme Corp accepted"]
    );
    assert_eq!(shown_links(&document), ["3 0 Work_For 1 accepted"]);
}

#[test]
fn an_answered_mention_that_stands_already_is_that_one() {
    let mut document = after(&[Command::Accept(Id(1)), Command::RemoveLink(Id(3))]);
    let mut again = answer(&ALL, &[("Work_For", 0, 1), ("Based_In", 1, 2)]);
    again.mentions[1].score = 0.99;
    let changes = merge(&mut document, &again);
    assert_eq!(
        changes,
        [Change::InsertLink(link(
            5,
            "Work_For",
            0,
            1,
            State::Suggested
        ))]
    );
}

#[test]
fn an_answered_mention_gives_way_to_a_persons_that_it_overlaps() {
    let add = Command::AddMention {
        kind: kind("Peop"),
        spans: spans(Span::new(0, 4)),
    };
    let mut document = after(&[
        add,
        Command::RelabelMention {
            id: Id(1),
            kind: kind("Loc"),
        },
    ]);
    merge(&mut document, &answer(&ALL, &[("Based_In", 1, 2)]));
    assert_eq!(
        shown(&document),
        [
            "5 Peop Mary accepted",
            "1 Loc Acme Corp accepted",
            "2 Loc Boston"
        ]
    );
    assert!(document.links().is_empty());
}

#[test]
fn an_answered_mention_fits_between_the_pieces_of_a_persons() {
    let around = Mention {
        spans: Spans::new(&[Span::new(0, 4), Span::new(21, 25)]).unwrap(),
        ..mention(0, "Peop", MARY, State::Accepted)
    };
    let mut document =
        Document::with_annotations(TEXT, vec![around], vec![], Attributes::default()).unwrap();
    merge(
        &mut document,
        &answer(&[("Peop", Span::new(5, 10)), ("Org", ACME)], &[]),
    );
    assert_eq!(
        shown(&document),
        ["0 Peop Mary…Acme accepted", "1 Peop Jones"]
    );
}

#[test]
fn a_rejected_mention_does_not_come_back_but_another_kind_may() {
    let mut document = after(&[Command::Reject(Id(0))]);
    merge(
        &mut document,
        &answer(&ALL, &[("Work_For", 0, 1), ("Based_In", 1, 2)]),
    );
    assert_eq!(
        shown(&document),
        [
            "0 Peop Mary Jones rejected",
            "1 Org Acme Corp",
            "2 Loc Boston"
        ]
    );
    assert_eq!(shown_links(&document), ["4 1 Based_In 2"]);

    merge(&mut document, &answer(&[("Loc", MARY)], &[]));
    assert_eq!(
        shown(&document),
        ["0 Peop Mary Jones rejected", "5 Loc Mary Jones"]
    );
}

#[test]
fn a_rejected_link_does_not_come_back_but_the_opposite_may() {
    let mut document = after(&[Command::Reject(Id(3))]);
    let again = answer(
        &ALL,
        &[("Work_For", 0, 1), ("Work_For", 1, 0), ("Based_In", 1, 2)],
    );
    merge(&mut document, &again);
    assert_eq!(
        shown_links(&document),
        [
            "3 0 Work_For 1 rejected",
            "4 1 Based_In 2",
            "5 1 Work_For 0"
        ]
    );
}

/// As when a word is typed that changes a model's mind for a moment, or another model is chosen.
#[test]
fn a_rejected_link_does_not_come_back_with_a_suggestion_that_was_taken_back() {
    let mut document = after(&[Command::Reject(Id(3))]);
    merge(&mut document, &answer(&ALL[1..], &[("Based_In", 0, 1)]));
    let mary = |document: &Document| document.mention(Id(0)).unwrap().clone();
    assert!(mary(&document).is_withdrawn() && mary(&document).origin.score() < 0.0);

    let all = [("Work_For", 0, 1), ("Based_In", 1, 2)];
    for _ in 0..2 {
        merge(&mut document, &answer(&[], &[]));
        merge(&mut document, &answer(&ALL, &all));
        assert!(!mary(&document).is_withdrawn());
        let links = shown_links(&document);
        assert_eq!(links[0], "3 0 Work_For 1 rejected");
        assert_eq!(links.len(), 2);
        assert!(links[1].contains(" 1 Based_In "));
    }
}

#[test]
fn a_suggestion_that_comes_to_cover_the_same_as_a_withdrawn_one_stays() {
    let mut document = after(&[Command::Reject(Id(3))]);
    let longer = Span::new(MARY.start, MARY.end + 6);
    merge(&mut document, &answer(&[("Peop", longer)], &[]));
    let longer = document.find_mention(&kind("Peop"), &Spans::one(longer).unwrap());
    let shown = longer.unwrap().id;
    let erase = Command::ReplaceText {
        span: Span::new(MARY.end, MARY.end + 6),
        with: "".into(),
    };
    perform(&mut document, &erase);
    let peop = document.mentions().iter().filter(|it| &*it.kind == "Peop");
    let ids: Vec<Id> = peop.map(|mention| mention.id).collect();
    assert_eq!(ids, [shown]);
}

#[test]
fn a_withdrawn_suggestion_goes_with_the_link_that_it_was_kept_for() {
    let mut document = after(&[Command::Reject(Id(3))]);
    merge(&mut document, &answer(&[], &[]));
    assert_eq!(shown(&document).len(), 2);
    document.apply(Change::RemoveLink(Id(3))).unwrap();
    merge(&mut document, &answer(&[], &[]));
    assert_eq!(document.mentions(), []);
}

#[test]
fn a_withdrawn_suggestion_that_a_person_makes_is_the_persons() {
    let mut document = after(&[Command::Reject(Id(3))]);
    merge(&mut document, &answer(&[], &[]));
    let made = Command::AddMention {
        kind: "Peop".into(),
        spans: Spans::one(MARY).unwrap(),
    };
    let changes = document.changes_for(&made).unwrap();
    document.apply_all(changes).unwrap();
    let mary = document.mention(Id(0)).unwrap();
    assert_eq!(
        (&mary.origin, mary.state),
        (&Origin::Person, State::Accepted)
    );
}

#[test]
fn a_suggestion_that_holds_a_persons_link_stays() {
    let mut document = suggested();
    let held = link(5, "Live_In", 0, 2, State::Accepted);
    document.apply(Change::InsertLink(held)).unwrap();
    merge(&mut document, &answer(&[], &[]));
    assert_eq!(shown(&document), ["0 Peop Mary Jones", "2 Loc Boston"]);
    assert_eq!(shown_links(&document), ["5 0 Live_In 2 accepted"]);
}

#[test]
fn what_makes_no_sense_in_an_answer_is_left_out() {
    let mut document = Document::new("Zoë in 你");
    let mut odd = Answer {
        covers: Span::new(0, 7),
        ..answer(
            &[
                ("Peop", Span::new(0, 4)),
                ("Peop", Span::new(0, 3)),
                ("Loc", Span::new(8, 11)),
                ("Loc", Span::new(90, 80)),
                ("Loc", Span::new(5, 5)),
                ("Peop", Span::new(0, 4)),
                ("Loc", Span::new(5, 7)),
                ("Org", Span::new(5, 7)),
            ],
            &[
                ("In", 0, 2),
                ("In", 0, 5),
                ("In", 0, 99),
                ("In", 5, 7),
                ("In", 0, 7),
            ],
        )
    };
    odd.mentions[6].score = f32::NAN;
    odd.mentions[5].score = 0.9;
    merge(&mut document, &odd);
    assert_eq!(shown(&document), ["0 Peop Zoë", "1 Org in"]);
    assert_eq!(shown_links(&document), ["2 0 In 1"]);
    assert_eq!(document.changes_for_answer(&odd), Ok(vec![]));
}

#[test]
fn an_answer_for_another_text_is_an_error() {
    let answer = answer(&ALL, &[]);
    assert!(Document::new("Mary").changes_for_answer(&answer).is_err());
}
