//! English abbreviations that are written with a period.
//!
//! A period after one of them belongs to the word; whether it also ends the sentence depends on the kind.

/// The meaning of an abbreviation for the period after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Abbreviation {
    /// Stands before a name or a number (Dr., Sen., No.): its period never ends a sentence.
    Leading,
    /// Can stand anywhere (U.S., Inc., Calif., p.m.): its period may also end a sentence.
    Free,
}

const LEADING: &[&str] = &[
    "Adm", "Amb", "Atty", "Brig", "Capt", "Cdr", "Cmdr", "Col", "Cpl", "Det", "Dr", "Drs", "Fr",
    "Gen", "Gov", "Hon", "Insp", "Lt", "Maj", "Messrs", "Mlle", "Mme", "Mr", "Mrs", "Ms", "Mt",
    "Mx", "Pfc", "Pres", "Prof", "Pvt", "Rep", "Reps", "Rev", "Sec", "Sen", "Sens", "Sgt", "Spc",
    "St", "Ste", "Supt", "cf", "ca", "vs", "viz", "approx", "Ft", "e.g", "i.e",
];

/// Leading when a number follows, otherwise plain words.
const BEFORE_NUMBER: &[&str] = &[
    "No", "Nos", "no", "nos", "Art", "Fig", "Figs", "Vol", "vol", "pp", "p", "Ch", "Sect", "Mar",
];

const FREE: &[&str] = &[
    "Ala", "Ariz", "Ark", "Assn", "Assoc", "Aug", "Ave", "Blvd", "Bros", "Calif", "Co", "Colo",
    "Conn", "Corp", "Cos", "Dec", "Dept", "Dist", "Esq", "Feb", "Fla", "Fri", "Ga", "Ill", "Inc",
    "Ind", "Jan", "Jr", "Jul", "Jun", "Kan", "Ky", "La", "Ltd", "Mass", "Md", "Mfg", "Mich",
    "Minn", "Mo", "Mon", "Mont", "Neb", "Nev", "Nov", "Oct", "Okla", "Ont", "Ore", "Pa", "PhD",
    "Plc", "Que", "Rd", "Sept", "Sep", "Sr", "Tenn", "Tex", "Thu", "Thurs", "Tue", "Tues", "Univ",
    "Va", "Vt", "Wash", "Wed", "Wis", "Wyo", "al", "dept", "est", "etc", "ft", "hr", "hrs", "lb",
    "lbs", "min", "oz", "yr", "yrs", "Natl", "Intl", "Bldg", "Hosp", "Inst", "Soc", "Acad", "Hwy",
    "Tech", "Bhd", "Pty", "Cie", "Comdr", "Cia",
];

/// Words that open a sentence far more often than they continue a name.
const OPENERS: &[&str] = &[
    "A",
    "After",
    "All",
    "Although",
    "An",
    "And",
    "As",
    "At",
    "Both",
    "But",
    "By",
    "During",
    "Each",
    "For",
    "From",
    "He",
    "Her",
    "Here",
    "His",
    "How",
    "However",
    "I",
    "If",
    "In",
    "Instead",
    "It",
    "Its",
    "Last",
    "Many",
    "Meanwhile",
    "More",
    "Most",
    "My",
    "No",
    "Not",
    "Now",
    "On",
    "One",
    "Only",
    "Or",
    "Other",
    "Our",
    "Police",
    "She",
    "Since",
    "So",
    "Some",
    "Such",
    "That",
    "The",
    "Their",
    "Then",
    "There",
    "These",
    "They",
    "This",
    "Those",
    "Though",
    "Three",
    "To",
    "Two",
    "Under",
    "Until",
    "We",
    "What",
    "When",
    "Where",
    "While",
    "Who",
    "Why",
    "With",
    "Yet",
    "You",
    "Your",
];

/// The kind of abbreviation that `word` (without its final period) is, given the first character of the next word.
pub(crate) fn abbreviation(word: &str, next: Option<char>) -> Option<Abbreviation> {
    // D-Calif., R-S.C.
    let word = word.rsplit('-').next().unwrap_or(word);
    if LEADING.contains(&word) {
        return Some(Abbreviation::Leading);
    }
    if BEFORE_NUMBER.contains(&word) && next.is_some_and(char::is_numeric) {
        return Some(Abbreviation::Leading);
    }
    (FREE.contains(&word) || is_initials(word)).then_some(Abbreviation::Free)
}

/// Whether a sentence is likely to open with `word`.
pub(crate) fn opens_sentence(word: &str) -> bool {
    OPENERS.contains(&word)
}

/// One capital (F), or short runs of letters joined by periods (U.S, a.m, Ph.D).
fn is_initials(word: &str) -> bool {
    let mut parts = word.split('.');
    let letters = |part: &str, most: usize| {
        (1..=most).contains(&part.chars().count()) && part.chars().all(char::is_alphabetic)
    };
    match (parts.next(), parts.next()) {
        (Some(only), None) => letters(only, 1) && only.chars().all(char::is_uppercase),
        (Some(first), Some(second)) => {
            letters(first, 2) && letters(second, 2) && parts.all(|part| letters(part, 2))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_lead_and_states_and_initials_are_free() {
        assert_eq!(abbreviation("Sen", Some('J')), Some(Abbreviation::Leading));
        for word in [
            "Calif", "D-Calif", "R-S.C", "U.S", "a.m", "Ph.D", "F", "J.R.R",
        ] {
            assert_eq!(abbreviation(word, None), Some(Abbreviation::Free), "{word}");
        }
        for word in ["Boston", "example.com", "i", "3", "3.5", "cat", ""] {
            assert_eq!(abbreviation(word, None), None, "{word}");
        }
    }

    #[test]
    fn no_is_an_abbreviation_only_before_a_number() {
        assert_eq!(abbreviation("No", Some('5')), Some(Abbreviation::Leading));
        assert_eq!(abbreviation("No", Some('H')), None);
    }
}
