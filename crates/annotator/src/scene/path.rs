//! Polylines with rounded corners, as SVG path data.

use std::fmt::Write;

/// A point: x, y.
pub(super) type Point = (f64, f64);

/// Path data through `points`, corners rounded by at most `radius`.
pub(super) fn rounded(points: &[Point], radius: f64) -> String {
    let mut d = String::new();
    let [first, inner @ .., last] = points else {
        return d;
    };
    let _ = write!(d, "M{}", show(*first));
    let mut from = *first;
    for (i, &corner) in inner.iter().enumerate() {
        let next = points[i + 2];
        let r = radius
            .min(distance(from, corner) / 2.0)
            .min(distance(corner, next) / 2.0);
        let _ = write!(
            d,
            "L{}Q{} {}",
            show(toward(corner, from, r)),
            show(corner),
            show(toward(corner, next, r))
        );
        from = corner;
    }
    let _ = write!(d, "L{}", show(*last));
    d
}

/// Distance from a point to a polyline.
pub(super) fn distance_to(points: &[Point], p: Point) -> f64 {
    (points.windows(2))
        .map(|w| {
            let (a, b) = (w[0], w[1]);
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            let length = dx * dx + dy * dy;
            let t = if length > 0.0 {
                (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length).clamp(0.0, 1.0)
            } else {
                0.0
            };
            distance(p, (a.0 + t * dx, a.1 + t * dy))
        })
        .fold(f64::INFINITY, f64::min)
}

/// `x,y` to a tenth of a pixel.
pub(super) fn show((x, y): Point) -> String {
    let tenths = |v: f64| (v * 10.0).round() / 10.0;
    format!("{},{}", tenths(x), tenths(y))
}

/// Distance between two points.
pub(super) fn distance(a: Point, b: Point) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn toward(from: Point, to: Point, by: f64) -> Point {
    let length = distance(from, to);
    if length == 0.0 {
        return from;
    }
    let t = by / length;
    (from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_rounded_and_ends_are_kept() {
        let d = rounded(&[(0.0, 20.0), (0.0, 0.0), (40.0, 0.0)], 6.0);
        assert_eq!(d, "M0,20L0,6Q0,0 6,0L40,0");
    }

    #[test]
    fn a_corner_never_eats_more_than_half_of_a_side() {
        let d = rounded(&[(0.0, 4.0), (0.0, 0.0), (40.0, 0.0)], 6.0);
        assert_eq!(d, "M0,4L0,2Q0,0 2,0L40,0");
    }

    #[test]
    fn distance_is_to_the_nearest_point_of_the_line() {
        let line = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)];
        assert_eq!(distance_to(&line, (5.0, 3.0)), 3.0);
        assert_eq!(distance_to(&line, (13.0, 14.0)), 5.0);
    }
}
