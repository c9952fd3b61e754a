//! Word pieces are those of Hugging Face's `tokenizers`, by the vocabulary that ships, and by a cased one and MPNet's that are
//! made of it.

#![allow(clippy::unwrap_used)]

use std::{collections::HashSet, sync::LazyLock};

use proptest::prelude::*;
use spanarc_model::{bundle::Bundle, config::EncoderKind, embedding::wordpiece::WordPieces};
use tokenizers::{
    Tokenizer,
    models::{bpe::Vocab, wordpiece::WordPiece},
    normalizers::BertNormalizer,
    pre_tokenizers::bert::BertPreTokenizer,
};

/// Pieces of a word that are read.
const MOST: usize = 32;

struct Twins {
    ours: WordPieces,
    theirs: Tokenizer,
}

/// The vocabulary of the shipped model, which is BERT's in lower case.
fn shipped() -> String {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../web/models/news.safetensors"
    );
    let file = std::fs::read(path).unwrap();
    let bundle = Bundle::parse(&file).unwrap();
    bundle.vocabularies().pieces.unwrap().to_owned()
}

/// A vocabulary in which case and accents tell pieces apart: that in lower case, capitals, and letters with accents.
fn cased() -> String {
    let shipped = shipped();
    let mut known: HashSet<String> = HashSet::new();
    let capital = |piece: &str| {
        let mut letters = piece.chars();
        let first = letters.next().map(char::to_uppercase);
        first
            .into_iter()
            .flatten()
            .chain(letters)
            .collect::<String>()
    };
    let accented =
        ('\u{c0}'..='\u{17f}').flat_map(|letter| [letter.to_string(), format!("##{letter}")]);
    let capitals = shipped.lines().step_by(2).flat_map(|piece| {
        let rest = piece
            .strip_prefix("##")
            .map(|rest| format!("##{}", capital(rest)));
        [rest.unwrap_or_else(|| capital(piece)), piece.to_uppercase()]
    });
    let pieces = shipped
        .lines()
        .map(str::to_owned)
        .chain(capitals)
        .chain(accented);
    let distinct: Vec<String> = pieces.filter(|piece| known.insert(piece.clone())).collect();
    distinct.join("\n")
}

/// MPNet's vocabulary: BERT's, with other special pieces around it.
fn mpnet() -> String {
    format!("<s>\n<pad>\n</s>\n<unk>\n{}\n<mask>", shipped())
}

impl Twins {
    fn new(vocabulary: &str, kind: EncoderKind, lowercase: bool) -> Self {
        let pieces: Vocab = vocabulary.lines().map(str::to_owned).zip(0..).collect();
        let model = WordPiece::builder()
            .vocab(pieces)
            .unk_token("[UNK]".into())
            .build()
            .unwrap();
        let mut theirs = Tokenizer::new(model);
        theirs
            .with_normalizer(Some(BertNormalizer::new(true, true, None, lowercase)))
            .unwrap();
        theirs.with_pre_tokenizer(Some(BertPreTokenizer));
        Self {
            ours: WordPieces::new(vocabulary, kind, lowercase).unwrap(),
            theirs,
        }
    }

    #[track_caller]
    fn compare(&self, word: &str) {
        let encoding = self.theirs.encode_fast(word, false).unwrap();
        let mut expected = encoding.get_ids().to_vec();
        expected.truncate(MOST);
        if expected.is_empty() {
            expected.extend(self.theirs.token_to_id("[UNK]"));
        }
        assert_eq!(
            self.ours.ids(word),
            expected,
            "of {word:?}, which is {}",
            word.escape_unicode()
        );
    }
}

static UNCASED: LazyLock<Twins> = LazyLock::new(|| Twins::new(&shipped(), EncoderKind::Bert, true));
static CASED: LazyLock<Twins> = LazyLock::new(|| Twins::new(&cased(), EncoderKind::Bert, false));
static MPNET: LazyLock<Twins> = LazyLock::new(|| Twins::new(&mpnet(), EncoderKind::Mpnet, true));

#[track_caller]
fn compare(word: &str) {
    UNCASED.compare(word);
    CASED.compare(word);
    MPNET.compare(word);
}

#[test]
fn case_and_accents_are_kept_where_the_vocabulary_is_cased() {
    let words = ["Boston", "boston", "BOSTON", "é", "É", "e"];
    let ids: HashSet<Vec<u32>> = words.map(|word| CASED.ours.ids(word)).into();
    assert_eq!(ids.len(), words.len());
}

#[test]
fn every_character_is_read_alike() {
    // Planes above hold rare Chinese characters, tags and private ones; random words have those.
    for character in (0..0x2_0000).filter_map(char::from_u32) {
        compare(&format!("a{character}\u{323}b"));
    }
}

#[test]
fn scripts_and_oddities_are_read_alike() {
    for word in [
        "",
        " ",
        "\u{feff}\u{200b}\u{0}",
        "ΟΔΥΣΣΕΥΣ",
        "İstanbul",
        "DİYARBAKIR ıI",
        "ﬁancée",
        "한국어",
        "각ᆨ",
        "日本語のテキスト",
        "שָׁלוֹם",
        "مُحَمَّد",
        "नमस्ते",
        "e\u{323}\u{301}\u{302}x",
        "👩\u{200d}👩\u{200d}👧\u{fe0f}",
        "ẞtraße",
        "[UNK]",
        "[CLS]##s",
        "<s>",
        "a</s>",
        "<mask>",
        "Ångström",
        "Łódź",
        "##ing",
        "a##ing",
        "don't—stop…",
        "a\tb\r\nc\u{a0}d\u{3000}e\u{85}f",
        "\u{1d165}\u{1d16e}",
        "\u{fffd}x\u{e000}\u{ad}y",
        "￥£€₹",
    ] {
        compare(word);
    }
}

#[test]
fn long_runs_are_read_alike() {
    for length in [99, 100, 101, 1000] {
        compare(&"a".repeat(length));
        compare(&"é".repeat(length));
        compare(&"İ".repeat(length));
        compare(&format!(
            "{}.{}",
            "ab".repeat(length / 2),
            "中".repeat(length)
        ));
    }
}

fn letters() -> impl Strategy<Value = char> {
    let range = |from: char, to: char| prop::char::range(from, to);
    prop_oneof![
        8 => range('a', 'z'),
        2 => range('A', 'Z'),
        2 => range(' ', '/'),
        2 => range('\u{80}', '\u{24f}'),
        2 => range('\u{300}', '\u{36f}'),
        1 => range('\u{370}', '\u{52f}'),
        1 => range('\u{590}', '\u{6ff}'),
        1 => range('\u{900}', '\u{e7f}'),
        1 => range('\u{1100}', '\u{11ff}'),
        1 => range('\u{1e00}', '\u{1fff}'),
        1 => range('\u{2000}', '\u{206f}'),
        1 => range('\u{3000}', '\u{9fff}'),
        1 => range('\u{ac00}', '\u{d7a3}'),
        1 => range('\u{1f300}', '\u{1faff}'),
        1 => any::<char>(),
        1 => prop::sample::select(vec!['İ', 'ı', 'Σ', 'ς', 'ß', 'ẞ', '\u{345}', '\u{0}', '\u{7f}', '#', '[', ']']),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn random_words_are_read_alike(word in prop::collection::vec(letters(), 0..30)) {
        compare(&word.into_iter().collect::<String>());
    }

    #[test]
    fn joined_pieces_are_read_alike(places in prop::collection::vec(any::<prop::sample::Index>(), 1..6)) {
        let pieces = |place: prop::sample::Index| {
            let id = place.index(CASED.theirs.get_vocab_size(false));
            CASED.theirs.id_to_token(id as u32).unwrap_or_default()
        };
        let word: String = places.into_iter().map(pieces).collect();
        compare(&word.replace("##", ""));
    }
}
