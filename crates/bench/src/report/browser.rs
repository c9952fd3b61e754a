//! Sentences, the share of the roof, and keys, all in a browser.

use anyhow::{Context, Result};
use spanarc_model::config::NetworkConfig;

use super::{Sections, header, ms, table};
use crate::{
    inputs::Input,
    measured::{Browser, Key, Typing},
    plot::{Line, over_words},
    statistics::{median, quantile, ratio},
    work::operations,
};

/// Keys that end words, as the measurements name them.
const SPACE: &str = "space";
const COMMA: &str = "comma";

const COMMAND: &str = "cargo xtask bench browser";
const OURS: &str = "spanarc";
const ENGINES: [(&str, &str); 5] = [
    (OURS, "Spanarc, request to answer, whole network"),
    ("network", "onnxruntime-web, whole network, int8"),
    ("encoder6", "onnxruntime-web, encoder of 6 layers, int8"),
    ("encoder4", "onnxruntime-web, encoder of 4 layers, int8"),
    ("candle_q8", "Candle Q8_0, encoder of 4 layers"),
];

/// All sections of a run.
pub(super) fn report(
    measured: &Browser,
    sentences: &[Vec<Input>],
    network: &NetworkConfig,
) -> Result<Sections> {
    let lengths: Vec<Length> = sentences
        .iter()
        .map(|inputs| Length::of(inputs.get(measured.warm_up..).unwrap_or_default(), network))
        .collect();
    let curves = ENGINES.map(|(key, name)| Line {
        name,
        points: lengths
            .iter()
            .zip(measured.times.get(key).into_iter().flatten())
            .map(|(length, times)| (length.words, median(times)))
            .collect(),
    });
    let curve = |name, key: &str, moment: fn(&Key) -> f64| Line {
        name,
        points: (measured.typing.iter())
            .filter(|typing| typing.key == key)
            .map(|typing| (typing.words as f64, median(&times(typing, moment))))
            .collect(),
    };
    let documents = [
        curve("answer painted, comma", COMMA, |key| key.answer_painted),
        curve("answer painted", SPACE, |key| key.answer_painted),
        curve("answer in the DOM", SPACE, |key| key.answer),
        curve("text in the DOM", SPACE, |key| key.text),
    ];
    Ok(Sections {
        texts: vec![
            ("browser", compared(measured, &lengths)?),
            ("browser-roofline", roofline(measured, &lengths)?),
            ("typing", typing(measured)),
        ],
        plots: vec![
            (
                "performance-sentences.svg",
                over_words(
                    "Time of a sentence, one thread in Chromium, p50",
                    "words",
                    &curves,
                )?,
            ),
            (
                "performance-documents.svg",
                over_words("Time from a key, p50", "words of the document", &documents)?,
            ),
        ],
    })
}

/// The typical sentence of a length.
struct Length {
    words: f64,
    pieces: f64,
    /// Of our whole network.
    operations: f64,
}

impl Length {
    fn of(inputs: &[Input], network: &NetworkConfig) -> Self {
        let middle =
            |of: &dyn Fn(&Input) -> f64| median(&inputs.iter().map(of).collect::<Vec<_>>());
        Self {
            words: middle(&|input| input.words as f64),
            pieces: middle(&|input| input.ids.len() as f64),
            operations: middle(&|input| operations(network, input.lengths()).total()),
        }
    }
}

fn engine<'a>(measured: &'a Browser, key: &str) -> Result<&'a [Vec<f64>]> {
    let times = measured.times.get(key);
    times
        .map(Vec::as_slice)
        .with_context(|| format!("{key} was not measured"))
}

fn compared(measured: &Browser, lengths: &[Length]) -> Result<String> {
    let ours = engine(measured, OURS)?;
    let mut text = header(COMMAND, &measured.machine);
    let rounds = ours.iter().map(Vec::len).min().unwrap_or(0);
    text += &format!(
        "One thread each, in turn, {rounds} sentences of each length that no engine had seen; all got the same word pieces. p50 / p95 in \
         ms, and in brackets Spanarc's time as a multiple of the rival's (the median of the sentences' ratios).\n\n"
    );
    let mut head = vec!["".to_owned()];
    head.extend(
        lengths
            .iter()
            .map(|length| format!("{} words, {} pieces", length.words, length.pieces)),
    );
    let mut rows = Vec::new();
    for (key, name) in ENGINES {
        let mut row = vec![name.to_owned()];
        for (times, ours) in engine(measured, key)?.iter().zip(ours) {
            let mut cell = format!("{} / {}", ms(median(times)), ms(quantile(times, 0.95)));
            if key != OURS {
                cell += &format!(" ({:.2})", ratio(ours, times));
            }
            row.push(cell);
        }
        rows.push(row);
    }
    text += &table(&head.iter().map(String::as_str).collect::<Vec<_>>(), &rows);
    let facts = &measured.facts;
    text += &format!(
        "\nThe rivals' times are those of inference alone, word pieces and messages left out. Of the six layers the upper two are {}. The \
         ONNX network in f32 is within {:.0e} of ours; quantised it is within {:.1}.\n\n![Time over the words of a \
         sentence](performance-sentences.svg)",
        facts.upper_layers, facts.f32_difference, facts.int8_difference
    );
    Ok(text)
}

fn roofline(measured: &Browser, lengths: &[Length]) -> Result<String> {
    let peak = measured.peak;
    let mut text = format!(
        "In WebAssembly `i32x4.dot_i16x8_s` with an addition reaches {:.0} GOP/s on registers alone.\n\n",
        peak / 1e9
    );
    let rows: Vec<Vec<String>> = lengths
        .iter()
        .zip(engine(measured, OURS)?)
        .map(|(length, times)| {
            let seconds = median(times) / 1e3;
            let floor = length.operations / peak * 1e3;
            let share = length.operations / seconds / peak;
            vec![
                length.words.to_string(),
                format!("{:.2}", length.operations / 1e9),
                ms(floor),
                ms(seconds * 1e3),
                format!("{:.0} %", 100. * share),
            ]
        })
        .collect();
    let head = [
        "words",
        "GOP",
        "at the peak, ms",
        "p50, ms",
        "share of the peak",
    ];
    text += &table(&head, &rows);
    Ok(text)
}

fn times(typing: &Typing, moment: fn(&Key) -> f64) -> Vec<f64> {
    typing.keys.iter().map(moment).collect()
}

fn typing(measured: &Browser) -> String {
    let mut text = header(COMMAND, &measured.machine);
    text += "From the key's event, p50 / p95 in ms, keys in the middle of the document that end a word. A space is foreseen while the \
             word is typed, a comma is not.\n\n";
    let rows: Vec<Vec<String>> = measured
        .typing
        .iter()
        .map(|typing| {
            let cell = |moment| {
                let times = times(typing, moment);
                format!("{} / {}", ms(median(&times)), ms(quantile(&times, 0.95)))
            };
            let longest = typing.long_tasks.iter().copied().fold(0., f64::max);
            vec![
                typing.words.to_string(),
                typing.key.clone(),
                cell(|key| key.text),
                cell(|key| key.text_painted),
                cell(|key| key.answer),
                cell(|key| key.answer_painted),
                match typing.long_tasks.len() {
                    0 => "none".into(),
                    count => format!("{count}, at most {} ms", ms(longest)),
                },
            ]
        })
        .collect();
    let head = [
        "words of the document",
        "key",
        "text in the DOM",
        "text painted",
        "answer in the DOM",
        "answer painted",
        "tasks above 50 ms",
    ];
    text += &table(&head, &rows);
    text + "\n![Time from a key over the words of a document](performance-documents.svg)"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Browser {
        let text = r#"{
            "machine": {"processor": "A processor", "cores": 2, "date": "2026-01-31", "software": ["Chromium 1"]},
            "facts": {"upper_layers": "ours", "f32_difference": 1e-5, "int8_difference": 0.3},
            "times": {"spanarc": [[10, 20, 30]], "network": [[20, 40, 60]], "encoder6": [[10, 20, 30]],
                      "encoder4": [[5, 10, 15]], "candle_q8": [[100, 200, 300]]},
            "warm_up": 0, "peak": 1e11,
            "typing": [{"words": 30, "key": "space", "keys": [{"text": 1, "text_painted": 2, "answer": 3, "answer_painted": 4}], "long_tasks": [60]}]
        }"#;
        serde_json::from_str(text).expect("measurements")
    }

    fn length() -> Length {
        Length {
            words: 8.,
            pieces: 10.,
            operations: 1e9,
        }
    }

    #[test]
    fn each_rival_has_its_times_and_ours_as_their_multiple() {
        let text = compared(&measured(), &[length()]).expect("a table");
        assert!(
            text.contains("| Spanarc, request to answer, whole network | 20.0 / 29.0 |"),
            "{text}"
        );
        assert!(
            text.contains("| Candle Q8_0, encoder of 4 layers | 200 / 290 (0.10) |"),
            "{text}"
        );
        assert!(text.contains("8 words, 10 pieces"), "{text}");
    }

    #[test]
    fn the_share_of_the_roof_is_work_over_time_over_peak() {
        let text = roofline(&measured(), &[length()]).expect("a table");
        assert!(text.contains("| 8 | 1.00 | 10.0 | 20.0 | 50 % |"), "{text}");
    }

    #[test]
    fn a_missing_engine_is_named() {
        let mut measured = measured();
        measured.times.remove("network");
        let error = compared(&measured, &[length()]).expect_err("no times");
        assert_eq!(error.to_string(), "network was not measured");
    }

    #[test]
    fn keys_have_their_four_moments() {
        let text = typing(&measured());
        assert!(
            text.contains("| 30 | space | 1.00 / 1.00 | 2.00 / 2.00 | 3.00 / 3.00 | 4.00 / 4.00 | 1, at most 60.0 ms |"),
            "{text}"
        );
    }
}
