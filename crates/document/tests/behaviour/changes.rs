//! What a document takes, what it refuses, and how it comes back.

use spanarc_document::{
    Attributes, Change, ChangeError, Document, Id, OffsetError, Origin, Span, State,
};

use crate::samples::{ACME, BOSTON, MARY, by_model, link, mention, shown, suggested};

fn refused(change: Change) -> ChangeError {
    let mut document = suggested();
    let error = document.apply(change).unwrap_err();
    assert_eq!(document, suggested());
    error
}

#[test]
fn a_mention_with_links_cannot_go() {
    let error = refused(Change::RemoveMention(Id(0)));
    assert_eq!(error.to_string(), "mention 0 has links");
    let rejected = mention(0, "Peop", MARY, State::Rejected);
    assert_eq!(
        refused(Change::SetMention(rejected)),
        ChangeError::HasLinks(Id(0))
    );
}

#[test]
fn a_link_needs_two_standing_mentions() {
    let add = |head, tail| {
        refused(Change::InsertLink(link(
            9,
            "In",
            head,
            tail,
            State::Accepted,
        )))
    };
    assert_eq!(add(0, 7), ChangeError::NoMention(Id(7)));
    assert_eq!(add(3, 0), ChangeError::NoMention(Id(3)));
    assert_eq!(add(0, 0), ChangeError::SelfLink(Id(0)));

    let rejected = vec![
        mention(0, "Peop", MARY, State::Rejected),
        mention(1, "Org", ACME, State::Accepted),
    ];
    let links = vec![link(2, "Work_For", 0, 1, State::Rejected)];
    let error =
        Document::with_annotations(crate::samples::TEXT, rejected, links, Attributes::default())
            .unwrap_err();
    assert_eq!(error, ChangeError::RejectedEnd(Id(0)));
}

#[test]
fn an_identity_belongs_to_one_annotation() {
    let state = State::Accepted;
    for id in [1, 3] {
        let taken = ChangeError::IdTaken(Id(id));
        let insert = Change::InsertMention(mention(id, "Org", ACME, state));
        assert_eq!(refused(insert), taken);
        assert_eq!(
            refused(Change::InsertLink(link(id, "In", 1, 0, state))),
            taken
        );
    }
    let twice = vec![
        mention(1, "Org", ACME, state),
        mention(1, "Loc", BOSTON, state),
    ];
    let text = crate::samples::TEXT;
    let error = Document::with_annotations(text, twice, vec![], Attributes::default());
    assert_eq!(error, Err(ChangeError::IdTaken(Id(1))));
}

#[test]
fn what_is_not_there_cannot_change() {
    let missing = ChangeError::NoMention(Id(9));
    assert_eq!(refused(Change::RemoveMention(Id(9))), missing);
    let set = Change::SetMention(mention(9, "Org", ACME, State::Accepted));
    assert_eq!(refused(set), missing);
    assert_eq!(
        refused(Change::RemoveLink(Id(0))),
        ChangeError::NoLink(Id(0))
    );
    let set = Change::SetLink(link(0, "In", 1, 2, State::Accepted));
    assert_eq!(refused(set), ChangeError::NoLink(Id(0)));
}

#[test]
fn spans_and_scores_are_checked() {
    let beyond = mention(9, "Org", Span::new(40, 42), State::Accepted);
    let error = refused(Change::InsertMention(beyond));
    assert!(matches!(
        error,
        ChangeError::Offset(OffsetError::OutOfRange { position: 42, .. })
    ));
    let mut unsure = mention(9, "Org", ACME, State::Accepted);
    unsure.origin = by_model(f32::NAN);
    assert_eq!(
        refused(Change::InsertMention(unsure)),
        ChangeError::Score(Id(9))
    );
}

#[test]
fn a_replacement_may_not_cut_a_mention() {
    for (start, end) in [(0, 1), (9, 10), (9, 12), (0, 10), (20, 22)] {
        let cut = Change::ReplaceText {
            span: Span::new(start, end),
            with: "x".into(),
        };
        assert!(matches!(refused(cut), ChangeError::Cuts(_)));
    }
}

#[test]
fn changes_are_taken_all_or_none() {
    let mut document = suggested();
    let changes = [
        Change::RemoveLink(Id(3)),
        Change::RemoveMention(Id(0)),
        Change::RemoveMention(Id(1)),
    ];
    let error = document.apply_all(changes.clone()).unwrap_err();
    assert_eq!(error, ChangeError::HasLinks(Id(1)));
    assert_eq!(document, suggested());

    let inverses = document.apply_all(changes[..2].to_vec()).unwrap();
    assert_eq!(shown(&document), ["1 Org Acme Corp", "2 Loc Boston"]);
    document.apply_all(inverses).unwrap();
    assert_eq!(document, suggested());
}

#[test]
fn an_identity_is_never_handed_out_again() {
    let mut document = suggested();
    assert_eq!(document.fresh_id(), Id(5));
    let insert = Change::InsertMention(mention(5, "Org", ACME, State::Accepted));
    let back = document.apply(insert).unwrap();
    document.apply(back).unwrap();
    assert_eq!(document, suggested());
    assert_eq!(document.fresh_id(), Id(6));
}

#[test]
fn the_last_identity_ends_in_an_error_and_not_in_a_panic() {
    let last = vec![mention(u32::MAX, "Org", ACME, State::Accepted)];
    let text = crate::samples::TEXT;
    let document = Document::with_annotations(text, last, vec![], Attributes::default()).unwrap();
    let command = spanarc_document::Command::AddMention {
        kind: "Org".into(),
        spans: crate::samples::spans(MARY),
    };
    assert_eq!(
        document.changes_for(&command),
        Err(ChangeError::IdTaken(Id(u32::MAX)))
    );
}

#[test]
fn a_document_keeps_what_it_does_not_know_when_written_and_read() {
    let mut known = mention(0, "Peop", MARY, State::Accepted);
    known.origin = Origin::Person;
    known.attributes.insert("title".into(), "Dr".into());
    let notes = [("source".to_owned(), "AP".into())].into_iter().collect();
    let text = crate::samples::TEXT;
    let document = Document::with_annotations(text, vec![known], vec![], notes).unwrap();
    let written = serde_json::to_string(&document).unwrap();
    let read: Document = serde_json::from_str(&written).unwrap();
    assert_eq!(read, document);
    assert_eq!(read.notes()["source"], "AP");
    assert_eq!(read.mentions()[0].attributes["title"], "Dr");
}

#[test]
fn a_document_that_is_read_is_checked() {
    let written = serde_json::to_string(&suggested()).unwrap();
    let dangling = written.replace(r#""tail":2"#, r#""tail":8"#);
    let error = serde_json::from_str::<Document>(&dangling).unwrap_err();
    assert!(
        error.to_string().contains("there is no mention 8"),
        "{error}"
    );
}

#[test]
fn mentions_are_found_by_what_they_cover() {
    let document = suggested();
    let found = |start, end| -> Vec<u32> {
        let mentions = document.mentions_in(Span::new(start, end));
        mentions.map(|mention| mention.id.0).collect()
    };
    assert_eq!(found(9, 22), [0, 1]);
    assert_eq!(found(10, 21), [] as [u32; 0]);
    assert_eq!(found(0, 41), [0, 1, 2]);
    let acme = document.find_mention("Org", &crate::samples::spans(ACME));
    assert_eq!(acme.map(|mention| mention.id), Some(Id(1)));
    assert_eq!(
        document.find_mention("Loc", &crate::samples::spans(ACME)),
        None
    );
}
