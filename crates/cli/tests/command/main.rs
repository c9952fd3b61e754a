//! The command as its users meet it: arguments and files in; output, messages and exit codes out.
#![allow(clippy::unwrap_used)] // Helpers of tests are no tests to clippy.

mod annotate;
mod calibration;
mod check;
mod convert;
mod cross_validation;
mod errors;
mod evaluate;
mod inspect;
mod results;
mod sample;
mod shipped;
mod silver;
mod studies;
mod train;

use std::{
    ffi::OsStr,
    io::Write as _,
    process::{Command, Output, Stdio},
};

/// Runs `spanarc` with arguments and standard input.
fn spanarc<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>, input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_spanarc"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments does not read its input.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// What a successful run printed.
fn stdout(output: &Output) -> &str {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    std::str::from_utf8(&output.stdout).unwrap()
}

/// What a run printed on standard error.
fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A text that is JSON.
fn json_text(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

/// Each line that a successful run printed, as JSON.
fn json_lines(output: &Output) -> Vec<serde_json::Value> {
    stdout(output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
