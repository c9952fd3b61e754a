//! What is refused before anything is trained or overwritten.

use super::*;

#[test]
fn a_folder_of_other_settings_is_refused() {
    let place = Place::new(&TINY_CONFIG.replace("epochs = 3", "epochs = 1"));
    let variants =
        |hidden: usize| format!("[[variant]]\nname = \"more\"\nset.network.hidden = {hidden}\n");
    succeeded(&place.ablate_variants(&variants(5), "study", &[]));
    let refused = place.ablate_variants(&variants(6), "study", &["--resume"]);
    let told = message(&refused);
    assert!(
        told.contains("more/seed-1 holds a run with other settings"),
        "{told}"
    );
}

#[test]
fn a_folder_of_runs_on_another_corpus_is_refused() {
    let place = Place::new(&TINY_CONFIG.replace("epochs = 3", "epochs = 2"));
    let variants =
        "[[variant]]\nname = \"trained-on-another-part\"\nset.corpus.train = \"other.jsonl\"\n";
    fs::copy(
        place.path("towns/dev.jsonl"),
        place.path("towns/other.jsonl"),
    )
    .unwrap();
    let ablate = |more: &[&str]| place.ablate_variants(variants, "study", more);
    succeeded(&ablate(&[]));
    succeeded(&place.tune("search", &["--threads", "1"]));
    // The variant reads the corpus its own way, and is on the same one.
    succeeded(&ablate(&["--resume"]));
    let report = place.text("study/ablation.json");
    let train = place.text("towns/train.jsonl");
    let (_, shorter) = train.split_once('\n').unwrap();
    fs::write(place.path("towns/train.jsonl"), shorter).unwrap();

    let told = message(&ablate(&["--resume"]));
    assert!(
        told.contains("baseline/seed-1 holds a run with another `corpus`"),
        "{told}"
    );
    assert_eq!(place.text("study/ablation.json"), report);
    let told = message(&place.tune("search", &["--resume"]));
    assert!(
        told.contains("search.toml") && told.contains("other settings or inputs (corpus"),
        "{told}"
    );
}

#[test]
fn a_folder_of_runs_with_other_word_vectors_is_refused_and_stays_as_it_was() {
    let config = TINY_CONFIG.replace("epochs = 3", "epochs = 2") + "\n[words]\nsize = 2\n";
    let place = Place::new(&config);
    let vectors = |numbers: &str| {
        sample::file(
            place.0.path(),
            "vectors.txt",
            format!("lives {numbers}\n").as_bytes(),
        );
    };
    let words = place.path("vectors.txt").to_str().unwrap().to_owned();
    let more = ["--words", &words, "--threads", "1"];
    let resumed = [&more[..], &["--resume"]].concat();
    let variants = "[[variant]]\nname = \"more\"\nset.network.hidden = 5\n";
    vectors("1 2");
    succeeded(&place.ablate_variants(variants, "study", &more[..2]));
    succeeded(&place.tune("search", &more));
    let trials = place.text("search/trials.jsonl");
    // As if it had been killed between the last epoch and its end.
    fs::remove_file(place.path("study/more/seed-2/summary.json")).unwrap();
    vectors("3 4");

    let told = message(&place.tune("search", &resumed));
    assert!(told.contains("other settings or inputs"), "{told}");
    assert_eq!(place.text("search/trials.jsonl"), trials);
    let refused_for = |run: &str| {
        let told =
            message(&place.ablate_variants(variants, "study", &["--words", &words, "--resume"]));
        assert!(
            told.contains(&format!("{run} holds a run with another `words`")),
            "{told}"
        );
    };
    refused_for("baseline/seed-1");
    fs::remove_dir_all(place.path("study/baseline")).unwrap();
    fs::remove_dir_all(place.path("study/more/seed-1")).unwrap();
    refused_for("more/seed-2");
    assert!(!place.path("study/baseline").exists());
    vectors("1 2");
    succeeded(&place.ablate_variants(variants, "study", &["--words", &words, "--resume"]));
    succeeded(&place.tune("search", &resumed));
}

#[test]
fn mistakes_are_told_before_anything_is_trained() {
    let place = Place::new(TINY_CONFIG);
    sample::file(
        place.0.path(),
        "variants.toml",
        b"[[variant]]\nname = \"deep\"\nset.network.layers = 3\n",
    );
    sample::file(
        place.0.path(),
        "space.toml",
        b"[space]\nnetwork.layers = [1]\n",
    );
    let variants = place.path("variants.toml");
    let told = message(&place.ablate("study", &["--variants", variants.to_str().unwrap()]));
    assert!(
        told.contains("variants.toml: network.layers = 3: unknown field `layers`"),
        "{told}"
    );
    let told = message(&place.tune("search", &[]));
    assert!(
        told.contains("space.toml: network.layers = 1: unknown field `layers`"),
        "{told}"
    );
    // One that the baseline would be trained before, and one that every trial would fail at.
    let told = message(&place.ablate_variants(
        "[[variant]]\nname = \"encoded\"\nset.encoder.layers = 2\n",
        "encoded",
        &[],
    ));
    assert!(told.contains("no encoder was given (--encoder)"), "{told}");
    assert!(!place.path("encoded/baseline").exists());
    let with_space = |text: &str| {
        sample::file(place.0.path(), "space.toml", text.as_bytes());
        message(&place.tune("search", &["--resume"]))
    };
    let told = with_space("[space]\nnetwork.hidden = [4, 0]\n");
    assert!(
        told.contains("space.toml: network configuration, hidden: 0 is outside 1..=4096"),
        "{told}"
    );
    let told = with_space("[halving]\nrungs = [2, 3]\n[space]\nnetwork.hidden = [4, 5]\n");
    assert!(
        told.contains("space.toml: halving.rungs: 3 is not below training.epochs, which is 3"),
        "{told}"
    );
    fs::remove_file(place.path("towns/train.jsonl")).unwrap();
    let told = message(&place.ablate("other", &[]));
    assert!(told.contains("towns: holds no training part"), "{told}");
}
