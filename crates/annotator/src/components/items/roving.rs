//! The keyboard's place in a list: one row takes part in the tab order, and keys move that place.

use spanarc_document::Id;

/// A pause in typing after which letters begin a new search, in milliseconds.
const SEARCH_PAUSE: f64 = 700.0;

/// The row where the keyboard is, or was last.
#[derive(Debug, Default)]
pub(super) struct Roving {
    id: Option<Id>,
    index: usize,
    search: String,
    searched_at: f64,
}

impl Roving {
    /// Finds the row again in a list that may have changed, and returns its index. When it is gone, its neighbour takes its
    /// place.
    pub(super) fn settle(
        &mut self,
        len: usize,
        id: impl Fn(usize) -> Option<Id>,
        position: impl Fn(Id, usize) -> Option<usize>,
    ) -> usize {
        let Some(known) = self.id else {
            return 0;
        };
        self.index =
            position(known, self.index).unwrap_or_else(|| self.index.min(len.saturating_sub(1)));
        self.id = id(self.index);
        self.index
    }

    /// Goes to row `index`, whose identity is `id`.
    pub(super) fn go(&mut self, index: usize, id: Option<Id>) {
        (self.index, self.id) = (index, id);
    }

    /// Where `key` leads in a list of `len` rows, `page` of which are on screen.
    pub(super) fn moved(&self, key: &str, len: usize, page: usize) -> Option<usize> {
        let last = len.checked_sub(1)?;
        Some(match key {
            "ArrowDown" => (self.index + 1).min(last),
            "ArrowUp" => self.index.saturating_sub(1),
            "PageDown" => (self.index + page).min(last),
            "PageUp" => self.index.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            _ => return None,
        })
    }

    /// The row that begins with the letters typed so far, `key` being the newest. The same letter again leads on to the next
    /// row with it. A space alone is no search: it chooses.
    pub(super) fn searched<'a>(
        &mut self,
        key: &str,
        time: f64,
        len: usize,
        text: impl Fn(usize) -> &'a str,
    ) -> Option<usize> {
        let mut letters = key.chars();
        let (Some(letter), None) = (letters.next(), letters.next()) else {
            return None;
        };
        if time - self.searched_at > SEARCH_PAUSE {
            self.search.clear();
        }
        if letter == ' ' && self.search.is_empty() {
            return None;
        }
        self.searched_at = time;
        self.search.extend(letter.to_lowercase());
        let repeated = self.search.chars().all(|c| self.search.starts_with(c));
        let (wanted, from) = if repeated {
            // The first letter only: "dd" is the second row with a d.
            let end = letter.to_lowercase().map(char::len_utf8).sum();
            (&self.search[..end], self.index + 1)
        } else {
            (self.search.as_str(), self.index)
        };
        (0..len)
            .map(|step| (from + step) % len)
            .find(|&index| begins(text(index), wanted))
    }
}

/// Whether `text` begins with `lower`, upper and lower case being the same.
fn begins(text: &str, lower: &str) -> bool {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    lower.chars().all(|c| letters.next() == Some(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["Ann Lee", "Boston", "Denver", "Daniel Okafor", "Örebro"];

    fn at(index: usize) -> Roving {
        let mut roving = Roving::default();
        roving.go(index, Some(Id(index as u32)));
        roving
    }

    fn typed(roving: &mut Roving, keys: &[&str], start: f64) -> Vec<Option<usize>> {
        let mut found = Vec::new();
        for (i, key) in keys.iter().enumerate() {
            let index = roving.searched(key, start + 100.0 * i as f64, NAMES.len(), |i| NAMES[i]);
            if let Some(index) = index {
                roving.go(index, Some(Id(index as u32)));
            }
            found.push(index);
        }
        found
    }

    fn settled(roving: &mut Roving, ids: &[u32]) -> usize {
        roving.settle(
            ids.len(),
            |index| ids.get(index).map(|&id| Id(id)),
            |id, _| ids.iter().position(|&i| Id(i) == id),
        )
    }

    #[test]
    fn keys_move_within_the_list() {
        let moved = |from, key| at(from).moved(key, 100, 10);
        assert_eq!(moved(5, "ArrowDown"), Some(6));
        assert_eq!(moved(5, "ArrowUp"), Some(4));
        assert_eq!(moved(5, "PageDown"), Some(15));
        assert_eq!(moved(5, "PageUp"), Some(0));
        assert_eq!(moved(5, "Home"), Some(0));
        assert_eq!(moved(5, "End"), Some(99));
        assert_eq!(moved(99, "ArrowDown"), Some(99));
        assert_eq!(moved(5, "Tab"), None);
        assert_eq!(at(0).moved("End", 0, 10), None);
    }

    #[test]
    fn letters_lead_to_the_row_that_begins_with_them() {
        assert_eq!(typed(&mut at(0), &["d", "a"], 1000.0), [Some(2), Some(3)]);
        assert_eq!(typed(&mut at(0), &["ö"], 1000.0), [Some(4)]);
        assert_eq!(typed(&mut at(0), &["x"], 1000.0), [None]);
        assert_eq!(typed(&mut at(0), &["Shift"], 1000.0), [None]);
    }

    #[test]
    fn one_letter_again_leads_on_and_round() {
        assert_eq!(
            typed(&mut at(0), &["d", "d", "d"], 1000.0),
            [Some(2), Some(3), Some(2)]
        );
    }

    #[test]
    fn letters_after_a_pause_begin_a_new_search() {
        let mut roving = at(0);
        assert_eq!(typed(&mut roving, &["d"], 1000.0), [Some(2)]);
        assert_eq!(typed(&mut roving, &["a"], 3000.0), [Some(0)]);
    }

    #[test]
    fn a_space_belongs_to_a_search_only_after_letters() {
        assert_eq!(typed(&mut at(0), &[" "], 1000.0), [None]);
        let keys = ["a", "n", "n", " ", "l"];
        assert_eq!(typed(&mut at(2), &keys, 1000.0), [Some(0); 5]);
    }

    #[test]
    fn the_place_follows_its_row_and_falls_to_the_neighbour_when_that_is_gone() {
        let mut roving = Roving::default();
        roving.go(2, Some(Id(30)));
        assert_eq!(settled(&mut roving, &[10, 15, 20, 30, 40]), 3);
        assert_eq!(settled(&mut roving, &[10, 15, 20, 40]), 3);
        assert_eq!(settled(&mut roving, &[40, 10]), 0);
        assert_eq!(settled(&mut roving, &[10]), 0);
        assert_eq!(settled(&mut roving, &[]), 0);
    }

    #[test]
    fn a_list_that_was_never_entered_is_entered_at_its_first_row() {
        let mut roving = Roving::default();
        assert_eq!(settled(&mut roving, &[10, 20]), 0);
        assert_eq!(settled(&mut roving, &[5, 10, 20]), 0);
    }
}
