//! What a person's commands take along.

use spanarc_document::{
    Attributes, Change, ChangeError, Command, Document, Id, Origin, Span, State,
};

use crate::samples::{
    ACME, BOSTON, MARY, TEXT, kind, link, mention, perform, shown, shown_links, spans, suggested,
};

fn after(commands: &[Command]) -> Document {
    let mut document = suggested();
    for command in commands {
        perform(&mut document, command);
    }
    document
}

#[test]
fn a_new_mention_is_the_persons_and_accepted() {
    let add = Command::AddMention {
        kind: kind("Peop"),
        spans: spans(Span::new(0, 4)),
    };
    let document = after(&[add]);
    let mary = document.mention(Id(5)).unwrap();
    assert_eq!(
        (&mary.origin, mary.state),
        (&Origin::Person, State::Accepted)
    );
    assert_eq!(
        shown(&document)[..2],
        ["5 Peop Mary accepted", "0 Peop Mary Jones"]
    );
}

#[test]
fn adding_what_stands_accepts_it() {
    let add = Command::AddMention {
        kind: kind("Org"),
        spans: spans(ACME),
    };
    let document = after(std::slice::from_ref(&add));
    assert_eq!(shown(&document)[1], "1 Org Acme Corp accepted");
    assert_eq!(document.changes_for(&add), Ok(vec![]));

    let document = after(&[Command::Reject(Id(1)), add]);
    assert_eq!(shown(&document)[1], "1 Org Acme Corp accepted");
}

#[test]
fn a_removed_mention_takes_its_links_along() {
    let document = after(&[Command::RemoveMention(Id(1))]);
    assert_eq!(shown(&document), ["0 Peop Mary Jones", "2 Loc Boston"]);
    assert!(document.links().is_empty());
}

#[test]
fn a_rejected_mention_stays_without_its_links() {
    let document = after(&[Command::Reject(Id(0))]);
    assert_eq!(shown(&document)[0], "0 Peop Mary Jones rejected");
    assert_eq!(shown_links(&document), ["4 1 Based_In 2"]);
    assert_eq!(document.changes_for(&Command::Reject(Id(0))), Ok(vec![]));
}

#[test]
fn rejecting_what_a_person_made_removes_it() {
    let add = Command::AddMention {
        kind: kind("Loc"),
        spans: spans(Span::new(0, 4)),
    };
    assert_eq!(after(&[add, Command::Reject(Id(5))]), suggested());

    let add = Command::AddLink {
        kind: kind("Live_In"),
        head: Id(0),
        tail: Id(2),
    };
    let document = after(&[add, Command::Reject(Id(5))]);
    assert_eq!(document.links(), suggested().links());
}

#[test]
fn another_kind_or_place_makes_a_mention_the_persons() {
    let relabelled = Command::RelabelMention {
        id: Id(0),
        kind: kind("Loc"),
    };
    let moved = Command::MoveMention {
        id: Id(1),
        spans: spans(Span::new(21, 25)),
    };
    let document = after(&[relabelled, moved]);
    assert_eq!(
        shown(&document)[..2],
        ["0 Loc Mary Jones accepted", "1 Org Acme accepted"]
    );
    assert!(
        document.mentions()[..2]
            .iter()
            .all(|m| m.origin == Origin::Person)
    );
    assert_eq!(document.links(), suggested().links());
}

#[test]
fn the_same_kind_or_place_only_accepts_a_mention() {
    let relabelled = Command::RelabelMention {
        id: Id(0),
        kind: kind("Peop"),
    };
    let moved = Command::MoveMention {
        id: Id(2),
        spans: spans(BOSTON),
    };
    let accepted = after(&[Command::Accept(Id(0)), Command::Accept(Id(2))]);
    assert_eq!(after(&[relabelled, moved]), accepted);
}

#[test]
fn a_revised_mention_takes_the_place_of_suggestions_and_rejected_ones() {
    for state in [State::Suggested, State::Rejected, State::Accepted] {
        let mentions = vec![
            mention(0, "Loc", MARY, State::Suggested),
            mention(1, "Peop", MARY, state),
        ];
        let mut document =
            Document::with_annotations(TEXT, mentions, vec![], Attributes::default()).unwrap();
        let relabel = Command::RelabelMention {
            id: Id(0),
            kind: kind("Peop"),
        };
        perform(&mut document, &relabel);
        let left = if state == State::Accepted { 2 } else { 1 };
        assert_eq!(document.mentions().len(), left);
        assert_eq!(shown(&document)[0], "0 Peop Mary Jones accepted");
    }
}

#[test]
fn a_new_link_accepts_its_ends() {
    let add = Command::AddLink {
        kind: kind("Live_In"),
        head: Id(0),
        tail: Id(2),
    };
    let document = after(&[add]);
    assert_eq!(shown_links(&document)[2], "5 0 Live_In 2 accepted");
    assert_eq!(
        shown(&document),
        [
            "0 Peop Mary Jones accepted",
            "1 Org Acme Corp",
            "2 Loc Boston accepted"
        ]
    );
}

#[test]
fn adding_a_link_that_stands_or_is_rejected_accepts_it() {
    let add = Command::AddLink {
        kind: kind("Work_For"),
        head: Id(0),
        tail: Id(1),
    };
    let accepted = after(std::slice::from_ref(&add));
    assert_eq!(shown_links(&accepted)[0], "3 0 Work_For 1 accepted");
    assert_eq!(after(&[Command::Accept(Id(3))]), accepted);
    assert_eq!(after(&[Command::Reject(Id(3)), add]), accepted);
}

#[test]
fn a_rejected_link_leaves_its_ends_alone() {
    let document = after(&[Command::Reject(Id(3))]);
    assert_eq!(shown_links(&document)[0], "3 0 Work_For 1 rejected");
    assert_eq!(document.mentions(), suggested().mentions());
}

#[test]
fn another_kind_makes_a_link_the_persons_and_accepts_its_ends() {
    let relabel = Command::RelabelLink {
        id: Id(3),
        kind: kind("Owns"),
    };
    let document = after(&[relabel]);
    assert_eq!(shown_links(&document)[0], "3 0 Owns 1 accepted");
    assert_eq!(document.links()[0].origin, Origin::Person);
    assert_eq!(shown(&document)[1], "1 Org Acme Corp accepted");
}

#[test]
fn a_relabelled_link_takes_the_place_of_its_double() {
    let double = Change::InsertLink(link(5, "Owns", 0, 1, State::Suggested));
    let mut document = suggested();
    document.apply(double).unwrap();
    let relabel = Command::RelabelLink {
        id: Id(3),
        kind: kind("Owns"),
    };
    perform(&mut document, &relabel);
    assert_eq!(
        shown_links(&document),
        ["3 0 Owns 1 accepted", "4 1 Based_In 2"]
    );
}

#[test]
fn a_removed_link_goes_alone() {
    let document = after(&[Command::RemoveLink(Id(3))]);
    assert_eq!(shown_links(&document), ["4 1 Based_In 2"]);
    assert_eq!(document.mentions(), suggested().mentions());
}

#[test]
fn commands_on_what_is_not_there_are_errors() {
    let document = after(&[Command::Reject(Id(0))]);
    let error = |command: Command| document.changes_for(&command).unwrap_err();
    assert_eq!(
        error(Command::RemoveMention(Id(9))),
        ChangeError::NoMention(Id(9))
    );
    assert_eq!(
        error(Command::RemoveLink(Id(1))),
        ChangeError::NoLink(Id(1))
    );
    assert_eq!(
        error(Command::Accept(Id(9))),
        ChangeError::NoAnnotation(Id(9))
    );
    let link = |head, tail| Command::AddLink {
        kind: kind("In"),
        head: Id(head),
        tail: Id(tail),
    };
    assert_eq!(error(link(1, 1)), ChangeError::SelfLink(Id(1)));
    assert_eq!(error(link(1, 0)), ChangeError::RejectedEnd(Id(0)));
    let relabel = Command::RelabelLink {
        id: Id(9),
        kind: kind("In"),
    };
    assert_eq!(error(relabel), ChangeError::NoLink(Id(9)));
}
