//! What holds of every document, and between a document before and after an operation.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use spanarc_document::{Answer, Document, Edit, Id, Link, Mention, State};

type Checked = Result<(), TestCaseError>;

/// What the changes of commands and answers keep beyond the structure.
pub(crate) fn check_document(document: &Document) -> Checked {
    check_structure(document)?;
    let mentions = document.mentions();
    for (index, mention) in mentions.iter().enumerate() {
        for other in &mentions[index + 1..] {
            if (&mention.kind, &mention.spans) != (&other.kind, &other.spans) {
                continue;
            }
            let doubled = mention.is_suggestion() || other.is_suggestion();
            prop_assert!(!doubled, "{:?} and {:?}", mention, other);
        }
    }
    let links = document.links();
    for (index, link) in links.iter().enumerate() {
        for other in &links[index + 1..] {
            let same = (&link.kind, link.head, link.tail) == (&other.kind, other.head, other.tail);
            let doubled = link.is_suggestion() || other.is_suggestion();
            prop_assert!(!(same && doubled), "{:?} and {:?}", link, other);
        }
        if link.is_affirmed() {
            for end in [link.head, link.tail] {
                prop_assert!(document.mention(end).is_some_and(Mention::is_affirmed));
            }
        }
    }
    Ok(())
}

/// What every change keeps.
pub(crate) fn check_structure(document: &Document) -> Checked {
    let mut ids = BTreeSet::new();
    for mention in document.mentions() {
        prop_assert!(ids.insert(mention.id));
        prop_assert_eq!(document.mention(mention.id), Some(mention));
        let spans = mention.spans.as_slice();
        prop_assert!(!spans.is_empty());
        prop_assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
        for &span in spans {
            prop_assert!(!span.is_empty() && document.check_span(span).is_ok());
        }
    }
    for link in document.links() {
        prop_assert!(ids.insert(link.id));
        prop_assert_eq!(document.link(link.id), Some(link));
        prop_assert!(link.head != link.tail);
        for end in [link.head, link.tail] {
            let mention = document.mention(end);
            prop_assert!(mention.is_some_and(|mention| mention.state != State::Rejected));
        }
    }
    let order = |mention: &Mention| (mention.spans.clone(), mention.id);
    prop_assert!(document.mentions().is_sorted_by_key(order));
    prop_assert!(document.links().is_sorted_by_key(|link| link.id));
    let fresh = document.fresh_id();
    prop_assert!(ids.into_iter().all(|id| id < fresh));
    Ok(())
}

/// An answer changed nothing that a person decided, and its suggestions contradict no decision.
pub(crate) fn check_answered(before: &Document, after: &Document, answer: &Answer) -> Checked {
    prop_assert_eq!(before.text(), after.text());
    for mention in before.mentions() {
        let outside = !mention.spans.overlap(answer.covers);
        if !mention.is_suggestion() || outside {
            prop_assert_eq!(after.mention(mention.id), Some(mention));
        }
    }
    for link in before.links() {
        if !link.is_suggestion() {
            prop_assert_eq!(after.link(link.id), Some(link));
        }
    }
    let suggestions = after
        .mentions()
        .iter()
        .filter(|mention| mention.is_suggestion());
    for suggestion in suggestions.filter(|m| m.spans.overlap(answer.covers)) {
        if suggestion.is_withdrawn() {
            let rejected = |link: &Link| link.state == State::Rejected && link.joins(suggestion.id);
            prop_assert!(after.links().iter().any(rejected));
            continue;
        }
        for span in suggestion.spans.iter() {
            let mut overlapped = after.mentions_in(span);
            prop_assert!(!overlapped.any(Mention::is_affirmed), "{:?}", suggestion);
            prop_assert!(answer.covers.start <= span.start && span.end <= answer.covers.end);
            let answered = |kind: &str| {
                let mut found = answer.mentions.iter();
                found.any(|found| (&*found.kind, found.span) == (kind, span))
            };
            prop_assert!(answered(&suggestion.kind));
        }
    }
    let decided = |document: &Document| -> usize {
        let mentions = document.mentions().iter().filter(|m| !m.is_suggestion());
        mentions.count()
            + document
                .links()
                .iter()
                .filter(|link| link.is_affirmed())
                .count()
    };
    prop_assert_eq!(decided(before), decided(after));
    Ok(())
}

/// `after` is `opened` but for identities, which `before` does not have.
pub(crate) fn check_opened(before: &Document, after: &Document, opened: &Document) -> Checked {
    let anonymous = |document: &Document| -> Document {
        let mentions = document.mentions().iter();
        let numbers: BTreeMap<Id, u32> = mentions.map(|mention| mention.id).zip(0..).collect();
        let number = |id: Id| Id(numbers[&id]);
        let mentions = document.mentions().iter().map(|mention| Mention {
            id: number(mention.id),
            ..mention.clone()
        });
        let links = document.links().iter().zip(1000..).map(|(link, id)| Link {
            id: Id(id),
            head: number(link.head),
            tail: number(link.tail),
            ..link.clone()
        });
        let (mentions, links) = (mentions.collect(), links.collect());
        let notes = document.notes().clone();
        Document::with_annotations(document.text().clone(), mentions, links, notes).unwrap()
    };
    prop_assert_eq!(anonymous(after), anonymous(opened));
    let mut ids = after.mentions().iter().map(|mention| mention.id);
    prop_assert!(ids.all(|id| id >= before.fresh_id()));
    Ok(())
}

/// After an edit each mention covers what is left of its letters, and the new letters wholly or not at all.
pub(crate) fn check_carried(before: &Document, after: &Document, edit: Edit) -> Checked {
    let (went, came) = (edit.removed_span(), edit.inserted_span());
    let is_new = |at: &usize| (came.start..came.end).contains(at);
    let mut gone = BTreeSet::new();
    for mention in before.mentions() {
        let left: BTreeSet<usize> = covered(mention)
            .filter(|at| !(went.start..went.end).contains(at))
            .map(|at| match at < went.start {
                true => at,
                false => at - went.len() + came.len(),
            })
            .collect();
        let touched = mention.spans.iter().any(|span| edit.carry(span).is_none());
        let Some(carried) = after.mention(mention.id) else {
            gone.insert(mention.id);
            prop_assert!(touched || mention.is_suggestion());
            let words: Vec<u8> = left.iter().map(|&at| after.text().as_bytes()[at]).collect();
            let blank = std::str::from_utf8(&words).unwrap().trim().is_empty();
            prop_assert!(!mention.is_affirmed() || blank, "{:?} is gone", mention);
            continue;
        };
        prop_assert!(!(touched && mention.state == State::Rejected));
        let new: BTreeSet<usize> = covered(carried).collect();
        let old_letters: BTreeSet<usize> = new.iter().copied().filter(|at| !is_new(at)).collect();
        prop_assert_eq!(left, old_letters);
        let belong = mention.spans.iter().any(|span| {
            let around = span.start <= went.start && went.end <= span.end && span != went;
            around && edit.carry(span).is_none()
        });
        let new_letters = new.iter().filter(|at| is_new(at)).count();
        prop_assert_eq!(new_letters, if belong { came.len() } else { 0 });
        let restored = Mention {
            spans: mention.spans.clone(),
            ..carried.clone()
        };
        prop_assert_eq!(&restored, mention);
    }
    let stays = |link: &&Link| !gone.contains(&link.head) && !gone.contains(&link.tail);
    let links: Vec<Link> = before.links().iter().filter(stays).cloned().collect();
    prop_assert_eq!(after.links(), links);
    let ids = |document: &Document| -> BTreeSet<Id> {
        document
            .mentions()
            .iter()
            .map(|mention| mention.id)
            .collect()
    };
    prop_assert!(ids(after).is_subset(&ids(before)));
    Ok(())
}

/// The bytes that a mention covers.
fn covered(mention: &Mention) -> impl Iterator<Item = usize> {
    mention.spans.iter().flat_map(|span| span.start..span.end)
}
