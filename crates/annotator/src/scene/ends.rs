//! Where arcs end: at which side of which words each leaves and arrives, and in which order those at one side stand.

use std::collections::BTreeMap;

use super::{MarkInput, Metrics, Segment};

/// Between arcs that end at one side of a mention, when there is room.
const SLOT_PITCH: f64 = 8.0;

/// The side of a mention at which an arc ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Top,
    Bottom,
}

/// The gutter that an arc runs down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gutter {
    Left,
    Right,
}

/// One end of an arc.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// Index of the mention.
    pub(super) mark: usize,
    /// Index of its segment.
    pub(super) part: usize,
    pub(super) segment: Segment,
    pub(super) side: Side,
    pub(super) x: f64,
}

/// An arc on its way: `upper` is on the earlier line, or the left one on the same line.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// Index of the link.
    pub(super) link: usize,
    /// Index of its type.
    pub(super) kind: usize,
    pub(super) upper: End,
    pub(super) lower: End,
    pub(super) head_is_upper: bool,
    pub(super) gutter: Option<Gutter>,
    /// Index of the bundle to which it belongs.
    pub(super) bundle: usize,
}

impl Draft {
    /// Draws the link at index `link` between the segments of two mentions that are nearest to each other.
    pub(super) fn new(
        metrics: &Metrics,
        placed: &[&MarkInput],
        (link, kind): (usize, usize),
        (head, tail): (usize, usize),
    ) -> Option<Self> {
        let parts = |mark: usize| placed[mark].segments.iter().enumerate();
        let pairs = parts(head).flat_map(|h| parts(tail).map(move |t| (h, t)));
        let ((h_part, h), (t_part, t)) = pairs.min_by(|((_, h), (_, t)), ((_, g), (_, u))| {
            let lines = (h.line.abs_diff(t.line)).cmp(&g.line.abs_diff(u.line));
            let across = |a: &Segment, b: &Segment| (a.center() - b.center()).abs();
            lines.then_with(|| across(h, t).total_cmp(&across(g, u)))
        })?;
        let head_is_upper = (h.line, h.left) <= (t.line, t.left);
        let (head, tail) = ((head, h_part, *h), (tail, t_part, *t));
        let (upper, lower) = if head_is_upper {
            (head, tail)
        } else {
            (tail, head)
        };
        let (first, last) = (upper.2, lower.2);
        let end = |(mark, part, segment): (usize, usize, Segment), side| End {
            mark,
            part,
            segment,
            side,
            x: segment.center(),
        };
        let leaving = if first.line == last.line {
            Side::Top
        } else {
            Side::Bottom
        };
        let gutter = (last.line > first.line + 1).then(|| {
            if first.center() + last.center() < metrics.width {
                Gutter::Left
            } else {
                Gutter::Right
            }
        });
        Some(Self {
            link,
            kind,
            upper: end(upper, leaving),
            lower: end(lower, Side::Top),
            head_is_upper,
            gutter,
            bundle: 0,
        })
    }

    /// The gaps in which the arc leaves the upper mention and reaches the lower one.
    pub(super) fn gaps(&self) -> [usize; 2] {
        let reaching = self.lower.segment.line;
        let leaving = match self.gutter {
            Some(_) => self.upper.segment.line + 1,
            None => reaching,
        };
        [leaving, reaching]
    }

    /// The ends, upper one first, and whether each is at the head.
    pub(super) fn ends(&self) -> [(&End, bool); 2] {
        [
            (&self.upper, self.head_is_upper),
            (&self.lower, !self.head_is_upper),
        ]
    }

    /// How far right of the end at the head, or else at the tail, the arc goes from there.
    fn way(&self, from_head: bool) -> f64 {
        let (upper, lower) = (self.upper.segment.center(), self.lower.segment.center());
        match self.gutter {
            Some(Gutter::Left) => f64::NEG_INFINITY,
            Some(Gutter::Right) => f64::INFINITY,
            None if from_head == self.head_is_upper => lower - upper,
            None => upper - lower,
        }
    }

    fn end_mut(&mut self, at_head: bool) -> &mut End {
        if at_head == self.head_is_upper {
            &mut self.upper
        } else {
            &mut self.lower
        }
    }
}

/// Gives the trunks that end at the same side of the same words places beside each other, so that they do not cross there.
/// Arcs of one bundle have one trunk where they meet.
pub(super) fn spread(drafts: &mut [Draft]) {
    type Trunks = BTreeMap<(usize, bool), Vec<usize>>;
    let mut sides: BTreeMap<(usize, usize, Side), Trunks> = BTreeMap::new();
    for (i, draft) in drafts.iter().enumerate() {
        for (end, at_head) in draft.ends() {
            let trunks = sides.entry((end.mark, end.part, end.side)).or_default();
            trunks.entry((draft.bundle, at_head)).or_default().push(i);
        }
    }
    for ((.., side), trunks) in sides {
        // Above a mention outer arcs pass over inner ones, below it the other way round: the order that avoids
        // crossings is mirrored.
        let mut ordered: Vec<_> = (trunks.into_iter())
            .map(|((_, at_head), arcs)| {
                let ways: f64 = arcs.iter().map(|&i| drafts[i].way(at_head)).sum();
                let way = ways / arcs.len() as f64;
                let rank = match side {
                    Side::Top => -way,
                    Side::Bottom => way,
                };
                (way > 0.0, rank, at_head, arcs)
            })
            .collect();
        ordered.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let count = ordered.len() as f64;
        for (slot, (.., at_head, arcs)) in ordered.into_iter().enumerate() {
            for i in arcs {
                let end = drafts[i].end_mut(at_head);
                let room = (end.segment.right - end.segment.left - 4.0).max(0.0);
                let pitch = SLOT_PITCH.min(room / count);
                end.x = end.segment.center() + (slot as f64 - (count - 1.0) / 2.0) * pitch;
            }
        }
    }
}
