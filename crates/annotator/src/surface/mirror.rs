//! The mirror: the text once more, in elements whose words can be measured.
//!
//! A textarea tells nobody where its words are. Behind it stands the same text with the same metrics, one element a hard
//! line. It is changed by hand, in the input event itself: it never lags behind the textarea, and a key costs as much as the
//! block that it changes. A long line is cut into blocks of whole soft lines, since a browser lays out and measures a block
//! of text as a whole: with a line of 300,000 characters in one element a key took seconds.

use std::ops::Range;

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement, Text};

use super::ruler::Ruler;

/// Length, in UTF-16 code units, from which a block is cut.
const LONG: usize = 4000;
/// Length at which it is cut, or at the next soft line break after.
const CUT: usize = 2000;
/// Shorter blocks of a long line take in the next one.
const SHORT: usize = 500;
/// How much of the next block decides whether a line breaks between two blocks.
const LOOK_AHEAD: usize = 400;

/// Hard line, or some of the soft lines of a long one. Lengths and offsets are UTF-16 code units.
pub(crate) struct Block {
    pub(crate) element: HtmlElement,
    pub(crate) text: Text,
    /// Offset of its start in the text.
    pub(crate) start: usize,
    /// Its length, without the line break.
    pub(crate) len: usize,
    /// Whether a hard line ends here.
    pub(crate) ends_line: bool,
}

impl Block {
    /// Offset of its end, before the line break.
    pub(crate) fn end(&self) -> usize {
        self.start + self.len
    }
}

/// The elements of the text.
pub(crate) struct Mirror {
    document: Document,
    root: Element,
    blocks: Vec<Block>,
}

impl Mirror {
    /// An empty text in `root`, which holds nothing else.
    pub(crate) fn new(document: Document, root: Element) -> Option<Self> {
        root.set_text_content(None);
        let mut mirror = Self {
            document,
            root,
            blocks: Vec::new(),
        };
        let block = mirror.new_block("", true)?;
        mirror.root.append_child(&block.element).ok()?;
        mirror.blocks.push(block);
        Some(mirror)
    }

    /// Blocks in text order; never empty.
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Length of the text.
    pub(crate) fn len(&self) -> usize {
        self.blocks.last().map_or(0, Block::end)
    }

    /// Index of the block that holds `offset`. A line break belongs to the line that it ends.
    pub(crate) fn at(&self, offset: usize) -> usize {
        self.blocks
            .partition_point(|block| block.start <= offset)
            .saturating_sub(1)
    }

    /// Replaces `removed` code units at `start`. Gives the blocks of long lines that [`Self::cut_long_lines`] must look at.
    #[must_use]
    pub(crate) fn replace(&mut self, start: usize, removed: usize, inserted: &str) -> Range<usize> {
        let end = (start + removed).min(self.len());
        let start = start.min(end);
        let (first, last) = (self.at(start), self.at(end));
        let changed = if first == last && !inserted.contains('\n') {
            self.replace_within(first, start, end, inserted)
        } else {
            self.replace_across(first, last, start, end, inserted)
        };
        let Some(count) = changed else { return 0..0 };
        self.renumber(first);
        // A word that became shorter may move up into the block before.
        let from = if first > 0 && !self.blocks[first - 1].ends_line {
            first - 1
        } else {
            first
        };
        let changed = from..first + count;
        let is_long = |block: &Block| block.len >= LONG || !block.ends_line;
        if self.blocks[changed.clone()].iter().any(is_long) {
            changed
        } else {
            0..0
        }
    }

    /// Cuts every long line anew, after the width or the font has changed.
    pub(crate) fn reflow(&mut self, ruler: &Ruler) {
        let mut index = 0;
        while index < self.blocks.len() {
            while !self.blocks[index].ends_line && index + 1 < self.blocks.len() {
                self.join_next(index);
            }
            index += 1;
        }
        let _ = self.cut_long_lines(ruler, 0..self.blocks.len(), usize::MAX);
    }

    fn replace_within(
        &mut self,
        index: usize,
        start: usize,
        end: usize,
        inserted: &str,
    ) -> Option<usize> {
        let block = self.blocks.get_mut(index)?;
        let (at, count) = (units(start - block.start), units(end - start));
        block.text.replace_data(at, count, inserted).ok()?;
        block.len = block.text.length() as usize;
        Some(1)
    }

    /// Replaces text that holds line breaks, or brings some. How many blocks stand in its place.
    fn replace_across(
        &mut self,
        first: usize,
        last: usize,
        start: usize,
        end: usize,
        inserted: &str,
    ) -> Option<usize> {
        let (head, tail) = (self.blocks.get(first)?, self.blocks.get(last)?);
        let before = (head.text)
            .substring_data(0, units(start - head.start))
            .ok()?;
        let from = units(end - tail.start);
        let after = tail
            .text
            .substring_data(from, tail.text.length() - from)
            .ok()?;
        let ends_line = tail.ends_line;
        let next = tail.element.next_sibling();
        let direction = head.element.get_attribute("dir");

        let joined = [before.as_str(), inserted, after.as_str()].concat();
        let mut lines = joined.split('\n').peekable();
        let fragment = self.document.create_document_fragment();
        let mut fresh = Vec::new();
        while let Some(line) = lines.next() {
            let block = self.new_block(line, lines.peek().is_some() || ends_line)?;
            if let (true, Some(direction)) = (fresh.is_empty(), &direction) {
                // What goes on in a long line goes on in its direction.
                let _ = block.element.set_attribute("dir", direction);
            }
            fragment.append_child(&block.element).ok()?;
            fresh.push(block);
        }
        let count = fresh.len();
        for old in self.blocks.splice(first..=last, fresh) {
            old.element.remove();
        }
        self.root.insert_before(&fragment, next.as_ref()).ok()?;
        Some(count)
    }

    fn new_element(&self) -> Option<HtmlElement> {
        let element: HtmlElement = self.document.create_element("div").ok()?.dyn_into().ok()?;
        element.set_class_name("block");
        Some(element)
    }

    fn new_block(&self, line: &str, ends_line: bool) -> Option<Block> {
        let element = self.new_element()?;
        let text = self.document.create_text_node(line);
        element.append_child(&text).ok()?;
        Some(Block {
            len: text.length() as usize,
            element,
            text,
            start: 0,
            ends_line,
        })
    }

    /// Sets the starts of the blocks from `first` on.
    fn renumber(&mut self, first: usize) {
        let mut start = match first.checked_sub(1).and_then(|i| self.blocks.get(i)) {
            Some(before) => before.end() + usize::from(before.ends_line),
            None => 0,
        };
        for block in self.blocks.iter_mut().skip(first) {
            block.start = start;
            start = block.end() + usize::from(block.ends_line);
        }
    }

    /// Sees to it that the blocks of `changed`, and what they push on, end where lines break, and that none is long. Text that
    /// repeats itself can push on all that follows: after `most` steps, each of which lays a block out, the rest is left. Gives
    /// the offset at which to go on then.
    pub(crate) fn cut_long_lines(
        &mut self,
        ruler: &Ruler,
        changed: Range<usize>,
        most: usize,
    ) -> Option<usize> {
        let (mut index, mut to) = (changed.start, changed.end);
        let mut steps = 0;
        while index < to.min(self.blocks.len()) {
            let block = &self.blocks[index];
            if steps >= most && to <= index + 2 {
                return Some(block.start);
            }
            // What is far too long is laid out whole wherever it stands: it cannot wait.
            steps += usize::from(block.len <= 2 * LONG && !(block.len < LONG && block.ends_line));
            if block.len >= LONG {
                if self.cut(ruler, index) {
                    to = (to + 1).max(index + 2);
                }
                index += 1;
            } else if block.ends_line {
                index += 1;
            } else if block.len < SHORT || !self.breaks_after(ruler, index) {
                self.join_next(index);
                // What was joined is looked at once more, and so is what follows it.
                to = to.saturating_sub(1).max(index + 1);
            } else {
                index += 1;
            }
        }
        None
    }

    /// Whether the text breaks into a new line between the blocks at `index` and after it.
    fn breaks_after(&self, ruler: &Ruler, index: usize) -> bool {
        let (block, next) = (&self.blocks[index], &self.blocks[index + 1]);
        let ahead = next.text.substring_data(0, units(LOOK_AHEAD.min(next.len)));
        let Ok(ahead) = ahead else { return true };
        if block.text.append_data(&ahead).is_err() {
            return true;
        }
        let breaks = ruler.starts_line(block, block.len);
        let added = block.text.length() - units(block.len);
        let _ = block.text.delete_data(units(block.len), added);
        breaks
    }

    /// Cuts a long block at a soft line break, if it has one.
    fn cut(&mut self, ruler: &Ruler, index: usize) -> bool {
        let Some(element) = self.new_element() else {
            return false;
        };
        let block = &mut self.blocks[index];
        let ends_line = block.ends_line;
        // Text beyond is out of the document while the browser measures: or each cut would lay all of it out anew.
        let beyond = (block.len > 2 * LONG)
            .then(|| {
                block
                    .text
                    .split_text(units(between_characters(&block.text, LONG)))
                    .ok()
            })
            .flatten();
        if let Some(beyond) = &beyond {
            beyond.remove();
        }
        let rest = ruler
            .line_start_after(block, CUT)
            .map(|at| between_characters(&block.text, at))
            .and_then(|at| block.text.split_text(units(at)).ok());
        let rest = match (rest, beyond) {
            (Some(rest), Some(beyond)) => {
                let _ = beyond.insert_data(0, &rest.data());
                rest.remove();
                beyond
            }
            (Some(rest), None) => rest,
            (None, beyond) => {
                if let Some(beyond) = beyond {
                    let _ = block.text.append_data(&beyond.data());
                }
                block.len = block.text.length() as usize;
                return false;
            }
        };
        block.len = block.text.length() as usize;
        // The direction of a paragraph is that of its first letter, which the later blocks do not hold.
        let direction = match block.element.get_attribute("dir") {
            Some(fixed) if fixed != "auto" => fixed,
            _ => {
                let _ = block.element.set_attribute("dir", "auto");
                super::computed(&block.element, "direction").unwrap_or_default()
            }
        };
        let _ = element.set_attribute("dir", &direction);
        let _ = element.append_child(&rest);
        let _ = block.element.after_with_node_1(&element);
        let rest = Block {
            element,
            start: block.end(),
            len: rest.length() as usize,
            ends_line,
            text: rest,
        };
        block.ends_line = false;
        self.blocks.insert(index + 1, rest);
        true
    }

    /// Makes one block of that at `index`, which ends no line, and the next.
    fn join_next(&mut self, index: usize) {
        if index + 1 >= self.blocks.len() {
            return;
        }
        let next = self.blocks.remove(index + 1);
        let block = &mut self.blocks[index];
        let _ = block.text.append_data(&next.text.data());
        block.len = block.text.length() as usize;
        block.ends_line = next.ends_line;
        if block.ends_line && block.element.get_attribute("dir").as_deref() == Some("auto") {
            let _ = block.element.remove_attribute("dir");
        }
        next.element.remove();
    }
}

/// `at`, or the place before it where it lies inside a surrogate pair: halves do not survive the way through Rust.
fn between_characters(text: &Text, at: usize) -> usize {
    let around = text.substring_data(units(at.saturating_sub(1)), 2);
    match around {
        Ok(around) if around.chars().count() == 1 && around.len() == 4 => at - 1,
        _ => at,
    }
}

/// A length as the browser counts it.
fn units(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
