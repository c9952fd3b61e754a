//! However dense a text is, no two labels overlap at the step that its scene asks for.

use spanarc_document::Id;

use std::{collections::BTreeSet, time::Instant};

use proptest::prelude::*;

use super::{
    ArcInput, MarkInput, Metrics, Rect, Scene, Segment, Target,
    room::{LAST_STEP, STEP},
    tests::{METRICS, links, marks, scene},
};

/// The style sheet's metrics on a wide page and on a narrow one.
const PAGES: [Metrics; 2] = [
    Metrics {
        width: 776.0,
        line_height: 62.0,
        step: 0,
        baseline: 37.0,
        font_size: 19.0,
        gutter: 44.0,
    },
    Metrics {
        width: 346.0,
        line_height: 58.0,
        step: 0,
        baseline: 35.0,
        font_size: 17.0,
        gutter: 22.0,
    },
];

/// What a page shows: metrics before any step, mentions and links.
type Page = (Metrics, Vec<MarkInput>, Vec<ArcInput>);

/// The metrics at a step, as the page has them when it does what the scene asks for.
fn stepped(metrics: &Metrics, step: u32) -> Metrics {
    let added = f64::from(step) * STEP;
    Metrics {
        step,
        line_height: metrics.line_height + added,
        baseline: metrics.baseline + added / 2.0,
        ..*metrics
    }
}

/// The scene at the step that the page comes to rest at.
fn settled((metrics, marks, links): &Page) -> (Metrics, Scene) {
    let first = Scene::new(metrics, marks, links);
    let metrics = stepped(metrics, first.wanted_step);
    (metrics, Scene::new(&metrics, marks, links))
}

/// What is wrong with a scene: labels over labels, letters or edges.
fn faults(metrics: &Metrics, scene: &Scene) -> Vec<String> {
    let names = scene.marks.iter().map(|m| ("mention", m.id, m.label));
    let arcs = scene.labels.iter().map(|l| ("arc", l.links[0], l.rect));
    let labels: Vec<(&str, u32, Rect)> = names.chain(arcs).collect();
    let mut faults = Vec::new();
    for (i, (kind, id, label)) in labels.iter().enumerate() {
        for (other_kind, other, _) in labels[..i].iter().filter(|l| l.2.overlaps(label)) {
            faults.push(format!("{kind} {id} over {other_kind} {other}"));
        }
        let overhang = if *kind == "mention" {
            metrics.gutter
        } else {
            0.0
        };
        let fits = label.width <= metrics.width;
        if fits && (label.x < -overhang || label.right() > metrics.width + overhang) {
            faults.push(format!("{kind} {id} beyond the edges"));
        }
        // As in `styles/tokens.css`, and half a step more for each step.
        let above_text = 20.0 + f64::from(metrics.step) * STEP / 2.0;
        if label.y < -above_text {
            faults.push(format!("{kind} {id} above the page"));
        }
        let line = (label.y / metrics.line_height).max(0.0) as usize;
        for line in line.saturating_sub(1)..=line + 1 {
            if label.y < metrics.text_bottom(line) && metrics.text_top(line) < label.bottom() {
                faults.push(format!("{kind} {id} in the letters of line {line}"));
            }
        }
    }
    for arc in &scene.arcs {
        for w in arc.points.windows(2) {
            let (top, bottom) = (w[0].1.min(w[1].1), w[0].1.max(w[1].1));
            let outside = |x: f64| !(0.0..=metrics.width).contains(&x);
            let crossed = (0..14)
                .any(|line| top < metrics.text_bottom(line) && metrics.text_top(line) < bottom);
            if crossed && !(outside(w[0].0) && outside(w[1].0)) {
                faults.push(format!("arc {} in letters", arc.id));
            }
        }
        let beyond = |x: f64| x < -metrics.gutter || x > metrics.width + metrics.gutter;
        if arc.points.iter().any(|p| beyond(p.0)) {
            faults.push(format!("arc {} beyond the gutter", arc.id));
        }
    }
    faults
}

/// A page with mentions anywhere on a few lines, so that many nest and overlap, and links between any of them.
fn any_page() -> impl Strategy<Value = Page> {
    let mention = (0_usize..12, 0.0..1.0_f64, 4.0..140.0_f64, 0_usize..5);
    (
        0_usize..2,
        1_usize..=12,
        prop::collection::vec(mention, 1..=60),
        prop::collection::vec((any::<u32>(), any::<u32>(), 0_usize..5), 0..=120),
        prop::collection::vec(20.0..90.0_f64, 5),
        1_usize..=5,
    )
        .prop_map(|(page, lines, mentions, links, widths, kinds)| {
            let metrics = PAGES[page];
            let mut marks: Vec<MarkInput> = (mentions.into_iter().zip(1..))
                .map(|((line, at, width, kind), id)| {
                    let left = at * (metrics.width - width);
                    MarkInput {
                        id,
                        kind,
                        segments: vec![Segment {
                            line: line % lines,
                            left,
                            right: left + width,
                        }],
                        label_width: widths[kind],
                    }
                })
                .collect();
            marks.sort_by(|a, b| {
                let (a, b) = (a.segments[0], b.segments[0]);
                a.line.cmp(&b.line).then(a.left.total_cmp(&b.left))
            });
            let count = marks.len() as u32;
            let links = (links.into_iter().zip(1000..))
                .map(|((head, tail, kind), id)| ArcInput {
                    id,
                    kind: kind % kinds,
                    head: head % count + 1,
                    tail: tail % count + 1,
                    label_width: widths[kind % kinds],
                })
                .collect();
            (metrics, marks, links)
        })
}

proptest! {
    #[test]
    fn at_the_wanted_step_labels_overlap_no_label_no_letters_and_no_edge(page in any_page()) {
        let (metrics, scene) = settled(&page);
        let mut faults = faults(&metrics, &scene);
        if scene.wanted_step == LAST_STEP {
            // Beyond it labels are squeezed after all.
            faults.retain(|fault| !fault.contains(" over "));
        }
        prop_assert_eq!(faults, Vec::<String>::new());
    }

    #[test]
    fn a_step_that_is_granted_is_the_step_that_is_wanted(page in any_page(), present in 0_u32..9) {
        let (metrics, marks, links) = page;
        let wanted = Scene::new(&stepped(&metrics, present), &marks, &links).wanted_step;
        let settled = Scene::new(&stepped(&metrics, wanted), &marks, &links);
        prop_assert_eq!(settled.wanted_step, wanted);
    }

    #[test]
    fn each_link_is_drawn_once_and_has_one_label(page in any_page()) {
        let (_, scene) = settled(&page);
        let drawn: Vec<u32> = scene.arcs.iter().map(|arc| arc.id).collect();
        let mut labelled: Vec<u32> = scene.labels.iter().flat_map(|l| l.links.clone()).collect();
        labelled.sort_unstable();
        let given: Vec<u32> = page.2.iter().map(|link| link.id).collect();
        prop_assert_eq!(&drawn, &given);
        prop_assert_eq!(&labelled, &given);
    }

    #[test]
    fn the_pointer_on_a_label_is_on_one_of_its_links(page in any_page()) {
        let (_, scene) = settled(&page);
        for label in &scene.labels {
            let middle = (label.rect.x + label.rect.width / 2.0, label.rect.y + label.rect.height / 2.0);
            let Some(Target::Link(id)) = scene.at(middle) else {
                panic!("nothing under the label of {:?}", label.links);
            };
            prop_assert!(label.links.contains(&id.0));
        }
    }
}

/// Three lines of ten mentions each, with `count` links of `kinds` types between them.
fn crowded(count: u32, kinds: usize) -> Page {
    let segments: Vec<_> = (0..30)
        .map(|i| {
            let left = 76.0 * f64::from(i % 10);
            (i as usize / 10, left, left + 60.0)
        })
        .collect();
    // Of all pairs, the nearest first: most lie on one line.
    let mut pairs: Vec<(u32, u32)> = (0..30)
        .flat_map(|head| (head + 1..30).map(move |tail| (head, tail)))
        .collect();
    pairs.sort_by_key(|&(head, tail)| (tail - head, head));
    pairs.truncate(count as usize);
    let mut links = links(&pairs);
    for (i, link) in links.iter_mut().enumerate() {
        link.kind = i % kinds;
    }
    (PAGES[0], marks(&segments), links)
}

#[test]
fn a_crowded_text_has_no_label_over_another() {
    for count in [12, 60, 120] {
        for kinds in 1..=5 {
            let (metrics, scene) = settled(&crowded(count, kinds));
            assert_eq!(faults(&metrics, &scene), [""; 0], "{count} of {kinds}");
        }
    }
}

#[test]
fn arcs_of_one_type_at_one_end_share_a_trunk_and_a_label_where_it_is_dense() {
    let segments: Vec<_> = (0..8)
        .map(|i| (0, 76.0 * f64::from(i), 76.0 * f64::from(i) + 40.0))
        .collect();
    let pairs: Vec<_> = (1..8).map(|tail| (0, tail)).collect();
    let scene = scene(&segments, &pairs);
    assert_eq!(scene.labels.len(), 1);
    assert_eq!(scene.labels[0].links.len(), 7);
    let trunks: BTreeSet<String> = (scene.arcs.iter())
        .map(|arc| format!("{:?}", arc.points[..2].to_vec()))
        .collect();
    assert_eq!(trunks.len(), 1);
    assert_eq!(scene.wanted_step, 0);
}

#[test]
fn a_label_of_several_links_leads_to_the_one_that_ends_nearest() {
    let segments: Vec<_> = (0..8)
        .map(|i| (0, 76.0 * f64::from(i), 76.0 * f64::from(i) + 40.0))
        .collect();
    let pairs: Vec<_> = (1..8).map(|tail| (0, tail)).collect();
    let scene = scene(&segments, &pairs);
    let label = scene.labels[0].rect;
    let middle = label.y + label.height / 2.0;
    // Its middle is at 286, the ends of the arcs are 76 apart from 96 on.
    assert_eq!(
        scene.at((label.x + 1.0, middle)),
        Some(Target::Link(Id(102)))
    );
    assert_eq!(
        scene.at((label.right() - 1.0, middle)),
        Some(Target::Link(Id(103)))
    );
}

#[test]
fn arcs_of_different_types_between_the_same_mentions_lie_apart() {
    let mut links = links(&[(0, 1), (0, 1), (1, 0)]);
    links[1].kind = 1;
    let marks = marks(&[(0, 0.0, 60.0), (0, 200.0, 260.0)]);
    let (_, scene) = settled(&(METRICS, marks, links));
    assert_eq!(scene.labels.len(), 3);
    for (i, arc) in scene.arcs.iter().enumerate() {
        for other in &scene.arcs[..i] {
            assert!(arc.points.iter().all(|p| !other.points.contains(p)));
        }
    }
}

#[test]
fn a_sparse_text_wants_no_step() {
    for metrics in PAGES {
        let width = metrics.width;
        let segments: Vec<_> = (0..6)
            .flat_map(|line| [0.1, 0.4, 0.8].map(|at| (line, at * width - 20.0, at * width + 20.0)))
            .collect();
        let pairs: Vec<_> = (0..6)
            .flat_map(|l| [(3 * l, 3 * l + 1), (3 * l, 3 * l + 2)])
            .collect();
        let scene = Scene::new(&metrics, &marks(&segments), &links(&pairs));
        assert_eq!(scene.wanted_step, 0);
        assert_eq!(scene.labels.len(), 12, "each link has a label of its own");
        assert_eq!(faults(&metrics, &scene), [""; 0]);
    }
}

#[test]
fn degenerate_input_is_drawn_somehow() {
    let flat = Metrics {
        width: 0.0,
        line_height: 0.0,
        step: 0,
        baseline: 0.0,
        font_size: 0.0,
        gutter: 0.0,
    };
    let segments = [
        (0, 0.0, 2000.0),
        (0, 0.0, 0.0),
        (0, 10.0, 10.0),
        (40, -5.0, 3.0),
    ];
    let pairs = [(0, 1), (1, 2), (0, 3), (3, 0), (2, 2), (0, 9)];
    let mut marks = marks(&segments);
    marks.push(MarkInput {
        id: 9,
        kind: 0,
        segments: Vec::new(),
        label_width: 5000.0,
    });
    marks[2].label_width = 5000.0;
    for metrics in [flat, METRICS] {
        let scene = Scene::new(&metrics, &marks, &links(&pairs));
        assert_eq!((scene.marks.len(), scene.arcs.len()), (4, 5));
    }
    assert_eq!(Scene::new(&flat, &[], &[]), Scene::default());
}

#[test]
fn three_hundred_links_are_routed_between_two_frames() {
    let page = crowded(300, 5);
    assert_eq!(page.2.len(), 300);
    let start = Instant::now();
    let (metrics, scene) = settled(&page);
    // A few milliseconds; a busy machine that does not optimise gets more.
    assert!(start.elapsed().as_millis() < 200, "{:?}", start.elapsed());
    assert_eq!(faults(&metrics, &scene), [""; 0]);
}
