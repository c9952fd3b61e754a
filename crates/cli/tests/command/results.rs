//! The results page and the records that it is made of.

use std::{fs, path::Path};

use tempfile::tempdir;

use crate::{spanarc, stdout};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_results_page_is_what_the_records_give() {
    let (runs, page) = (root().join("results"), root().join("docs/results.md"));
    let output = spanarc(
        [
            "results",
            "--runs",
            text(&runs),
            "--out",
            text(&page),
            "--check",
        ],
        b"",
    );
    assert_eq!(stdout(&output), "");
}

#[test]
fn a_page_that_was_changed_by_hand_is_told_and_made_anew() {
    let folder = tempdir().unwrap();
    let (runs, page) = (root().join("results"), folder.path().join("page.md"));
    let results = |more: &[&str]| {
        let fixed = ["results", "--runs", text(&runs), "--out", text(&page)];
        spanarc(fixed.iter().chain(more), b"")
    };
    assert!(stdout(&results(&[])).contains("page.md"));
    assert!(results(&["--check"]).status.success());
    let made = fs::read_to_string(&page).unwrap();
    fs::write(&page, made.replacen("87.0", "97.0", 1)).unwrap();
    let refused = results(&["--check"]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        message.contains("page.md is not what the records in"),
        "{message}"
    );
    assert!(fs::read_to_string(&page).unwrap().contains("97.0"));
    assert!(results(&[]).status.success());
    assert_eq!(fs::read_to_string(&page).unwrap(), made);
}

#[test]
fn a_folder_without_runs_is_not_collected() {
    let folder = tempdir().unwrap();
    let (from, into) = (folder.path(), folder.path().join("records/nothing"));
    let output = spanarc(
        [
            "results",
            "collect",
            "--from",
            text(from),
            "--into",
            text(&into),
            "--title",
            "nothing",
        ],
        b"",
    );
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("holds no run that has ended"), "{message}");
    assert!(!into.exists());
}
