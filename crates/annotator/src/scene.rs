//! Highlights, labels and relation arcs behind the text, computed from where the words are.
//!
//! Pure geometry, which knows neither documents nor models. Positions are CSS pixels from the top left of the text's first
//! line box; all lines have the same height. The gap above line `g` holds, from top to bottom, the labels of the mentions
//! on line `g - 1` and the arcs that run between the two lines.
//!
//! A gap that is too low for its labels asks for a larger line height: see [`Scene::wanted_step`].

mod arcs;
mod bundles;
mod ends;
mod gaps;
mod lanes;
mod levels;
mod marks;
mod path;
mod room;
mod runs;

#[cfg(test)]
mod dense_tests;

use spanarc_document::Id;

use crate::view::Target;

pub(crate) use arcs::{Arc, ArcLabel};
pub(crate) use marks::Mark;

/// Metrics of the text that the drawing must keep clear of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Metrics {
    /// Width of the lines.
    pub(crate) width: f64,
    /// Distance from line to line, as it is now.
    pub(crate) line_height: f64,
    /// Number of steps of 22 px by which `line_height` exceeds the style sheet's: the step that the caller has set.
    pub(crate) step: u32,
    /// From the top of a line box to the baseline.
    pub(crate) baseline: f64,
    /// Size of the text's font.
    pub(crate) font_size: f64,
    /// Free room beside the lines, on each side.
    pub(crate) gutter: f64,
}

impl Metrics {
    /// How far letters reach above the baseline, in units of the font size.
    pub(crate) const ASCENT: f64 = 0.80;
    /// How far letters reach below the baseline, in units of the font size.
    pub(crate) const DESCENT: f64 = 0.27;

    /// Top of the letters of `line`.
    pub(crate) fn text_top(&self, line: usize) -> f64 {
        line as f64 * self.line_height + self.baseline - Self::ASCENT * self.font_size
    }

    /// Bottom of the letters of `line`.
    pub(crate) fn text_bottom(&self, line: usize) -> f64 {
        line as f64 * self.line_height + self.baseline + Self::DESCENT * self.font_size
    }

    /// Distance from the letters of a line to those of the next.
    fn gap(&self) -> f64 {
        self.line_height - (Self::ASCENT + Self::DESCENT) * self.font_size
    }

    /// The left edge, as near to `wanted` as keeps a box of `width` between the edges of the lines, or outside by at most
    /// `overhang`. A box that is wider than that stands in the middle.
    fn fit(&self, wanted: f64, width: f64, overhang: f64) -> f64 {
        let last = self.width + overhang - width;
        if last < -overhang {
            return (self.width - width) / 2.0;
        }
        wanted.min(last).max(-overhang)
    }
}

/// The part of a mention that stands on one line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Segment {
    /// Index of the line.
    pub(crate) line: usize,
    /// Left edge.
    pub(crate) left: f64,
    /// Right edge.
    pub(crate) right: f64,
}

impl Segment {
    /// Middle between the edges.
    pub(crate) fn center(&self) -> f64 {
        (self.left + self.right) / 2.0
    }
}

/// An axis-parallel rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rect {
    /// Left edge.
    pub(crate) x: f64,
    /// Top edge.
    pub(crate) y: f64,
    /// Width.
    pub(crate) width: f64,
    /// Height.
    pub(crate) height: f64,
}

impl Rect {
    /// Right edge.
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Bottom edge.
    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Whether the point lies inside, or outside by at most `margin`.
    pub(crate) fn contains(&self, (x, y): (f64, f64), margin: f64) -> bool {
        x >= self.x - margin
            && x <= self.right() + margin
            && y >= self.y - margin
            && y <= self.bottom() + margin
    }

    /// Whether the two share more than an edge and what rounding makes of it.
    #[cfg(test)]
    fn overlaps(&self, other: &Self) -> bool {
        let least = 1e-6;
        self.right().min(other.right()) - self.x.max(other.x) > least
            && self.bottom().min(other.bottom()) - self.y.max(other.y) > least
    }
}

/// A mention to draw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MarkInput {
    /// Identity of the mention.
    pub(crate) id: u32,
    /// Index of its type, for its colour.
    pub(crate) kind: usize,
    /// Where its words are, in text order: one segment a line, or more where it is discontinuous.
    pub(crate) segments: Vec<Segment>,
    /// Width of its label.
    pub(crate) label_width: f64,
}

/// A link to draw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ArcInput {
    /// Identity of the link; never equal to a mention's.
    pub(crate) id: u32,
    /// Index of its type, for its colour.
    pub(crate) kind: usize,
    /// Identity of the mention at which it starts.
    pub(crate) head: u32,
    /// Identity of the mention at which it ends, with an arrowhead.
    pub(crate) tail: u32,
    /// Width of its label; the same for all links of a kind.
    pub(crate) label_width: f64,
}

/// Everything drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Scene {
    /// Mentions.
    pub(crate) marks: Vec<Mark>,
    /// Links.
    pub(crate) arcs: Vec<Arc>,
    /// Labels of the links, in the order of the first link of each.
    pub(crate) labels: Vec<ArcLabel>,
    /// The step at which no label covers another, or the last one, at which lines are further apart than text can be. As long
    /// as it differs from [`Metrics::step`], the caller sets the line
    /// height to the style sheet's plus 22 px times this, adds 11 px times this to the room above the first line, and
    /// measures again: the second scene asks for what the first did.
    ///
    /// It answers to what was given, which is what is near the screen. The caller keeps the largest step it was asked for
    /// while the text stays the same, so that scrolling moves no line.
    pub(crate) wanted_step: u32,
}

/// How far from its line an arc is still pointed at.
const REACH: f64 = 6.0;

impl Scene {
    /// Draws `marks`, which are in text order, and those of `links` whose arguments are among them.
    pub(crate) fn new(metrics: &Metrics, marks: &[MarkInput], links: &[ArcInput]) -> Self {
        let placed: Vec<&MarkInput> = marks.iter().filter(|m| !m.segments.is_empty()).collect();
        let (marks, names) = marks::draw(metrics, &placed);
        let plan = arcs::plan(metrics, &placed, &names, links);
        let needed = names.needed().max(plan.needed(&names));
        let (arcs, labels) = plan.draw(metrics, &names);
        Self {
            marks,
            arcs,
            labels,
            wanted_step: room::wanted_step(metrics, needed),
        }
    }

    /// The annotation at a point: mentions before arcs, since they are what people read, and inner mentions before outer
    /// ones. Of links that share a label or a trunk, the one that ends nearest.
    pub(crate) fn at(&self, point: (f64, f64)) -> Option<Target> {
        let mention = (self.marks.iter())
            .filter_map(|mark| Some((mark.reach(point)?, mark.id)))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, id)) = mention {
            return Some(Target::Mention(Id(id)));
        }
        let of_ends =
            |a: &&Arc, b: &&Arc| (a.distance_of_ends(point)).total_cmp(&b.distance_of_ends(point));
        let label = self.labels.iter().find(|l| l.rect.contains(point, 0.0));
        let arc = match label {
            Some(label) => {
                let arcs = self.arcs.iter().filter(|a| label.links.contains(&a.id));
                arcs.min_by(of_ends)
            }
            None => (self.arcs.iter())
                .map(|arc| (arc.distance(point), arc))
                .filter(|&(distance, _)| distance <= REACH)
                .min_by(|(d, a), (e, b)| d.total_cmp(e).then_with(|| of_ends(a, b)))
                .map(|(_, arc)| arc),
        };
        arc.map(|arc| Target::Link(Id(arc.id)))
    }

    /// Where the label of a link stands; it may be the label of others too.
    pub(crate) fn label_of(&self, link: u32) -> Option<Rect> {
        let label = self.labels.iter().find(|l| l.links.contains(&link))?;
        Some(label.rect)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const METRICS: Metrics = Metrics {
        width: 600.0,
        line_height: 60.0,
        step: 0,
        baseline: 36.0,
        font_size: 20.0,
        gutter: 32.0,
    };

    /// Mentions numbered 1, 2, ... of one segment each, which is given as line, left and right.
    pub(crate) fn marks(segments: &[(usize, f64, f64)]) -> Vec<MarkInput> {
        (segments.iter().zip(1..))
            .map(|(&(line, left, right), id)| MarkInput {
                id,
                kind: 0,
                segments: vec![Segment { line, left, right }],
                label_width: 24.0,
            })
            .collect()
    }

    /// Links numbered 100, 101, ... between mentions that are given by their place.
    pub(crate) fn links(pairs: &[(u32, u32)]) -> Vec<ArcInput> {
        (pairs.iter().zip(100..))
            .map(|(&(head, tail), id)| ArcInput {
                id,
                kind: 0,
                head: head + 1,
                tail: tail + 1,
                label_width: 48.0,
            })
            .collect()
    }

    pub(crate) fn scene(segments: &[(usize, f64, f64)], pairs: &[(u32, u32)]) -> Scene {
        Scene::new(&METRICS, &marks(segments), &links(pairs))
    }

    #[test]
    fn a_point_finds_the_mention_or_the_arc_under_it() {
        let scene = scene(&[(0, 0.0, 80.0), (0, 300.0, 380.0)], &[(0, 1)]);
        assert_eq!(scene.at((40.0, 30.0)), Some(Target::Mention(Id(1))));
        let label = scene.labels[0].rect;
        assert_eq!(
            scene.at((label.x + 3.0, label.y + 3.0)),
            Some(Target::Link(Id(100)))
        );
        assert_eq!(scene.at((200.0, 30.0)), None);
    }

    #[test]
    fn a_point_on_nested_mentions_finds_the_inner_one() {
        let scene = scene(&[(0, 0.0, 200.0), (0, 120.0, 200.0)], &[]);
        assert_eq!(scene.at((20.0, 30.0)), Some(Target::Mention(Id(1))));
        assert_eq!(scene.at((160.0, 30.0)), Some(Target::Mention(Id(2))));
    }
}
