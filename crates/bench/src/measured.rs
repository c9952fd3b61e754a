//! What the programs that measure write down.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The machine and the programs on it.
#[derive(Debug, Deserialize)]
pub(crate) struct Machine {
    /// The processor's name.
    pub(crate) processor: String,
    /// Its cores, as the system counts them.
    pub(crate) cores: usize,
    /// The day, as 2026-01-31.
    pub(crate) date: String,
    /// Programs and versions.
    pub(crate) software: Vec<String>,
}

/// How the ONNX models were made: `facts.json` of `export.py`.
#[derive(Debug, Deserialize)]
pub(crate) struct Facts {
    /// Where the fifth and sixth layer of an encoder come from.
    pub(crate) upper_layers: String,
    /// The largest difference of the network in f32 from ours.
    pub(crate) f32_difference: f64,
    /// The same in int8.
    pub(crate) int8_difference: f64,
}

/// Times of one key pressed in a document, in milliseconds from its event.
#[derive(Debug, Deserialize)]
pub(crate) struct Key {
    /// Until the text's own elements have changed.
    pub(crate) text: f64,
    /// Until a frame with it was painted.
    pub(crate) text_painted: f64,
    /// Until the model's answer to it is in the DOM.
    pub(crate) answer: f64,
    /// Until a frame with that was painted.
    pub(crate) answer_painted: f64,
}

/// Keys pressed in one document.
#[derive(Debug, Deserialize)]
pub(crate) struct Typing {
    /// The document's words.
    pub(crate) words: usize,
    /// What ends a word: a space, which is foreseen, or a comma.
    pub(crate) key: String,
    /// Each key.
    pub(crate) keys: Vec<Key>,
    /// Tasks of more than 50 ms on the page's main thread meanwhile.
    pub(crate) long_tasks: Vec<f64>,
}

/// The measurements in a browser.
#[derive(Debug, Deserialize)]
pub(crate) struct Browser {
    /// Where.
    pub(crate) machine: Machine,
    /// Of the ONNX models.
    pub(crate) facts: Facts,
    /// Milliseconds by engine, length of sentence, and round.
    pub(crate) times: BTreeMap<String, Vec<Vec<f64>>>,
    /// Rounds thrown away before: sentence 0 of `times` is this one of the inputs.
    pub(crate) warm_up: usize,
    /// Integer operations a second of simd128.
    pub(crate) peak: f64,
    /// Documents typed into.
    pub(crate) typing: Vec<Typing>,
}

/// Seconds of one engine with one number of threads.
#[derive(Debug, Deserialize)]
pub(crate) struct Timed {
    /// Its name.
    pub(crate) engine: String,
    /// Threads.
    pub(crate) threads: usize,
    /// By round; a round is a part of the sentences.
    pub(crate) seconds: Vec<f64>,
}

/// Integer operations a second with a set of instructions.
#[derive(Debug, Deserialize)]
pub(crate) struct Peak {
    /// Its name.
    pub(crate) instructions: String,
    /// What a loop on registers reaches.
    pub(crate) operations_a_second: f64,
}

/// The native measurements.
#[derive(Debug, Deserialize)]
pub(crate) struct Native {
    /// Where.
    pub(crate) machine: Machine,
    /// All engines; rounds of the same number ran in turn.
    pub(crate) timed: Vec<Timed>,
    /// Sentences of a round.
    pub(crate) sentences: usize,
    /// Of one thread.
    pub(crate) peaks: Vec<Peak>,
}

/// Time by function.
#[derive(Debug, Deserialize)]
pub(crate) struct Profile {
    /// Where.
    pub(crate) machine: Machine,
    /// Sentences annotated.
    pub(crate) sentences: usize,
    /// Words of each.
    pub(crate) words: usize,
    /// Milliseconds that the sampler saw in each function itself.
    pub(crate) functions: BTreeMap<String, f64>,
}
