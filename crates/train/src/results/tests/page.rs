//! What the page says of records.

use super::*;

#[test]
fn without_records_the_page_has_the_published_figures_and_says_that_ours_are_missing() {
    let page = Place::new().page();
    assert_row(&page, "No run of ours is recorded yet.");
    assert_row(
        &page,
        "| Big (Someone 2020) | Huge | 110 | test | – | – | 87.0 | – | 72.63 |",
    );
    assert_row(
        &page,
        "| **ours** | – | – | test: not in hand | 0 | – | – | – | – |",
    );
    assert_row(
        &page,
        "- Big, Towns, test: [Someone 2020](https://example.org/big).",
    );
    for section in [
        "## Ablations",
        "## Ideas",
        "## Searches for settings",
        "## Runs",
    ] {
        let text = format!("{section}\n\nNone is recorded yet.\n");
        assert!(page.contains(&text), "{page}");
    }
    assert!(!page.contains("with extra data"), "{page}");
}

#[test]
fn seeds_are_averaged_and_every_run_is_listed() {
    let place = Place::new();
    for (seed, entities) in [(1, 84.), (2, 85.), (10, 86.)] {
        place.run(&format!("plain/seed-{seed}"), &summary(seed, entities));
    }
    place.collect("plain").unwrap();
    let page = place.page();
    let scores = "85.00 ± 1.00 | 81.00 ± 1.00 | 70.00 ± 0.00 | 71.00 ± 0.00";
    assert_row(
        &page,
        &format!("| **title of plain** | small | 2.0 (1.5) | dev | 3 | {scores} |"),
    );
    let run = "1,500,000 | 2,000,000 | 9 | 10 | 0.55 | cpu | 10 | 31.2 | 0123456789ab |";
    for seed in [1, 2, 10] {
        assert_row(&page, &format!("| `plain/seed-{seed}` | {seed} | {run}"));
    }
    let (second, tenth) = (page.find("seed-2").unwrap(), page.find("seed-10").unwrap());
    assert!(second < tenth);
    assert_eq!(page, place.page());
}

#[test]
fn what_used_extra_data_stands_apart_and_says_which() {
    let place = Place::new();
    place.run("plain", &summary(1, 84.));
    let mut fed = summary(1, 86.);
    fed.corpora.push("villages (auxiliary)".into());
    place.run("fed", &fed);
    place.run("adapted", &summary(1, 85.));
    place.collect("plain").unwrap();
    place.collect("fed").unwrap();
    let adapted = Description {
        extra_data: Some("unlabelled text".into()),
        ..description("adapted")
    };
    place.collect_as("adapted", &adapted).unwrap();

    let page = place.page();
    let (without, with) = page.split_once("### Towns, with extra data").unwrap();
    assert!(without.contains("title of plain"), "{page}");
    for name in ["fed", "adapted"] {
        assert!(!without.contains(&format!("title of {name}")), "{page}");
    }
    for (name, extra_data, scores) in [
        (
            "fed",
            "villages (auxiliary)",
            "86.00 | 82.00 | 70.00 | 71.00",
        ),
        (
            "adapted",
            "unlabelled text",
            "85.00 | 81.00 | 70.00 | 71.00",
        ),
    ] {
        assert_row(
            with,
            &format!(
                "| **title of {name}** | {extra_data} | small | 2.0 (1.5) | dev | 1 | {scores} |"
            ),
        );
    }
}

#[test]
fn an_idea_is_worth_the_difference_to_an_experiment_without_it() {
    let place = Place::new();
    place.run("plain", &summary(1, 84.));
    place.run("wide/seed-1", &summary(1, 84.5));
    place.run("wide/seed-2", &summary(2, 85.5));
    place.collect("plain").unwrap();
    let mut wide = description("wide");
    wide.compared_with = Some("plane".into());
    let refused = |error: ResultsError| {
        let error = error.to_string();
        assert!(
            error.ends_with("wide: is compared with plane, which is no experiment"),
            "{error}"
        );
    };
    refused(place.collect_as("wide", &wide).unwrap_err());
    assert!(!place.path("results/wide").exists());

    wide.compared_with = Some("plain".into());
    place.collect_as("wide", &wide).unwrap();
    let described = place.path("results/wide/experiment.toml");
    let text = fs::read_to_string(&described).unwrap();
    fs::write(&described, text.replace("\"plain\"", "\"plane\"")).unwrap();
    refused(Records::read(&place.path("results")).unwrap_err());
    fs::write(&described, text).unwrap();
    assert_row(
        &place.page(),
        "| title of wide | title of plain | dev | 2 and 1 | +1.00 | +1.00 | +0.00 | +0.00 | +0.50 |",
    );
}

#[test]
fn an_ablation_is_its_own_report() {
    let place = Place::new();
    let report = AblationReport {
        format: AblationReport::FORMAT,
        name: "towns".into(),
        seeds: vec![1],
        variants: vec![variant("baseline", 85.), variant("no-ner", 83.)],
    };
    place.run("layers/baseline/seed-1", &summary(1, 85.));
    place.run("layers/no-ner/seed-1", &summary(1, 83.));
    place.file(
        "layers/ablation.json",
        &serde_json::to_string(&report).unwrap(),
    );
    place.collect("layers").unwrap();
    let page = place.page();
    assert!(
        page.contains("### title of layers\n\nLearnt from towns. F1 on dev"),
        "{page}"
    );
    assert!(page.contains(&report.body()), "{page}");
    assert!(page.contains("| `layers/no-ner/seed-1` | 1 |"), "{page}");
    assert_row(&page, "No run of ours is recorded yet.");
    // The report has all runs in it; of the configurations one is kept, which it says the changes to.
    assert_eq!(
        place.names("results/layers"),
        ["ablation.json", "baseline", "experiment.toml"]
    );
    assert_eq!(
        place.names("results/layers/baseline/seed-1"),
        ["config.toml"]
    );
}

#[test]
fn published_scores_of_an_unknown_corpus_are_refused_by_name() {
    let place = Place::new();
    let path = place.path("results/published.toml");
    fs::write(
        &path,
        PUBLISHED.replace("corpus = \"Towns\"", "corpus = \"Twons\""),
    )
    .unwrap();
    let error = Records::read(&place.path("results"))
        .unwrap_err()
        .to_string();
    let path = path.display();
    assert_eq!(
        error,
        format!("{path}: the scores of Big are of Twons, which is no [[corpus]]")
    );
}
