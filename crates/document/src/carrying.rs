//! What a replacement of text takes so that the mentions follow it.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    Change, ChangeError, Document, Edit, Id, Mention, Spans, State,
    span::{Byte, Span},
};

/// The changes that replace `span` by `with`. Errors when `span` is not one of the text's.
///
/// The replacement itself may cut no mention, so that it has an exact inverse. Mentions that it would cut are trimmed
/// or removed before it, and those that the new letters belong to are extended after it.
pub(crate) fn replace_text(
    document: &Document,
    span: Span<Byte>,
    with: &Arc<str>,
) -> Result<Vec<Change>, ChangeError> {
    document.check_span(span)?;
    if document.text()[span.start..span.end] == **with {
        return Ok(Vec::new());
    }
    let edit = Edit {
        start: span.start,
        removed: span.len(),
        inserted: with.len(),
    };
    let carried = Carried::new(document, edit, with);

    let mut changes = Vec::new();
    // A removal moves what lies behind it: the last ones go first.
    for link in document.links().iter().rev() {
        if carried.gone.contains(&link.head) || carried.gone.contains(&link.tail) {
            changes.push(Change::RemoveLink(link.id));
        }
    }
    changes.extend(carried.gone.into_iter().rev().map(Change::RemoveMention));
    let set = |mention: &Mention, spans: &Spans| {
        Change::SetMention(Mention {
            spans: spans.clone(),
            ..mention.clone()
        })
    };
    for reached in &carried.kept {
        if reached.before != reached.mention.spans {
            changes.push(set(reached.mention, &reached.before));
        }
    }
    changes.push(Change::ReplaceText {
        span,
        with: with.clone(),
    });
    for reached in &carried.kept {
        if reached.before.stretched(edit).as_ref() != Some(&reached.after) {
            changes.push(set(reached.mention, &reached.after));
        }
    }
    Ok(changes)
}

/// A mention that the edit reaches into and leaves something of.
struct Reached<'a> {
    mention: &'a Mention,
    /// Its spans in the old text, without what the edit would cut.
    before: Spans,
    /// Its spans in the new text.
    after: Spans,
}

/// What becomes of the mentions that an edit reaches into.
#[derive(Default)]
struct Carried<'a> {
    gone: BTreeSet<Id>,
    kept: Vec<Reached<'a>>,
}

impl<'a> Carried<'a> {
    fn new(document: &'a Document, edit: Edit, with: &str) -> Self {
        let mut carried = Self::default();
        let reached: Vec<&Mention> = (document.mentions().iter())
            .filter(|mention| mention.spans.iter().any(|span| edit.carry(span).is_none()))
            .collect();
        if reached.is_empty() {
            return carried;
        }
        let text = document.replaced(edit.removed_span(), with);
        for mention in reached {
            let left = match mention.state {
                State::Rejected => None,
                _ => carry(&mention.spans, edit),
            };
            match left {
                Some((before, after)) if !is_blank(&text, &after) => carried.kept.push(Reached {
                    mention,
                    before,
                    after,
                }),
                _ => {
                    carried.gone.insert(mention.id);
                }
            }
        }
        carried.drop_doubles(document, edit);
        carried
    }

    /// Drops suggestions that come to cover the same as another mention of their kind.
    fn drop_doubles(&mut self, document: &Document, edit: Edit) {
        for index in 0..self.kept.len() {
            let Reached { mention, after, .. } = &self.kept[index];
            if self.gone.contains(&mention.id) {
                continue;
            }
            let doubles = document.mentions().iter().filter(|other| {
                other.kind == mention.kind
                    && other.id != mention.id
                    && !self.gone.contains(&other.id)
                    && self.after(other, edit).as_ref() == Some(after)
            });
            let yields =
                |mention: &Mention| mention.is_suggestion() && !document.is_held(mention.id);
            // Nothing that is shown yields to what is not.
            let outranks = |other: &Mention| mention.is_withdrawn() || !other.is_withdrawn();
            if yields(mention) && doubles.clone().any(outranks) {
                self.gone.insert(mention.id);
            } else {
                let doubles: Vec<Id> = doubles
                    .filter(|other| yields(other))
                    .map(|other| other.id)
                    .collect();
                self.gone.extend(doubles);
            }
        }
        let gone = &self.gone;
        self.kept
            .retain(|reached| !gone.contains(&reached.mention.id));
    }

    fn after(&self, mention: &Mention, edit: Edit) -> Option<Spans> {
        let reached = self
            .kept
            .iter()
            .find(|reached| reached.mention.id == mention.id);
        match reached {
            Some(reached) => Some(reached.after.clone()),
            None => mention.spans.stretched(edit),
        }
    }
}

/// What is left of `spans`: in the old text, without what the edit would cut, and in the new text. Nothing when the
/// edit covers all of them.
fn carry(spans: &Spans, edit: Edit) -> Option<(Spans, Spans)> {
    let (before, after): (Vec<_>, Vec<_>) = spans
        .iter()
        .filter_map(|span| carry_one(span, edit))
        .unzip();
    Some((Spans::new(&before).ok()?, Spans::new(&after).ok()?))
}

fn carry_one(span: Span<Byte>, edit: Edit) -> Option<(Span<Byte>, Span<Byte>)> {
    if let Some(stretched) = edit.stretch(span) {
        return Some((span, stretched));
    }
    let went = edit.removed_span();
    let came = edit.inserted_span();
    if went.start <= span.start && span.end <= went.end {
        None
    } else if went.start <= span.start {
        let start = if went.start == span.start {
            came.start
        } else {
            came.end
        };
        let left = Span::new(went.end, span.end);
        Some((left, Span::new(start, edit.moved(span.end))))
    } else {
        let end = if went.end == span.end {
            came.end
        } else {
            came.start
        };
        let left = Span::new(span.start, went.start);
        Some((left, Span::new(span.start, end)))
    }
}

fn is_blank(text: &str, spans: &Spans) -> bool {
    let mut words = spans
        .iter()
        .filter_map(|span| text.get(span.start..span.end));
    words.all(|words| words.trim().is_empty())
}

impl Document {
    /// Whether a link that a person made or accepted hangs on `mention`.
    pub(crate) fn is_held(&self, mention: Id) -> bool {
        self.links_of(mention).any(|link| link.is_affirmed())
    }
}
