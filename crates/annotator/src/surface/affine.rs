//! The map between the surface's own coordinates and the viewport's, whatever transforms and zooms lie between.
//!
//! Ranges are measured in viewport coordinates, after every `transform` and `zoom` of the host; what is drawn lies inside the
//! surface, before them. Both are CSS pixels.

/// A point: x, y.
pub(crate) type Point = (f64, f64);

/// An axis-parallel box in viewport coordinates, as the browser measures it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ClientBox {
    /// Left edge.
    pub(crate) left: f64,
    /// Top edge.
    pub(crate) top: f64,
    /// Width.
    pub(crate) width: f64,
    /// Height.
    pub(crate) height: f64,
}

impl ClientBox {
    /// The middle, which an affine map keeps in the middle.
    pub(crate) fn center(&self) -> Point {
        (self.left + self.width / 2.0, self.top + self.height / 2.0)
    }
}

/// `viewport = origin + x · right + y · down`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Affine {
    origin: Point,
    right: Point,
    down: Point,
}

impl Affine {
    /// The map that takes (0, 0), (`distance`, 0) and (0, `distance`) to these points. None when it flattens the plane, as
    /// in an element that is not displayed.
    pub(crate) fn through(origin: Point, right: Point, down: Point, distance: f64) -> Option<Self> {
        let step = |to: Point| ((to.0 - origin.0) / distance, (to.1 - origin.1) / distance);
        let affine = Self {
            origin,
            right: step(right),
            down: step(down),
        };
        (affine.determinant().abs() > 1e-9).then_some(affine)
    }

    fn determinant(&self) -> f64 {
        self.right.0 * self.down.1 - self.right.1 * self.down.0
    }

    /// A point of the viewport in the surface's coordinates.
    pub(crate) fn local(&self, (x, y): Point) -> Point {
        let (x, y) = (x - self.origin.0, y - self.origin.1);
        let determinant = self.determinant();
        (
            (x * self.down.1 - y * self.down.0) / determinant,
            (y * self.right.0 - x * self.right.1) / determinant,
        )
    }

    /// Width, in the surface's coordinates, of a rectangle of the surface that is `height` tall there and whose bounding box in
    /// the viewport is `bounds`.
    pub(crate) fn local_width(&self, bounds: &ClientBox, height: f64) -> f64 {
        // A turned rectangle w × h has a bounding box of |right| w + |down| h, along each axis.
        if self.right.0.abs() >= self.right.1.abs() {
            (bounds.width - self.down.0.abs() * height) / self.right.0.abs()
        } else {
            (bounds.height - self.down.1.abs() * height) / self.right.1.abs()
        }
    }

    /// The least and the greatest y that a box of the viewport has in the surface's coordinates.
    pub(crate) fn local_heights(&self, bounds: &ClientBox) -> (f64, f64) {
        let (right, bottom) = (bounds.left + bounds.width, bounds.top + bounds.height);
        [
            (bounds.left, bounds.top),
            (right, bounds.top),
            (bounds.left, bottom),
            (right, bottom),
        ]
        .map(|corner| self.local(corner).1)
        .into_iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| {
            (low.min(y), high.max(y))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The map of a surface at (30, 40), scaled and then turned by `degrees`.
    fn turned(degrees: f64, scale: f64) -> Affine {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let origin = (30.0, 40.0);
        let at = |x: f64, y: f64| {
            (
                origin.0 + scale * (x * cos - y * sin),
                origin.1 + scale * (x * sin + y * cos),
            )
        };
        Affine::through(origin, at(64.0, 0.0), at(0.0, 64.0), 64.0).unwrap()
    }

    /// Bounding box in the viewport of the surface's rectangle at (x, y) of size w × h.
    fn bounds(map: &Affine, (x, y): Point, w: f64, h: f64) -> ClientBox {
        let corners = [(x, y), (x + w, y), (x, y + h), (x + w, y + h)].map(|(x, y)| {
            (
                map.origin.0 + x * map.right.0 + y * map.down.0,
                map.origin.1 + x * map.right.1 + y * map.down.1,
            )
        });
        let fold = |pick: fn(f64, f64) -> f64, of: fn(&Point) -> f64| {
            corners.iter().map(of).reduce(pick).unwrap()
        };
        let (left, top) = (fold(f64::min, |p| p.0), fold(f64::min, |p| p.1));
        ClientBox {
            left,
            top,
            width: fold(f64::max, |p| p.0) - left,
            height: fold(f64::max, |p| p.1) - top,
        }
    }

    #[test]
    fn a_rectangle_keeps_its_middle_and_width_under_any_turn_and_scale() {
        for degrees in [0.0, 3.0, 45.0, 90.0, 135.0, 180.0, -30.0] {
            for scale in [0.5, 1.0, 1.75] {
                let map = turned(degrees, scale);
                let seen = bounds(&map, (100.0, 62.0), 80.0, 24.0);
                let (x, y) = map.local(seen.center());
                let width = map.local_width(&seen, 24.0);
                let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
                assert!(
                    near(x, 140.0) && near(y, 74.0) && near(width, 80.0),
                    "{degrees}° × {scale}: {x} {y} {width}"
                );
            }
        }
    }

    #[test]
    fn a_surface_that_is_not_displayed_has_no_map() {
        assert_eq!(
            Affine::through((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), 64.0),
            None
        );
    }

    #[test]
    fn the_heights_that_a_window_shows_are_those_of_its_corners() {
        let window = ClientBox {
            left: 0.0,
            top: 0.0,
            width: 100.0,
            height: 80.0,
        };
        assert_eq!(turned(0.0, 2.0).local_heights(&window), (-20.0, 20.0));
    }
}
