//! Abbreviations that are written with a period: English ones, and those of other languages that occur in English text.
//!
//! The period after one belongs to the word. Whether it also ends the sentence depends on the kind of abbreviation and
//! on the next word, and on nothing else: each word of "Dr. rer. nat." is an abbreviation of its own.

use std::{collections::HashMap, sync::LazyLock};

use Abbreviation::{Following, Free, Joining, Leading, Numbered, Timed};

/// How to read the period after an abbreviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Abbreviation {
    /// Joins what stands before it to what follows (vs., e.g.): never ends a sentence.
    Joining,
    /// Stands before a name or a number (Dr., Fig.): ends a sentence only before a word that cannot be a name.
    Leading,
    /// Can stand anywhere (U.S., Calif.): ends a sentence before a word that commonly opens one.
    Free,
    /// Like [`Abbreviation::Free`], and itself the second word of a name or title (Apple Inc., Fed. Reg.).
    Following,
    /// Part of a time (p.m., Tues.): ends a sentence unless the rest of a date or time follows.
    Timed,
    /// Abbreviates only before a number or a small letter (No. 5, 3 min. later); elsewhere it is an ordinary word.
    Numbered,
}

/// How an entry of [`ABBREVIATIONS`] may be capitalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// As listed; otherwise it is another word (Sat. and sat, Ill. and ill).
    Listed,
    /// As listed, or with a capital.
    Any,
}

/// Words without their final period, separated by spaces.
const ABBREVIATIONS: &[(Abbreviation, Case, &str)] = &[
    // Titles: of address and academic, political, military, clerical.
    (
        Leading,
        Case::Any,
        "dr drs lieut messrs mr mrs mx prof profs amb asst atty attys congr gov insp pres sen sens supt adm brig capt \
         cdr cmdr col comdr cpl gen lt maj pfc pvt sgt msgr revd",
    ),
    (
        Leading,
        Case::Listed,
        "Abp Ald Bp Br Chmn Comm Dep Det Dir Ens Fr Hon Ms Rep Reps Rev Rt Sec Secy Sfc Spc",
    ),
    // Titles in other languages, and the faculties of German doctors.
    (
        Leading,
        Case::Any,
        "avv dipl dott dra dña exma exmo frl gral hrn jhr lic mevr mgr mlle mlles mme mmes profa sigg sra sras \
         sres srta",
    ),
    (
        Leading,
        Case::Listed,
        "Dhr Eng Mag Sig agr dhr habil iur jur med mult nat oec pharm phil pol rer theol",
    ),
    // First names, and places before their names.
    (
        Leading,
        Case::Listed,
        "Benj Chas Chr Edw Geo Jas Joh Jos Robt Th Thos Wm Mt Mts",
    ),
    // References before a number or letter.
    (
        Leading,
        Case::Any,
        "abb bd blz eq eqn eqns eqs fig figs kap nos nr núm pág págs pp tbl vol vols",
    ),
    // References that are also words.
    (
        Numbered,
        Case::Any,
        "abs art arts bk ch chap chaps chs cl ex exh fn fol no op pag para paras pg pl pts ref refs sect sects ser tab \
         ver",
    ),
    (Numbered, Case::Listed, "Ed app ms mss pt"),
    // Between what is compared, explained or estimated.
    (
        Joining,
        Case::Any,
        "approx aprox bijv bzw cf e.g esp evtl excl geb ggf i.e incl usu vgl viz vs",
    ),
    (Joining, Case::Listed, "ca v"),
    // Telephones and flats.
    (Numbered, Case::Any, "apt ext rm tel"),
    // Amounts, units, medicine.
    (
        Numbered,
        Case::Any,
        "amt avg caps conc cu deg doz est gal gals hr hrs lb lbs max mi min mins mo mos oz qt qts qty resp tabs tbsp \
         temp tsp wk wks wt wts yd yds yr yrs",
    ),
    (Numbered, Case::Listed, "sec secs"),
    // Taxonomy, grammar, the ends of lists.
    (
        Numbered,
        Case::Any,
        "aff auct comb cv nov sp spp ssp subg subsp var adj ecc enz etc feat lit obj usw",
    ),
    (Numbered, Case::Listed, "PhD Ret dent vet"),
    // Months, weekdays, times of day.
    (
        Numbered,
        Case::Listed,
        "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Dec",
    ),
    (
        Timed,
        Case::Listed,
        "Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun a.m p.m",
    ),
    // States and provinces.
    (
        Free,
        Case::Listed,
        "Ala Ariz Ark Calif Colo Conn Dak Del Fla Ga Ill Ind Kan Kans Ky La Mass Md Mex Mich Minn Miss Mo Mont Neb \
         Nebr Nev Okla Ore Oreg Pa Tenn Tex Va Vt Wash Wis Wisc Wyo Alta Ont Qld Que Sask",
    ),
    // Streets and buildings, institutions, army units.
    (
        Free,
        Case::Any,
        "av avda ave bldg blvd cres expy ft fwy hts hwy jct pkwy rd rte sq st ste str twp abt assn assoc dept dist fac \
         govt hosp inst mgmt natl intl univ bn regt sqdn",
    ),
    // Companies and families.
    (Following, Case::Any, "co corp inc ltd"),
    (
        Free,
        Case::Any,
        "bhd bros cia cie cía ing jr ltda mfg plc pte pty sdn sr",
    ),
    (Free, Case::Listed, "Cos Esq"),
    // Books, journals, law.
    (
        Free,
        Case::Any,
        "anm anon aufl eds edn hrsg ibid illus mio mrd seq suppl uds",
    ),
    (Free, Case::Listed, "Id Pt al ed"),
    (
        Following,
        Case::Listed,
        "Acad Am App Appl Biochem Biol Biophys Chem Cir Clin Ct Div Engl Environ Exp Genet Hist Immunol Int Intern \
         Lett Math Med Microbiol Mol Natl Neurol Opin Pharmacol Phys Physiol Proc Psychol Pub Reg Res Rptr Sci Soc \
         Stat Supp Surg Ther Trans",
    ),
];

/// [`ABBREVIATIONS`] by word: they are looked up at every period of a text.
static LISTED: LazyLock<HashMap<&str, (Abbreviation, Case)>> = LazyLock::new(|| {
    ABBREVIATIONS
        .iter()
        .flat_map(|&(kind, case, words)| words.split(' ').map(move |word| (word, (kind, case))))
        .collect()
});

/// Words that open a sentence far more often than they continue a name.
const OPENERS: &str = "A According Additionally After Again All Also Although Among An And Another Any As At Because \
    Before Besides Between Both But By Compared Despite During Each Earlier Either Even Every Everyone Finally \
    Following For Four From Further Furthermore Given He Hence Her Here His How However I If In Including Indeed \
    Instead It Its Last Later Many Meanwhile More Moreover Most Much My Neither Nevertheless No None Not Nothing Now \
    Of Often On Once One Only Or Other Others Our Over Overall Patients People Perhaps Police Researchers Results \
    Several She Similarly Since Six So Some Sometimes Soon Still Subsequently Such Ten That The Their Then There \
    Therefore These They This Those Though Three Through Throughout Thus To Today Together Two Under Unlike Until Upon \
    We What When Whereas Where Whether While Who Whose Why With Within Without Yes Yesterday Yet You Your";

/// Openers that are nobody's name: people are called He, So, An or Who.
const NEVER_NAMES: &str = "After And Because But However If In It Its That The Their There These They This Those When \
    Which With";

/// What goes on after the hour or the weekday.
const DATES: &str = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Tues Wed Thu Thurs Fri Sat Sun \
    January February March April May June July August September October November December Jan Feb Mar Apr Jun Jul Aug \
    Sept Sep Oct Nov Dec EST EDT ET CST CDT CT MST MDT MT PST PDT PT GMT UTC BST CET CEST IST JST Eastern Central \
    Mountain Pacific Greenwich";

/// What goes on after an ordinal of German, as in "am 3. Mai" and "1. FC".
const AFTER_ORDINALS: &str = "Januar Jänner Februar März April Mai Juni Juli August September Oktober November \
    Dezember Aufl Bundesliga FC FFC FSV Jahrhundert Weltkrieg";

impl Abbreviation {
    /// Whether the sentence ends with the abbreviation when `next`, which begins with no small letter, follows it.
    pub(crate) fn ends_before(self, next: &str) -> bool {
        match self {
            Joining | Numbered => false,
            Leading => is_listed(NEVER_NAMES, opening_word(next)),
            Free | Following => opens_sentence(next),
            Timed => !next.starts_with(char::is_numeric) && !is_listed(DATES, leading_word(next)),
        }
    }
}

/// The kind of abbreviation that `word` (without its final period) is before `next`, or `None` if it is an ordinary word
/// there. `next` is the text after the period, without white space and opening quotes; only its first word counts.
pub(crate) fn abbreviation(word: &str, next: &str) -> Option<Abbreviation> {
    // D-Calif., R-S.C., EC/U.S., (e.g.
    let part = word
        .rsplit(|c: char| "-‐‑–—/([,".contains(c))
        .next()
        .unwrap_or(word);
    let found = listed(part, next)
        .or_else(|| by_form(part, next))
        // "F.Supp."
        .or_else(|| listed(part.rsplit_once('.')?.1, next));
    // "J.-P.", but not "IFN-A".
    let whole = part.len() == word.len() || word.contains('.') || part.chars().count() > 1;
    let continued = || {
        is_number(next)
            || next.starts_with(|c: char| c.is_lowercase() || matches!(c, '(' | '-' | '–' | '—'))
    };
    found.filter(|&kind| whole && (kind != Numbered || continued()))
}

/// Whether `word`, its punctuation mark and `next` belong to one name or date: "Yahoo! Inc.", "Fed. Reg.", "3. Mai".
pub(crate) fn is_interrupted(word: &str, next: &str) -> bool {
    let is_ordinal = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    if is_ordinal {
        return is_listed(AFTER_ORDINALS, leading_word(next));
    }
    let follower = first_word(next)
        .trim_end_matches(|c: char| ",;:)".contains(c))
        .strip_suffix('.');
    word.starts_with(char::is_uppercase)
        && follower.is_some_and(|follower| listed(follower, "") == Some(Following))
}

/// The kind under which `word` is listed.
fn listed(word: &str, next: &str) -> Option<Abbreviation> {
    let small = if is_shouted(word) && is_shouted(leading_word(next)) {
        // "DR. SMITH", but not "a CT. Most".
        word.to_lowercase()
    } else {
        let mut letters = word.chars();
        let first = letters.next()?;
        first.to_lowercase().chain(letters).collect()
    };
    LISTED
        .get(word)
        .or_else(|| LISTED.get(&*small).filter(|(_, case)| *case == Case::Any))
        .map(|&(kind, _)| kind)
}

/// The kind of an abbreviation that can be told by its form.
fn by_form(word: &str, next: &str) -> Option<Abbreviation> {
    if is_initials(word) {
        return Some(Free);
    }
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        // "c. 1850", "p. 12", "Frankfurt a. M."
        (Some(letter), None) if letter.is_lowercase() => {
            let next = first_word(next);
            let abbreviated = next.ends_with('.') && next.chars().count() <= 4;
            Some(if abbreviated { Joining } else { Numbered })
        }
        // "Hauptstr. 5"
        _ if word.ends_with("str") => Some(Numbered),
        _ => None,
    }
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

/// Whether `next` begins with a number: Arabic, Roman, or one with a letter before (S1).
fn is_number(next: &str) -> bool {
    let word = leading_word(next);
    let mut characters = word.chars();
    let first = characters.next();
    let roman = word.len() > 1 || matches!(word, "V" | "X");
    first.is_some_and(char::is_numeric)
        || first.is_some_and(char::is_uppercase) && characters.next().is_some_and(char::is_numeric)
        || roman && word.chars().all(|c| "IVXLC".contains(c))
}

/// Whether a sentence is likely to open with `next`: with a common word, or with a heading ("RESULTS:").
fn opens_sentence(next: &str) -> bool {
    let heading = leading_word(next);
    is_listed(OPENERS, opening_word(next))
        || (is_shouted(heading) && next[heading.len()..].starts_with(':'))
}

/// The first word of `next`, which is empty if that is part of something longer ("A. Smith", "One-Stop").
fn opening_word(next: &str) -> &str {
    let word = leading_word(next);
    match next[word.len()..].starts_with(['.', '-', '&']) {
        true => "",
        false => word,
    }
}

/// The letters and digits that `text` begins with.
fn leading_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

/// All that stands before the first white space of `text`.
fn first_word(text: &str) -> &str {
    text.split(char::is_whitespace).next().unwrap_or_default()
}

fn is_shouted(word: &str) -> bool {
    word.chars().count() > 1 && word.chars().all(char::is_uppercase)
}

fn is_listed(words: &str, word: &str) -> bool {
    !word.is_empty() && words.split(' ').any(|listed| listed == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_lead_and_states_and_initials_are_free() {
        assert_eq!(abbreviation("Sen", "Jones"), Some(Leading));
        for word in ["Calif", "D-Calif", "R-S.C", "U.S", "Ph.D", "F", "J.R.R"] {
            assert_eq!(abbreviation(word, ""), Some(Free), "{word}");
        }
        for word in ["Boston", "example.com", "i", "3", "3.5", "cat", ""] {
            assert_eq!(abbreviation(word, ""), None, "{word}");
        }
    }

    #[test]
    fn no_is_an_abbreviation_only_before_a_number() {
        for number in ["5", "IV", "A2", "of"] {
            assert_eq!(abbreviation("No", number), Some(Numbered), "{number}");
        }
        for word in ["He", "I", "A", "Civil", ""] {
            assert_eq!(abbreviation("No", word), None, "{word}");
        }
    }

    #[test]
    fn an_abbreviation_in_capitals_needs_another_word_in_capitals_after_it() {
        assert_eq!(abbreviation("DR", "SMITH"), Some(Leading));
        assert_eq!(abbreviation("CORP", "CHAIRMAN"), Some(Following));
        assert_eq!(abbreviation("MS", "Most"), None);
    }

    #[test]
    fn every_abbreviation_is_listed_once_and_as_its_group_says() {
        let mut all: Vec<&str> = Vec::new();
        for (_, case, words) in ABBREVIATIONS {
            for word in words.split(' ') {
                assert!(!word.is_empty() && !word.ends_with('.'));
                assert!(
                    *case == Case::Listed || word.starts_with(char::is_lowercase),
                    "{word}"
                );
                all.push(word);
            }
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
