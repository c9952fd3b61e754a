//! Where a sentence's time goes, by groups of functions.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{Sections, header, ms, table};
use crate::measured::Profile;

/// Groups and what the names of their functions hold; a function belongs to the first that fits.
const GROUPS: [(&str, &[&str]); 9] = [
    ("attention", &["attention", "softmax"]),
    (
        "products",
        &[
            "gemm",
            "matmul",
            "affine",
            "int8_",
            "int8::matrix",
            "int8::strip",
        ],
    ),
    ("quantisation", &["int8::rows"]),
    ("recurrent steps", &["recurrent"]),
    (
        "activation and normalisation",
        &["gelu", "layer_norm", "activation", "tanh", "sigmoid", "exp"],
    ),
    (
        "word pieces and features",
        &[
            "tokenizers",
            "wordpiece",
            "features",
            "regex",
            "unicode",
            "spanarc_engine",
            "normaliz",
        ],
    ),
    (
        "allocation and copies",
        &[
            "malloc",
            "memcpy",
            "memmove",
            "memset",
            "alloc",
            "copy",
            "garbage collector",
            "drop_in_place",
            "::free",
        ],
    ),
    (
        "messages",
        &[
            "serde",
            "js_sys",
            "wasm_bindgen",
            "postMessage",
            "spanarc_worker",
            "spanarc_protocol",
            ".js",
        ],
    ),
    (
        "the model between its kernels",
        &["candle", "spanarc_model"],
    ),
];
const OTHER: &str = "everything else";

/// Functions shown by name.
const SHOWN: usize = 12;

/// The section of a profile.
pub(super) fn report(measured: &Profile) -> Result<Sections> {
    let text = header("cargo xtask bench profile", &measured.machine);
    Ok(Sections {
        texts: vec![("profile", text + &tables(measured))],
        plots: Vec::new(),
    })
}

/// Whether the engine had nothing to do.
fn is_idle(function: &str) -> bool {
    ["(idle)", "(program)", "(root)"]
        .iter()
        .any(|idle| function.contains(idle))
}

/// A function's name without the hash that the compiler puts behind it, `::h` and 16 digits.
fn without_hash(function: &str) -> &str {
    match function.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            name
        }
        _ => function,
    }
}

fn group(function: &str) -> &'static str {
    let fits = |(_, words): &&(&str, &[&str])| words.iter().any(|word| function.contains(word));
    GROUPS.iter().find(fits).map_or(OTHER, |(name, _)| *name)
}

fn tables(measured: &Profile) -> String {
    let mut busy: BTreeMap<&str, f64> = BTreeMap::new();
    for (name, time) in measured.functions.iter().filter(|(name, _)| !is_idle(name)) {
        *busy.entry(without_hash(name)).or_default() += time;
    }
    let total: f64 = busy.values().sum();
    let mut groups: BTreeMap<&str, f64> = BTreeMap::new();
    for (name, time) in &busy {
        *groups.entry(group(name)).or_default() += time;
    }
    let row = |name: String, time: f64| {
        let a_sentence = time / measured.sentences.max(1) as f64;
        vec![
            name,
            ms(a_sentence),
            format!("{:.1} %", 100. * time / total),
        ]
    };
    let sorted = |mut times: Vec<(String, f64)>| -> Vec<Vec<String>> {
        times.sort_by(|a, b| b.1.total_cmp(&a.1));
        times
            .into_iter()
            .map(|(name, time)| row(name, time))
            .collect()
    };
    let groups = sorted(
        groups
            .into_iter()
            .map(|(name, time)| (name.into(), time))
            .collect(),
    );
    let functions = sorted(
        busy.iter()
            .map(|(name, time)| (format!("`{name}`"), *time))
            .collect(),
    );
    format!(
        "{} sentences of {} words, {} ms each.\n\n{}\nThe functions that take most:\n\n{}",
        measured.sentences,
        measured.words,
        ms(total / measured.sentences.max(1) as f64),
        table(&["group", "ms", "share"], &groups),
        table(
            &["function", "ms", "share"],
            &functions[..functions.len().min(SHOWN)]
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_fall_into_their_groups_and_idle_time_is_none_of_it() {
        let text = r#"{
            "machine": {"processor": "A processor", "cores": 2, "date": "2026-01-31", "software": []},
            "sentences": 10, "words": 32,
            "functions": {"gemm_f32::simd128::hf3efb2fbd5cb11f1": 40, "gemm_f32::simd128::h0123456789abcdef": 20, "spanarc_kernels::attention::head::forward": 20,
                          "dlmalloc::dlmalloc::Dlmalloc<A>::malloc": 10, "what::is::this": 10, "(idle)": 900}
        }"#;
        let text = tables(&serde_json::from_str(text).expect("a profile"));
        assert!(
            text.contains("10 sentences of 32 words, 10.0 ms each"),
            "{text}"
        );
        assert!(
            text.contains("| products | 6.00 | 60.0 % |\n| attention | 2.00 | 20.0 % |"),
            "{text}"
        );
        assert!(
            text.contains("| allocation and copies | 1.00 | 10.0 % |"),
            "{text}"
        );
        assert!(
            text.contains("| everything else | 1.00 | 10.0 % |"),
            "{text}"
        );
        assert!(
            text.contains("| `gemm_f32::simd128` | 6.00 | 60.0 % |"),
            "{text}"
        );
        assert!(!text.contains("idle"), "{text}");
    }
}
