//! Which annotations of a document are shown.

use std::{collections::BTreeSet, sync::Arc};

use spanarc_document::{Byte, Document, Id, Link, Mention, Span, State};

/// What the reader chose to see.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct View {
    /// The score from which a suggested relation is shown.
    pub(crate) threshold: f32,
    /// The score from which a suggested entity is shown.
    pub(crate) entity_threshold: f32,
    /// Names of entity types that are not shown.
    pub(crate) hidden_entity_types: BTreeSet<Arc<str>>,
    /// Names of relation types that are not shown.
    pub(crate) hidden_relation_types: BTreeSet<Arc<str>>,
}

impl View {
    /// Whether `mention` is shown.
    pub(crate) fn shows_mention(&self, mention: &Mention) -> bool {
        self.holds_mention(mention) && !self.hidden_entity_types.contains(&mention.kind)
    }

    /// Whether `link` is shown: when both its ends are, too, and it is decided or scored high enough.
    pub(crate) fn shows_link(&self, document: &Document, link: &Link) -> bool {
        let shown = |id| (document.mention(id)).is_some_and(|m| self.shows_mention(m));
        self.holds_link(link)
            && !self.hidden_relation_types.contains(&link.kind)
            && shown(link.head)
            && shown(link.tail)
    }

    /// Whether `mention` is decided or scored high enough, and not rejected.
    fn holds_mention(&self, mention: &Mention) -> bool {
        match mention.state {
            State::Rejected => false,
            State::Accepted => true,
            State::Suggested => mention.origin.score() >= self.entity_threshold,
        }
    }

    fn holds_link(&self, link: &Link) -> bool {
        match link.state {
            State::Rejected => false,
            State::Accepted => true,
            State::Suggested => link.origin.score() >= self.threshold,
        }
    }

    /// The mentions that are shown, in text order.
    pub(crate) fn mentions<'a>(
        &'a self,
        document: &'a Document,
    ) -> impl Iterator<Item = &'a Mention> {
        let mentions = document.mentions().iter();
        mentions.filter(|mention| self.shows_mention(mention))
    }

    /// The links that are shown, by identity.
    pub(crate) fn links<'a>(&'a self, document: &'a Document) -> impl Iterator<Item = &'a Link> {
        let links = document.links().iter();
        links.filter(|link| self.shows_link(document, link))
    }
}

/// An annotation of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// The mention of this identity.
    Mention(Id),
    /// The link of this identity.
    Link(Id),
}

impl Target {
    /// The identity, which no other annotation has.
    pub(crate) fn id(self) -> Id {
        match self {
            Self::Mention(id) | Self::Link(id) => id,
        }
    }

    /// Whether it is one of `document` and shown.
    pub(crate) fn is_shown(self, document: &Document, view: &View) -> bool {
        match self {
            Self::Mention(id) => document.mention(id).is_some_and(|m| view.shows_mention(m)),
            Self::Link(id) => (document.link(id)).is_some_and(|l| view.shows_link(document, l)),
        }
    }

    /// Identities of what belongs to it: itself, its links, and their ends.
    pub(crate) fn related(self, document: &Document) -> Vec<Id> {
        let mut ids = vec![self.id()];
        for link in document.links() {
            let belongs = match self {
                Self::Link(id) => link.id == id,
                Self::Mention(id) => link.joins(id),
            };
            if belongs {
                ids.extend([link.id, link.head, link.tail]);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The stretch of text that it covers, for a link from the first to the last byte of both ends.
    pub(crate) fn extent(self, document: &Document) -> Option<Span<Byte>> {
        let extent = |id| Some(document.mention(id)?.spans.extent());
        match self {
            Self::Mention(id) => extent(id),
            Self::Link(id) => {
                let link = document.link(id)?;
                let (head, tail) = (extent(link.head)?, extent(link.tail)?);
                Some(Span::new(
                    head.start.min(tail.start),
                    head.end.max(tail.end),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use spanarc_document::{Attributes, Origin, Spans};

    use super::*;

    /// "Mary Jones works for Acme Corp in Boston.", three mentions 0 to 2, links 3 (0 → 1, 0.7) and 4 (1 → 2, 0.9).
    fn document() -> Document {
        let model = |score| Origin::Model {
            name: "news".into(),
            score,
        };
        let mention = |id, kind: &str, start, end| Mention {
            id: Id(id),
            kind: kind.into(),
            spans: Spans::one(Span::new(start, end)).unwrap(),
            origin: model(0.9),
            state: State::Suggested,
            attributes: Attributes::default(),
        };
        let link = |id, kind: &str, head, tail, score| Link {
            id: Id(id),
            kind: kind.into(),
            head: Id(head),
            tail: Id(tail),
            origin: model(score),
            state: State::Suggested,
            attributes: Attributes::default(),
        };
        Document::with_annotations(
            "Mary Jones works for Acme Corp in Boston.",
            vec![
                mention(0, "Peop", 0, 10),
                mention(1, "Org", 21, 30),
                mention(2, "Loc", 34, 40),
            ],
            vec![
                link(3, "Work_For", 0, 1, 0.7),
                link(4, "OrgBased_In", 1, 2, 0.9),
            ],
            Attributes::default(),
        )
        .unwrap()
    }

    fn shown(view: &View) -> (Vec<u32>, Vec<u32>) {
        let document = document();
        let ids = |ids: &mut dyn Iterator<Item = Id>| ids.map(|id| id.0).collect();
        (
            ids(&mut view.mentions(&document).map(|m| m.id)),
            ids(&mut view.links(&document).map(|l| l.id)),
        )
    }

    #[test]
    fn a_threshold_above_a_score_hides_the_link() {
        let at = |threshold| View {
            threshold,
            ..View::default()
        };
        assert_eq!(shown(&at(0.7)).1, [3, 4]);
        assert_eq!(shown(&at(0.8)).1, [4]);
    }

    #[test]
    fn hiding_an_entity_type_hides_its_links_too() {
        let view = View {
            hidden_entity_types: ["Org".into()].into(),
            ..View::default()
        };
        assert_eq!(shown(&view), (vec![0, 2], vec![]));
        let view = View {
            hidden_relation_types: ["Work_For".into()].into(),
            ..View::default()
        };
        assert_eq!(shown(&view), (vec![0, 1, 2], vec![4]));
    }

    #[test]
    fn what_a_person_accepted_is_shown_whatever_its_score_and_what_is_rejected_is_not() {
        let mut document = document();
        for command in [
            spanarc_document::Command::Accept(Id(3)),
            spanarc_document::Command::Reject(Id(2)),
        ] {
            for change in document.changes_for(&command).unwrap() {
                document.apply(change).unwrap();
            }
        }
        let view = View {
            threshold: 0.95,
            ..View::default()
        };
        let links: Vec<_> = view.links(&document).map(|l| l.id.0).collect();
        let mentions: Vec<_> = view.mentions(&document).map(|m| m.id.0).collect();
        assert_eq!((mentions, links), (vec![0, 1], vec![3]));
    }

    #[test]
    fn a_mention_is_related_to_its_links_and_their_ends() {
        let document = document();
        let related = |target: Target| target.related(&document).iter().map(|id| id.0).collect();
        let ids: Vec<u32> = related(Target::Mention(Id(0)));
        assert_eq!(ids, [0, 1, 3]);
        let ids: Vec<u32> = related(Target::Link(Id(4)));
        assert_eq!(ids, [1, 2, 4]);
        assert_eq!(
            Target::Link(Id(4)).extent(&document),
            Some(Span::new(21, 40))
        );
    }
}
