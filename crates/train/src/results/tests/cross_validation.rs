//! Cross-validations on the page, of one seed and of several.

use super::*;

/// A row for each way of scoring two folds, with these scores of entities.
fn assert_rows(page: &str, with_overlaps: &str, without: &str) {
    for (measured_on, entities) in [("with overlap", with_overlaps), ("no overlap", without)] {
        let scores = format!("{entities} | 70.00 ± 0.00 | 71.00 ± 0.00");
        let measured_on = format!("2 folds, {measured_on}");
        assert_row(
            page,
            &format!("| **title of folds** | small | 2.0 (1.5) | {measured_on} | 2 | {scores} |"),
        );
    }
}

#[test]
fn a_cross_validation_has_a_row_for_each_way_of_scoring() {
    let place = Place::new();
    place.cross_validation("folds", 1, &[[84., 85.], [86., 87.]]);
    place.collect("folds").unwrap();
    let page = place.page();
    assert_rows(
        &page,
        "85.00 ± 1.41 | 81.00 ± 1.41",
        "86.00 ± 1.41 | 82.00 ± 1.41",
    );
    assert!(page.contains("| `folds/fold-1` | 1 |"), "{page}");
}

#[test]
fn seeds_of_a_cross_validation_are_averaged_by_their_means() {
    let place = Place::new();
    place.cross_validation("folds/seed-1", 1, &[[80., 84.], [86., 90.]]);
    place.cross_validation("folds/seed-2", 2, &[[84., 88.], [86., 90.]]);
    place.collect("folds").unwrap();
    let page = place.page();
    assert_rows(
        &page,
        "84.00 ± 1.41 | 80.00 ± 1.41",
        "88.00 ± 1.41 | 84.00 ± 1.41",
    );
    assert!(page.contains("| `folds/seed-2/fold-1` | 2 |"), "{page}");
    assert_eq!(
        place.names("results/folds/seed-2"),
        ["cross-validation.json", "fold-0", "fold-1"]
    );
}

#[test]
fn seeds_that_are_one_or_have_not_measured_the_same_folds_are_not_averaged() {
    let place = Place::new();
    place.cross_validation("folds/seed-1", 1, &[[84., 85.], [86., 87.]]);
    place.cross_validation("folds/seed-2", 2, &[[84., 85.]]);
    let error = place.collect("folds").unwrap_err().to_string();
    let [first, second] = ["seed-1", "seed-2"].map(|seed| place.path("runs/folds").join(seed));
    assert_eq!(
        error,
        format!(
            "{}: has not measured the same folds of the same data as {}",
            second.display(),
            first.display()
        )
    );
    place.cross_validation("folds/seed-2", 1, &[[84., 85.], [86., 87.]]);
    let error = place.collect("folds").unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "{}: has the same seed as {}",
            second.display(),
            first.display()
        )
    );
    assert!(!place.path("results/folds").exists());
}

#[test]
fn of_an_unfinished_cross_validation_the_page_says_so() {
    let place = Place::new();
    place.run("folds/fold-0", &summary(1, 84.));
    // Another fold is under way.
    place.file("folds/fold-1/config.toml", "seed = 1\n");
    place.file("folds/cross-validation.json", &folds(1, &[[84., 84.]]));
    place.collect("folds").unwrap();
    assert_row(
        &place.page(),
        "| **title of folds** | small | 2.0 (1.5) | 1 of 2 folds | 1 | 84.00 | 80.00 | 70.00 | 71.00 |",
    );
    assert_eq!(
        place.names("results/folds"),
        ["cross-validation.json", "experiment.toml", "fold-0"]
    );
}
