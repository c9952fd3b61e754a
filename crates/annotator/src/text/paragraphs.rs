//! The hard lines of a text, each with a key that survives edits elsewhere.

use std::rc::Rc;

use super::utf16_len;

/// A hard line, without its line break.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Paragraph {
    /// Unique among the paragraphs of a text; kept while the paragraph is unchanged.
    pub(crate) key: u32,
    /// UTF-16 offset of its start in the text.
    pub(crate) start: usize,
    /// Length in UTF-16 code units.
    pub(crate) len: usize,
    /// What it says.
    pub(crate) text: Rc<str>,
}

/// All hard lines of a text, in order; never empty.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Paragraphs {
    list: Vec<Paragraph>,
    next_key: u32,
}

impl Paragraphs {
    /// The paragraphs of `text`.
    pub(crate) fn new(text: &str) -> Self {
        Self {
            list: Vec::new(),
            next_key: 0,
        }
        .updated(text)
    }

    /// The paragraphs of `text`, where those that lead or trail unchanged keep their keys.
    pub(crate) fn updated(&self, text: &str) -> Self {
        let lines: Vec<&str> = text.split('\n').collect();
        let old = &self.list;
        let shared = old.len().min(lines.len());
        let same = |(p, line): &(&Paragraph, &&str)| *p.text == ***line;
        let head = old.iter().zip(&lines).take_while(same).count();
        let tail = (old.iter().rev().zip(lines.iter().rev()))
            .take(shared - head)
            .take_while(same)
            .count();
        // A line edited in place keeps its key too, so that its element is changed and not replaced.
        let edited_in_place = old.len() == lines.len();

        let mut next_key = self.next_key;
        let mut start = 0;
        let mut list = Vec::with_capacity(lines.len());
        for (i, line) in lines.iter().enumerate() {
            let kept = if i < head {
                old.get(i)
            } else if i >= lines.len() - tail {
                old.get(old.len() + i - lines.len())
            } else {
                None
            };
            let paragraph = match kept {
                Some(p) => Paragraph { start, ..p.clone() },
                None => {
                    let reused = old.get(i).filter(|_| edited_in_place);
                    let key = reused.map_or(next_key, |p| p.key);
                    next_key += u32::from(reused.is_none());
                    Paragraph {
                        key,
                        start,
                        len: utf16_len(line),
                        text: Rc::from(*line),
                    }
                }
            };
            start += paragraph.len + 1;
            list.push(paragraph);
        }
        Self { list, next_key }
    }

    /// In text order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Paragraph> {
        self.list.iter()
    }

    /// UTF-16 code units of the whole text.
    pub(crate) fn text_len(&self) -> usize {
        self.list.last().map_or(0, |p| p.start + p.len)
    }

    /// Index of the paragraph that holds `offset`; a line break belongs to the paragraph that it ends.
    pub(crate) fn at(&self, offset: usize) -> usize {
        self.list
            .partition_point(|p| p.start <= offset)
            .saturating_sub(1)
    }

    /// The paragraph at `index`.
    pub(crate) fn get(&self, index: usize) -> Option<&Paragraph> {
        self.list.get(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(paragraphs: &Paragraphs) -> Vec<u32> {
        paragraphs.iter().map(|p| p.key).collect()
    }

    #[test]
    fn starts_count_utf16_code_units_and_line_breaks() {
        let paragraphs = Paragraphs::new("a😀\n\nb");
        let starts: Vec<_> = paragraphs.iter().map(|p| (p.start, p.len)).collect();
        assert_eq!(starts, [(0, 3), (4, 0), (5, 1)]);
        assert_eq!(paragraphs.text_len(), 6);
        assert_eq!([0, 3, 4, 5, 6].map(|at| paragraphs.at(at)), [0, 0, 1, 2, 2]);
    }

    #[test]
    fn an_empty_text_is_one_empty_paragraph() {
        assert_eq!(Paragraphs::new("").iter().count(), 1);
    }

    #[test]
    fn unchanged_paragraphs_keep_their_keys() {
        let before = Paragraphs::new("one\ntwo\nthree");
        let edited = before.updated("one\ntwo!\nthree");
        assert_eq!(keys(&edited), keys(&before));
        let inserted = before.updated("one\nnew\ntwo\nthree");
        assert_eq!(keys(&inserted), [0, 3, 1, 2]);
        let removed = inserted.updated("one\nthree");
        assert_eq!(keys(&removed), [0, 2]);
        assert_eq!(removed.get(1).map(|p| p.start), Some(4));
    }

    #[test]
    fn repeated_lines_never_share_a_key() {
        let paragraphs = Paragraphs::new("x\nx").updated("x\nx\nx").updated("x");
        assert_eq!(keys(&paragraphs).len(), 1);
        let mut grown = keys(&paragraphs.updated("x\nx\nx\nx"));
        grown.sort_unstable();
        grown.dedup();
        assert_eq!(grown.len(), 4);
    }
}
