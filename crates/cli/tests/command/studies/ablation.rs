//! Comparisons of variants over seeds.

use super::*;

#[test]
fn the_papers_study_compares_variants_over_seeds() {
    let place = Place::new(&TINY_CONFIG.replace("epochs = 3", "epochs = 1"));
    let output = place.ablate("study", &["--processes", "2", "--threads", "1"]);
    succeeded(&output);
    let table = String::from_utf8_lossy(&output.stdout);
    assert_eq!(table, place.text("study/ablation.md"));
    for row in [
        "| baseline | 1/1/1 × 4 |",
        "| no-task-specific | 1/0/0 × 4 |",
        "| no-ner-specific | 1/0/1 × 4 |",
        "| no-re-specific | 1/1/0 × 4 |",
        "| no-shared | 0/1/1 × 4 |",
    ] {
        assert!(table.contains(row), "{row}\n{table}");
    }
    assert_eq!(table.matches("2 of 2").count(), 6, "{table}");

    let report = json_text(&place.text("study/ablation.json"));
    let weights = |index: usize| {
        report["variants"][index]["trainable_parameters"]
            .as_f64()
            .unwrap()
    };
    let all_shared = &report["variants"][5];
    assert_eq!(all_shared["name"], "all-shared");
    assert_eq!(all_shared["depths"]["ner_layers"], 0);
    // Less than what one unit more or less would make.
    assert!(
        (weights(5) / weights(0) - 1.).abs() < 0.15,
        "{} {}",
        weights(5),
        weights(0)
    );
    assert!(weights(1) < weights(2) && weights(2) < weights(0));
    assert_eq!(report["variants"][0]["scores"]["entity_micro_f1"]["n"], 2);
    assert_eq!(report["variants"][0]["runs"][1]["summary"]["seed"], 2);

    // A finished study costs nothing: no run is touched.
    let run = place.path("study/no-shared/seed-2/summary.json");
    let before = fs::metadata(&run).unwrap().modified().unwrap();
    succeeded(&place.ablate("study", &["--resume"]));
    assert_eq!(fs::metadata(&run).unwrap().modified().unwrap(), before);
    assert_eq!(place.text("study/ablation.md"), table);
}

#[test]
fn variants_of_ones_own_are_compared_and_failures_are_told() {
    let place = Place::new(TINY_CONFIG);
    let variants = place.path("variants.toml");
    let more = ["--variants", variants.to_str().unwrap(), "--threads", "1"];
    let output = place.ablate("study", &more);
    assert_eq!(output.status.code(), Some(1));
    let told = message(&output);
    assert!(
        told.contains("2 of 6 runs failed; --resume tries them again"),
        "{told}"
    );
    let table = place.text("study/ablation.md");
    assert!(
        table.contains("- averaged: `training.average = 0.5`"),
        "{table}"
    );
    assert!(
        table.contains("- diverging, seed 1, failed: the loss became"),
        "{table}"
    );
    assert!(table.contains("| 0 of 2 |"), "{table}");
    assert!(
        place
            .path("study/averaged/seed-2/best.safetensors")
            .exists()
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_ablation_leaves_no_process_and_goes_on_to_the_same_table() {
    let place = Place::new(TINY_CONFIG);
    let variants = place.path("variants.toml");
    let more = [
        "--variants",
        variants.to_str().unwrap(),
        "--processes",
        "2",
        "--threads",
        "1",
    ];
    place.ablate("whole", &more);
    let arguments = place.arguments(
        "ablate",
        "killed",
        &[&["--seeds", "1,2"][..], &more].concat(),
    );
    place.killed_at(arguments, "killed/averaged/seed-1/metrics.jsonl");

    let refused = place.ablate("killed", &more);
    assert!(
        message(&refused).contains("--resume"),
        "{}",
        message(&refused)
    );
    place.ablate("killed", &[&more[..], &["--resume"]].concat());
    assert_eq!(
        timeless(&place.text("killed/ablation.json")),
        timeless(&place.text("whole/ablation.json"))
    );
}
