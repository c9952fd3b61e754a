//! A model's answer beside what stands in a document: what it adds, confirms and takes back.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use crate::{
    Answer, AnsweredMention, Attributes, Change, ChangeError, Document, Id, Link, Mention, Origin,
    Spans, State,
    annotation::WITHDRAWN,
    span::{Byte, Span},
};

impl Document {
    /// The changes that bring the model's suggestions in `answer.covers` up to date with its answer; none when they
    /// are. What a person made, accepted or rejected stays as it is. Errors when `covers` is not a span of the text.
    ///
    /// - Suggestions that the answer repeats, of the same kind at the same span, keep their identity and take its
    ///   model and score. Others that reach into `covers` go with their links, unless a link that a person made or
    ///   accepted hangs on them. Ends of a rejected link are [withdrawn](Mention::is_withdrawn) instead, so that the link is not
    ///   suggested again once they are. Suggested links with both ends in `covers` go when the answer does not repeat them.
    /// - A mention of the answer adds nothing where a person's or an accepted one of its kind has the same span: its
    ///   links hang on that one. It is left out, with its links, where it overlaps another of these, and where the
    ///   same mention is rejected.
    /// - A link of the answer adds nothing where one of the same kind and ends stands or is rejected.
    /// - Mentions that are empty, cut a character or reach beyond `covers`, scores that are not finite, and links with
    ///   an end that is not one of the mentions or with twice the same are left out. Of two that are equal, the first
    ///   counts.
    pub fn changes_for_answer(&self, answer: &Answer) -> Result<Vec<Change>, ChangeError> {
        self.check_span(answer.covers)?;
        let mut merging = Merging::new(self, answer);
        let ends: Vec<Option<Id>> = (answer.mentions.iter())
            .map(|found| merging.place(found))
            .collect();
        merging.place_links(&ends);
        Ok(merging.changes())
    }
}

struct Merging<'a> {
    document: &'a Document,
    answer: &'a Answer,
    /// Mentions that reach into the answer's stretch, by identity.
    reached: HashMap<Id, &'a Mention>,
    /// What affirmed mentions cover of it.
    taken: Union,
    /// Suggestions that the answer repeats, and its scores for them.
    repeated: BTreeMap<Id, f32>,
    repeated_links: BTreeMap<Id, f32>,
    added: Vec<Mention>,
    added_at: HashMap<(Span<Byte>, &'a str), Id>,
    added_links: Vec<Link>,
    next_id: u32,
}

impl<'a> Merging<'a> {
    fn new(document: &'a Document, answer: &'a Answer) -> Self {
        let reached = document.mentions_in(answer.covers);
        let affirmed = reached.clone().filter(|mention| mention.is_affirmed());
        Self {
            document,
            answer,
            taken: affirmed.flat_map(|mention| mention.spans.iter()).collect(),
            reached: reached.map(|mention| (mention.id, mention)).collect(),
            repeated: BTreeMap::new(),
            repeated_links: BTreeMap::new(),
            added: Vec::new(),
            added_at: HashMap::new(),
            added_links: Vec::new(),
            next_id: document.fresh_id().0,
        }
    }

    /// The mention that `found` is: one that stands, or a new one. Nothing when it is left out.
    fn place(&mut self, found: &'a AnsweredMention) -> Option<Id> {
        let (covers, span) = (self.answer.covers, found.span);
        let inside = covers.start <= span.start && span.end <= covers.end;
        if !inside || self.document.check_span(span).is_err() || !found.score.is_finite() {
            return None;
        }
        let spans = Spans::one(span).ok()?;

        let same = self
            .document
            .mentions_at(&spans)
            .iter()
            .filter(|mention| mention.kind == found.kind);
        if let Some(affirmed) = same.clone().find(|mention| mention.is_affirmed()) {
            return Some(affirmed.id);
        }
        let is_rejected = |mention: &Mention| mention.state == State::Rejected;
        if same.clone().any(is_rejected) || self.taken.overlaps(span) {
            return None;
        }
        let suggestion = same.clone().next().map(|mention| mention.id);
        if let Some(id) = suggestion {
            self.repeated.entry(id).or_insert(found.score);
            return Some(id);
        }
        if let Some(&id) = self.added_at.get(&(span, &*found.kind)) {
            return Some(id);
        }
        let id = self.fresh_id();
        self.added_at.insert((span, &found.kind), id);
        self.added.push(Mention {
            id,
            kind: found.kind.clone(),
            spans,
            origin: self.origin(found.score),
            state: State::Suggested,
            attributes: Attributes::default(),
        });
        Some(id)
    }

    /// Places the answer's links on `ends`, the mentions that its own are.
    fn place_links(&mut self, ends: &[Option<Id>]) {
        let mut known: HashMap<(&str, Id, Id), Option<&Link>> = HashMap::new();
        for link in self.links_within() {
            let key = (&*link.kind, link.head, link.tail);
            let first = known.entry(key).or_insert(Some(link));
            if first.is_some_and(Link::is_suggestion) && !link.is_suggestion() {
                *first = Some(link);
            }
        }
        for found in &self.answer.links {
            let end = |index: usize| ends.get(index).copied().flatten();
            let (Some(head), Some(tail)) = (end(found.head), end(found.tail)) else {
                continue;
            };
            if head == tail || !found.score.is_finite() {
                continue;
            }
            match known.get(&(&*found.kind, head, tail)) {
                Some(Some(link)) if link.is_suggestion() => {
                    self.repeated_links.entry(link.id).or_insert(found.score);
                }
                Some(_) => {}
                None => {
                    known.insert((&found.kind, head, tail), None);
                    let id = self.fresh_id();
                    self.added_links.push(Link {
                        id,
                        kind: found.kind.clone(),
                        head,
                        tail,
                        origin: self.origin(found.score),
                        state: State::Suggested,
                        attributes: Attributes::default(),
                    });
                }
            }
        }
    }

    /// Links of which both ends reach into the answer's stretch.
    fn links_within(&self) -> impl Iterator<Item = &'a Link> + use<'a, '_> {
        let reached = |id| self.reached.contains_key(&id);
        let links = self.document.links().iter();
        links.filter(move |link| reached(link.head) && reached(link.tail))
    }

    fn changes(self) -> Vec<Change> {
        let (withdrawn, gone) = self.taken_back();
        let taken_back = self
            .links_within()
            .filter(|link| link.is_suggestion() && !self.repeated_links.contains_key(&link.id));
        let cut_off = (self.document.links().iter()).filter(|link| {
            let ends = [link.head, link.tail];
            ends.iter().any(|end| gone.contains(end))
                || link.is_suggestion() && ends.iter().any(|end| withdrawn.contains(end))
        });
        let gone_links: BTreeSet<Id> = taken_back.chain(cut_off).map(|link| link.id).collect();

        // Identities mostly follow the text, and a removal moves what lies behind it: the last ones go first.
        let gone_links = gone_links.into_iter().rev().map(Change::RemoveLink);
        let gone = gone.iter().copied().rev().map(Change::RemoveMention);
        let mut changes: Vec<Change> = gone_links.chain(gone).collect();
        let withdrawn = withdrawn.iter().map(|&id| (id, WITHDRAWN));
        let scored = self.repeated.iter().map(|(&id, &score)| (id, score));
        changes.extend(scored.chain(withdrawn).filter_map(|(id, score)| {
            let mention = self.document.mention(id)?;
            let origin = self.origin(score);
            (origin != mention.origin).then(|| {
                Change::SetMention(Mention {
                    origin,
                    ..mention.clone()
                })
            })
        }));
        changes.extend(self.repeated_links.iter().filter_map(|(&id, &score)| {
            let link = self.document.link(id)?;
            let origin = self.origin(score);
            (origin != link.origin).then(|| {
                Change::SetLink(Link {
                    origin,
                    ..link.clone()
                })
            })
        }));
        changes.extend(self.added.into_iter().map(Change::InsertMention));
        changes.extend(self.added_links.into_iter().map(Change::InsertLink));
        changes
    }

    /// Suggestions that the answer takes back: those that are withdrawn, and those that go.
    fn taken_back(&self) -> (BTreeSet<Id>, BTreeSet<Id>) {
        let ends = |which: fn(&Link) -> bool| -> HashSet<Id> {
            let links = self.document.links().iter().filter(|link| which(link));
            links.flat_map(|link| [link.head, link.tail]).collect()
        };
        let held = ends(Link::is_affirmed);
        let rejected = ends(|link| link.state == State::Rejected);
        (self.reached.values())
            .filter(|mention| mention.is_suggestion())
            .map(|mention| mention.id)
            .filter(|id| !self.repeated.contains_key(id) && !held.contains(id))
            .partition(|id| rejected.contains(id))
    }

    fn origin(&self, score: f32) -> Origin {
        Origin::Model {
            name: Arc::clone(&self.answer.model),
            score,
        }
    }

    fn fresh_id(&mut self) -> Id {
        let id = Id(self.next_id);
        self.next_id = self.next_id.saturating_add(1);
        id
    }
}

/// Stretches of text, in order and disjoint.
struct Union(Vec<Span<Byte>>);

impl Union {
    fn overlaps(&self, span: Span<Byte>) -> bool {
        let next = self.0.partition_point(|part| part.end <= span.start);
        self.0.get(next).is_some_and(|part| part.overlaps(span))
    }
}

impl FromIterator<Span<Byte>> for Union {
    fn from_iter<I: IntoIterator<Item = Span<Byte>>>(spans: I) -> Self {
        let mut spans: Vec<_> = spans.into_iter().collect();
        spans.sort_unstable();
        spans.dedup_by(|next, part| {
            let meets = next.start <= part.end;
            if meets {
                part.end = part.end.max(next.end);
            }
            meets
        });
        Self(spans)
    }
}
