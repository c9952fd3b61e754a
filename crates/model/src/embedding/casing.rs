//! The casing feature of a word (Crone 2020, section 3.1).

/// Number of casing classes.
pub const CLASSES: usize = 7;

/// Class 0 all digits, 1 mostly digits, 2 lower case, 3 upper case, 4 first letter upper case, 5 contains a digit,
/// 6 other.
pub fn class(word: &str) -> usize {
    let (mut length, mut digits, mut lower, mut upper) = (0usize, 0usize, false, false);
    for c in word.chars() {
        length += 1;
        digits += usize::from(c.is_numeric());
        lower |= c.is_lowercase();
        upper |= c.is_uppercase();
    }
    match () {
        () if length == 0 => 6,
        () if digits == length => 0,
        () if 2 * digits > length => 1,
        () if lower && !upper => 2,
        () if upper && !lower => 3,
        () if word.starts_with(char::is_uppercase) => 4,
        () if digits > 0 => 5,
        () => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_words() {
        let words = [
            "1994", "4.5", "house", "NATO", "Boston", "mp3A", "--", "", "x1", "McKay", "iPod",
            "Ünal", "ÉTÉ",
        ];
        let classes = words.map(class);
        assert_eq!(classes, [0, 1, 2, 3, 4, 5, 6, 6, 2, 4, 6, 4, 3]);
    }
}
