//! Where selection and caret put an edit, and where an edit puts them.

use spanarc_document::{Byte, Edit, Span};

/// `selection` after `replaced` gave way to `inserted` bytes. An end that lay inside moves behind what came.
pub(super) fn carried(selection: Span<Byte>, replaced: Span<Byte>, inserted: usize) -> Span<Byte> {
    let carry = |at: usize| {
        if at <= replaced.start && (at < replaced.start || replaced.is_empty() || inserted == 0) {
            at
        } else if at >= replaced.end {
            at - replaced.len() + inserted
        } else {
            replaced.start + inserted
        }
    };
    let (start, end) = (carry(selection.start), carry(selection.end));
    Span::new(start.min(end), end)
}

/// The same edit where the caret says that it was made: typing one more "o" into "book" can be told in three places.
pub(super) fn at_caret(edit: Edit, old: &str, new: &str, caret: usize) -> Edit {
    let Edit {
        start,
        removed,
        inserted,
    } = edit;
    let Some(at) = caret.checked_sub(inserted).filter(|&at| at < start) else {
        return edit;
    };
    // What lies between the two places must read the same before and after.
    let before = old.get(at + removed..start + removed);
    let same = before.is_some() && before == new.get(at + inserted..start + inserted);
    if same && removed.min(inserted) == 0 {
        Edit { start: at, ..edit }
    } else {
        edit
    }
}
