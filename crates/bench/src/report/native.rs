//! Many sentences without a browser.

use anyhow::{Context, Result};
use spanarc_model::config::NetworkConfig;

use super::{Sections, header, ms, table};
use crate::{
    inputs::Many,
    measured::{Native, Timed},
    statistics::{median, ratio},
    work::{Lengths, operations},
};

const OURS: &str = "spanarc annotate";

/// The section of a run, and that of its share of the roof.
pub(super) fn report(measured: &Native, many: &Many, network: &NetworkConfig) -> Result<Sections> {
    Ok(Sections {
        texts: vec![
            ("native", compared(measured, many)?),
            ("native-roofline", roofline(measured, many, network)?),
        ],
        plots: Vec::new(),
    })
}

fn ours(measured: &Native, threads: usize) -> Result<&Timed> {
    let mut timed = measured.timed.iter();
    timed
        .find(|timed| timed.engine == OURS && timed.threads == threads)
        .with_context(|| format!("{OURS} was not measured with {threads} threads"))
}

fn compared(measured: &Native, many: &Many) -> Result<String> {
    let sentences = many.ids.len();
    let pieces: usize = many.ids.iter().map(Vec::len).sum();
    let rounds = measured.timed.iter().map(|timed| timed.seconds.len()).max();
    let measured_sentences = rounds.unwrap_or(0) * measured.sentences;
    let mut text = header("cargo xtask bench native", &measured.machine);
    text += &format!(
        "{measured_sentences} sentences, on average {:.1} words and {:.1} word pieces, in rounds of {} in which the engines take turns. Milliseconds \
         a sentence, median of the rounds; loading is not counted. The ratio is that of `{OURS}` to the rival with as many threads, \
         the median of the rounds'.\n\n",
        many.words as f64 / sentences.max(1) as f64,
        pieces as f64 / sentences.max(1) as f64,
        measured.sentences
    );
    let mut rows = Vec::new();
    for timed in &measured.timed {
        let a_sentence = median(&timed.seconds) / measured.sentences as f64 * 1e3;
        let ratio = match timed.engine == OURS {
            true => String::new(),
            false => format!(
                "{:.2}",
                ratio(&ours(measured, timed.threads)?.seconds, &timed.seconds)
            ),
        };
        rows.push(vec![
            timed.engine.clone(),
            timed.threads.to_string(),
            ms(a_sentence),
            ratio,
        ]);
    }
    text += &table(&["", "threads", "ms a sentence", "ratio"], &rows);
    if let (Ok(one), Ok(two)) = (ours(measured, 1), ours(measured, 2)) {
        let gain = ratio(&one.seconds, &two.seconds);
        text += &format!("\nWith two threads `{OURS}` is {gain:.2} times as fast as with one.");
    }
    Ok(text)
}

fn roofline(measured: &Native, many: &Many, network: &NetworkConfig) -> Result<String> {
    let seconds = median(&ours(measured, 1)?.seconds) / measured.sentences as f64;
    let count = many.ids.len().max(1) as f64;
    // All but attention grows with the sums of words and characters.
    let words = operations(
        network,
        Lengths {
            words: many.words,
            pieces: 0,
            characters: many.characters,
        },
    );
    let pieces = many.ids.iter().map(|ids| Lengths {
        words: 0,
        pieces: ids.len(),
        characters: 0,
    });
    let pieces: f64 = pieces
        .map(|lengths| operations(network, lengths).total())
        .sum();
    let work = (words.total() + pieces) / count;
    let mut text = format!(
        "A sentence takes {:.2} GOP on average. One thread, integer products of registers alone:\n\n",
        work / 1e9
    );
    let rows: Vec<Vec<String>> = measured
        .peaks
        .iter()
        .map(|peak| {
            vec![
                peak.instructions.clone(),
                format!("{:.0}", peak.operations_a_second / 1e9),
                ms(work / peak.operations_a_second * 1e3),
                ms(seconds * 1e3),
                format!("{:.0} %", 100. * work / seconds / peak.operations_a_second),
            ]
        })
        .collect();
    let head = [
        "instructions",
        "GOP/s",
        "at the peak, ms",
        OURS,
        "share of the peak",
    ];
    text += &table(&head, &rows);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Native {
        let text = r#"{
            "machine": {"processor": "A processor", "cores": 2, "date": "2026-01-31", "software": ["ONNX Runtime 1"]},
            "timed": [{"engine": "spanarc annotate", "threads": 1, "seconds": [4, 40, 4]},
                      {"engine": "ONNX Runtime", "threads": 1, "seconds": [8, 80, 8]},
                      {"engine": "spanarc annotate", "threads": 2, "seconds": [2, 20, 2]}],
            "sentences": 1000, "peaks": []
        }"#;
        serde_json::from_str(text).expect("measurements")
    }

    fn many() -> Many {
        Many {
            ids: vec![vec![0; 40], vec![0; 42]],
            words: 62,
            characters: 0,
        }
    }

    #[test]
    fn engines_are_compared_round_by_round_and_with_as_many_threads() {
        let text = compared(&measured(), &many()).expect("a table");
        assert!(
            text.contains("| spanarc annotate | 1 | 4.00 |  |"),
            "{text}"
        );
        assert!(
            text.contains("| ONNX Runtime | 1 | 8.00 | 0.50 |"),
            "{text}"
        );
        assert!(text.contains("is 2.00 times as fast"), "{text}");
        assert!(text.contains("31.0 words and 41.0 word pieces"), "{text}");
    }

    #[test]
    fn a_rival_without_a_match_of_ours_is_an_error() {
        let mut measured = measured();
        measured.timed[1].threads = 3;
        let error = compared(&measured, &many()).expect_err("nothing to compare with");
        assert_eq!(
            error.to_string(),
            "spanarc annotate was not measured with 3 threads"
        );
    }
}
