//! Searches for settings.

use super::*;

#[test]
fn a_search_finds_settings_that_train_by_themselves() {
    let place = Place::new(TINY_CONFIG);
    let output = place.tune("search", &["--processes", "2", "--threads", "1"]);
    succeeded(&output);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("was best"), "{printed}");

    let trials: Vec<Value> = place
        .text("search/trials.jsonl")
        .lines()
        .map(json_text)
        .collect();
    let states: Vec<&str> = trials
        .iter()
        .map(|trial| trial["state"].as_str().unwrap())
        .collect();
    let of = |state: &str| states.iter().filter(|other| **other == state).count();
    assert_eq!((of("finished"), of("stopped")), (2, 2), "{states:?}");
    for trial in &trials {
        let finished = trial["state"] == "finished";
        let rungs = trial["rungs"].as_array().unwrap().iter();
        let epochs: Vec<u64> = rungs.map(|rung| rung["epochs"].as_u64().unwrap()).collect();
        let expected: &[u64] = if finished { &[1, 3] } else { &[1] };
        assert_eq!(epochs, expected);
    }
    // What nobody goes on with keeps its bundle only.
    assert_eq!(count(&place.path("search"), "best.safetensors"), 4);
    assert_eq!(count(&place.path("search"), "last.safetensors"), 0);
    let svg = place.text("search/plot.svg");
    assert!(svg.contains("network.shared_layers") && svg.contains("after epoch 1"));

    // The best trial is the run that its settings make without a search.
    let best = place.path("search/best.toml");
    let out = place.path("again");
    let arguments = ["train", "--config", best.to_str().unwrap(), "--data"];
    let data = place.path("towns");
    let more = [data.to_str().unwrap(), "--out", out.to_str().unwrap()];
    succeeded(&spanarc(arguments.into_iter().chain(more), b""));
    let name = printed.split_whitespace().next().unwrap();
    let scores =
        |folder: &str| json_text(&place.text(&format!("{folder}/summary.json")))["scores"].clone();
    assert_eq!(scores("again"), scores(&format!("search/{name}")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_search_goes_on_to_the_same_trials() {
    let place = Place::new(TINY_CONFIG);
    succeeded(&place.tune("whole", &["--threads", "1"]));
    for (out, file) in [
        ("early", "early/trial-0002/metrics.jsonl"),
        // In a trial that goes on after its rung.
        ("late", "late/trial-0004/summary.json"),
    ] {
        let space = place.path("space.toml").to_str().unwrap().to_owned();
        let more = [
            "--space",
            &space,
            "--trials",
            "4",
            "--seed",
            "7",
            "--processes",
            "2",
        ];
        place.killed_at(place.arguments("tune", out, &more), file);
        succeeded(&place.tune(out, &["--resume", "--processes", "2", "--threads", "1"]));
        let [resumed, whole] =
            [out, "whole"].map(|out| timeless_lines(&place.text(&format!("{out}/trials.jsonl"))));
        assert_eq!(resumed, whole);
        assert_eq!(
            place.text(&format!("{out}/best.toml")),
            place.text("whole/best.toml")
        );
    }

    let other = place.tune("whole", &["--resume", "--trials", "5"]);
    assert!(!other.status.success());
}

#[test]
fn a_trial_that_fails_does_not_end_the_search() {
    let place = Place::new(TINY_CONFIG);
    let space = "[space]\ntraining.learning_rate = [0.01, 1e30]\ntraining.clip = [1e30]\ntraining.warmup = [0]\n";
    sample::file(place.0.path(), "space.toml", space.as_bytes());
    let output = place.tune("search", &["--threads", "1"]);
    succeeded(&output);
    assert!(message(&output).contains("the space holds 2 different settings only"));
    let table = place.text("search/table.md");
    assert!(
        table.contains("| failed |") && table.contains(": the loss became"),
        "{table}"
    );
    assert!(
        place
            .text("search/best.toml")
            .contains("learning_rate = 0.01")
    );
}
