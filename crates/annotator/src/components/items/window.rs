//! Which rows of a list are rendered.

use std::ops::Range;

/// Rows rendered above and below those on screen.
const OVERSCAN: usize = 8;
/// Windows move in steps of so many rows, so that scrolling a little changes nothing.
const STEP: usize = 8;

/// A stretch of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window(Range<usize>);

impl Default for Window {
    /// What is rendered before anything can be measured.
    fn default() -> Self {
        Self(0..3 * STEP)
    }
}

impl Window {
    /// The rows around `height` pixels from `top` on, of rows that are `row` pixels high.
    pub(super) fn around(top: f64, height: f64, row: f64) -> Self {
        let first = (top / row).max(0.0) as usize;
        let end = ((top + height) / row).max(0.0).ceil() as usize;
        let step_down = |row: usize| row / STEP * STEP;
        Self(step_down(first.saturating_sub(OVERSCAN))..(end + OVERSCAN).next_multiple_of(STEP))
    }

    /// The rows of a list of `len` rows to render, in order: those in the window, and `current`, which holds the keyboard's
    /// place. A list that became shorter than the window's start shows its end.
    pub(super) fn rows(&self, len: usize, current: usize) -> impl Iterator<Item = usize> + use<> {
        let excess = self.0.end.saturating_sub(len);
        let shift = if self.0.start >= len { excess } else { 0 };
        let range = self.0.start.saturating_sub(shift)..self.0.end.min(len);
        let before = (current < range.start).then_some(current);
        let after = (current >= range.end && current < len).then_some(current);
        before.into_iter().chain(range).chain(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(window: &Window, len: usize, current: usize) -> Vec<usize> {
        window.rows(len, current).collect()
    }

    #[test]
    fn a_window_holds_what_is_on_screen_and_some_rows_around_it() {
        let window = Window::around(1000.0, 100.0, 10.0);
        assert_eq!(window, Window(88..120));
        // The same until the next step.
        assert_eq!(Window::around(1015.0, 100.0, 10.0).0.start, 88);
        assert_eq!(Window::around(0.0, 100.0, 10.0), Window(0..24));
    }

    #[test]
    fn a_short_list_is_rendered_whole() {
        assert_eq!(rows(&Window::default(), 3, 0), [0, 1, 2]);
        assert!(rows(&Window::default(), 0, 0).is_empty());
    }

    #[test]
    fn the_current_row_is_rendered_wherever_it_is() {
        let window = Window(8..11);
        assert_eq!(rows(&window, 100, 2), [2, 8, 9, 10]);
        assert_eq!(rows(&window, 100, 9), [8, 9, 10]);
        assert_eq!(rows(&window, 100, 99), [8, 9, 10, 99]);
    }

    #[test]
    fn a_list_that_became_shorter_shows_its_end() {
        assert_eq!(rows(&Window(96..100), 10, 0), [0, 6, 7, 8, 9]);
    }
}
