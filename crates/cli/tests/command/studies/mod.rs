//! Ablations and searches: what they leave, and that being killed costs them nothing but the run at hand.

mod ablation;
mod refusals;
mod search;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::{
    json_text, message,
    sample::{self, TINY_CONFIG},
    spanarc,
};

const VARIANTS: &str = r#"
[[variant]]
name = "averaged"
set = { training.average = 0.5 }

[[variant]]
name = "diverging"
set = { training.learning_rate = 1e30, training.clip = 1e30, training.warmup = 0 }
"#;

const SPACE: &str = r#"
[halving]
rungs = [1]
eta = 2
[space]
network.shared_layers = [0, 1, 2]
network.ner_layers = [0, 1]
training.learning_rate = { low = 1e-3, high = 1e-2, log = true }
"#;

/// Folders for a corpus of 16 sentences, a configuration and a study.
struct Place(TempDir);

impl Place {
    fn new(config: &str) -> Self {
        let place = tempdir().unwrap();
        sample::towns(place.path());
        for (file, text) in [
            ("tiny.toml", config),
            ("variants.toml", VARIANTS),
            ("space.toml", SPACE),
        ] {
            sample::file(place.path(), file, text.as_bytes());
        }
        Self(place)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Arguments of a study in the folder `out`.
    fn arguments(&self, command: &str, out: &str, more: &[&str]) -> Vec<String> {
        let [config, data, out] =
            ["tiny.toml", "towns", out].map(|name| self.path(name).to_str().unwrap().to_owned());
        let fixed = [command, "--config", &config, "--data", &data, "--out", &out];
        fixed.iter().chain(more).map(ToString::to_string).collect()
    }

    fn study(&self, command: &str, out: &str, more: &[&str]) -> Output {
        spanarc(self.arguments(command, out, more), b"")
    }

    fn ablate(&self, out: &str, more: &[&str]) -> Output {
        self.study("ablate", out, &[&["--seeds", "1,2"], more].concat())
    }

    /// Ablates variants other than the usual ones.
    fn ablate_variants(&self, variants: &str, out: &str, more: &[&str]) -> Output {
        sample::file(self.0.path(), "other.toml", variants.as_bytes());
        let path = self.path("other.toml").to_str().unwrap().to_owned();
        let fixed = ["--variants", &path, "--threads", "1"];
        self.ablate(out, &[&fixed, more].concat())
    }

    fn tune(&self, out: &str, more: &[&str]) -> Output {
        let space = self.path("space.toml").to_str().unwrap().to_owned();
        let fixed = ["--space", &space, "--trials", "4", "--seed", "7"];
        self.study("tune", out, &[&fixed, more].concat())
    }

    /// Kills a study as soon as `file` is there, and waits until no process of it is left.
    fn killed_at(&self, arguments: Vec<String>, file: &str) {
        let mut study = Command::new(env!("CARGO_BIN_EXE_spanarc"))
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until(|| self.path(file).exists());
        study.kill().unwrap();
        study.wait().unwrap();
        wait_until(|| !self.is_mentioned_by_a_process());
    }

    fn is_mentioned_by_a_process(&self) -> bool {
        let folder = self.0.path().to_str().unwrap().to_owned();
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .filter_map(|process| fs::read(process.path().join("cmdline")).ok())
            .any(|line| String::from_utf8_lossy(&line).contains(&folder))
    }
}

fn wait_until(holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(120), "in vain");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Without what a clock decides.
fn timeless(text: &str) -> String {
    let mut value: Value = json_text(text);
    strip(&mut value);
    value.to_string()
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("seconds");
            fields.remove("sentences_per_second");
            fields.values_mut().for_each(strip);
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        _ => {}
    }
}

fn timeless_lines(text: &str) -> Vec<String> {
    text.lines().map(timeless).collect()
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", message(output));
}

fn count(folder: &Path, name: &str) -> usize {
    let runs = fs::read_dir(folder).unwrap().flatten();
    runs.filter(|run| run.path().join(name).exists()).count()
}
