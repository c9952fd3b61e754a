//! The text of the surface: what an edit changed and where its paragraphs are, in UTF-16 code units.

mod edit;
mod paragraphs;

pub(crate) use edit::Edit;
pub(crate) use paragraphs::Paragraphs;

/// Length of `text` in UTF-16 code units.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Walks a text forward and cuts spans out of it, so that cutting many costs one pass.
pub(crate) struct Cutter<'a> {
    text: &'a str,
    byte: usize,
    utf16: usize,
}

impl<'a> Cutter<'a> {
    /// A cutter at the start of `text`.
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            byte: 0,
            utf16: 0,
        }
    }

    /// The text of `start..end`. Positions beyond the text or inside a surrogate pair move to the next boundary.
    /// Spans that start before the one cut last cost a new pass.
    pub(crate) fn cut(&mut self, start: usize, end: usize) -> &'a str {
        if start < self.utf16 {
            (self.byte, self.utf16) = (0, 0);
        }
        self.advance(start);
        let from = self.byte;
        self.advance(end);
        let to = self.byte;
        let cut = &self.text[from..to];
        // The next span may start inside this one.
        (self.byte, self.utf16) = (from, self.utf16 - utf16_len(cut));
        cut
    }

    fn advance(&mut self, target: usize) {
        for c in self.text[self.byte..].chars() {
            if self.utf16 >= target {
                break;
            }
            self.byte += c.len_utf8();
            self.utf16 += c.len_utf16();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_counts_in_utf16_code_units() {
        let mut cutter = Cutter::new("a😀b é 漢字");
        assert_eq!(cutter.cut(0, 3), "a😀");
        assert_eq!(cutter.cut(3, 4), "b");
        assert_eq!(cutter.cut(5, 6), "é");
        assert_eq!(cutter.cut(7, 99), "漢字");
        assert_eq!(cutter.cut(1, 3), "😀");
    }

    #[test]
    fn a_cut_inside_a_surrogate_pair_moves_to_the_next_boundary() {
        assert_eq!(Cutter::new("😀b").cut(1, 3), "b");
    }
}
