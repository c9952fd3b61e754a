//! What becomes a record, and what is refused as one.

use super::*;

#[test]
fn only_small_files_are_collected_and_no_other_experiment_is_overwritten() {
    let place = Place::new();
    place.run("plain/seed-1", &summary(1, 84.));
    fs::create_dir(place.path("runs/plain/empty")).unwrap();
    place.collect("plain").unwrap();
    assert_eq!(place.names("results/plain"), ["experiment.toml", "seed-1"]);
    let kept = ["config.toml", "summary.json"];
    assert_eq!(place.names("results/plain/seed-1"), kept);

    let error = place.collect("plain").unwrap_err().to_string();
    assert!(
        error.ends_with("is there already: choose another name, or replace it with --force"),
        "{error}"
    );
    assert_eq!(place.names("results"), ["plain", "published.toml"]);
}

#[test]
fn a_record_names_no_folder_of_the_machine() {
    let place = Place::new();
    place.run("plain", &summary(1, 84.));
    place.file(
        "plain/config.toml",
        "start_from = \"/home/me/runs/first/best.safetensors\"\n[[auxiliary]]\ndata = \"/data/more.jsonl\"\n",
    );
    place.collect("plain").unwrap();
    let config = fs::read_to_string(place.path("results/plain/config.toml")).unwrap();
    let config: toml::Table = toml::from_str(&config).unwrap();
    assert_eq!(
        config["start_from"].as_str(),
        Some("first/best.safetensors")
    );
    assert_eq!(
        config["auxiliary"][0]["data"].as_str(),
        Some("data/more.jsonl")
    );
}

#[test]
fn replacing_takes_an_experiment_only() {
    let place = Place::new();
    place.run("plain", &summary(1, 84.));
    place.collect("plain").unwrap();
    let again = description("again");
    let replace = |into: &str| {
        let runs = place.path("runs/plain");
        collect(&runs, &place.path(into), &again, true)
    };
    assert_eq!(replace("results/plain").unwrap().description, again);
    let error = replace("runs").unwrap_err().to_string();
    assert!(error.ends_with("holds no experiment to replace"), "{error}");
    assert!(place.path("runs/plain/best.safetensors").exists());
}

#[test]
fn of_a_search_for_settings_only_the_tables_are_kept() {
    let place = Place::new();
    place.run("search/trial-0001", &summary(1, 84.));
    place.file("search/trials.jsonl", "");
    place.file("search/table.md", "");
    place.collect("search").unwrap();
    assert_eq!(
        place.names("results/search"),
        ["experiment.toml", "table.md", "trials.jsonl"]
    );
    let link = "[table of trials](../results/search/table.md)";
    assert!(place.page().contains(link));
}

#[test]
fn a_run_that_has_not_ended_is_named() {
    let place = Place::new();
    place.run("plain/seed-1", &summary(1, 84.));
    let run = place.path("runs/plain/seed-1");
    fs::remove_file(run.join("summary.json")).unwrap();
    let error = place.collect("plain").unwrap_err().to_string();
    let run = run.display();
    assert_eq!(
        error,
        format!("{run}: the run has not ended: summary.json is missing")
    );
}

#[test]
fn a_run_that_is_paused_is_no_result() {
    let place = Place::new();
    let paused = RunSummary {
        paused: true,
        ..summary(1, 84.)
    };
    place.run("plain", &paused);
    let error = place.collect("plain").unwrap_err().to_string();
    let run = place.path("runs/plain");
    let run = run.display();
    assert_eq!(
        error,
        format!("{run}: the run has not ended: it is paused after epoch 10")
    );
}

#[test]
fn seeds_of_different_configurations_are_not_averaged() {
    let place = Place::new();
    place.run("plain/seed-1", &summary(1, 84.));
    place.run("plain/seed-2", &summary(2, 85.));
    // Each seed may go on from a first stage of its own, and an earlier version did not write every setting.
    let config =
        |epochs: usize| format!("seed = 2\nstart_from = \"a\"\n[training]\nepochs = {epochs}\n");
    place.file("plain/seed-2/config.toml", &config(11));
    let error = place.collect("plain").unwrap_err().to_string();
    assert!(
        error.contains("seed-2: `training.epochs` of the configuration is not that of"),
        "{error}"
    );
    let spelt_out = format!(
        "{}parts = {}\n",
        config(10),
        RunConfig::default().training.parts
    );
    place.file("plain/seed-2/config.toml", &spelt_out);
    place.collect("plain").unwrap();
}
