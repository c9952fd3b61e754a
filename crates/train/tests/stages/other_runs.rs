//! Starting from another run's weights, and averaging with those of others.

use super::*;

#[test]
fn a_run_starts_from_what_another_has_in_common_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let pretraining = input(sentences("Person", "Thing", false));
    let first = whole(&config(2), &pretraining, &folder.path().join("first"));
    let file = fs::read(&first.bundle).unwrap();
    let earlier = Bundle::parse(&file).unwrap();

    let started = RunConfig {
        start_from: Some(first.bundle.clone()),
        seed: 9,
        ..config(1)
    };
    let joint = input(sentences("Person", "Thing", true));
    let run = Run::prepare(&started, &joint, &Device::Cpu).unwrap();
    let taken_over = run.taken_over.clone().unwrap();
    assert_eq!(
        taken_over.taken,
        earlier.parameter_names().collect::<Vec<_>>()
    );
    assert!(taken_over.unused.is_empty());
    assert!(!taken_over.others.is_empty());
    assert!(
        taken_over
            .others
            .iter()
            .all(|name| name.starts_with("relation.")),
        "{taken_over}"
    );

    let second = whole(&started, &joint, &folder.path().join("second"));
    let bundle = fs::read(second.bundle).unwrap();
    let provenance = Bundle::parse(&bundle)
        .unwrap()
        .metadata()
        .provenance
        .clone();
    assert_eq!(provenance.started_from.as_deref(), Some("tiny"));
    assert_eq!(provenance.corpora, ["owners"]);

    // Other labels, other characters: what reads labels is drawn anew.
    let mut renamed = input(sentences("Human", "Artefact", true));
    renamed.corpus.name = "humans".into();
    for sentence in &mut renamed.corpus.train {
        sentence.tokens[1] = "HAS".into();
    }
    let run = Run::prepare(&started, &renamed, &Device::Cpu).unwrap();
    let taken_over = run.taken_over.unwrap();
    for (name, taken) in [
        ("emission.weight", false),
        ("crf.transitions", false),
        ("ner_feed_forward.weight", true),
        ("embedding.characters.embedding", true),
    ] {
        assert_eq!(
            taken_over.taken.iter().any(|other| other == name),
            taken,
            "{name}"
        );
    }
    assert!(
        taken_over
            .unused
            .iter()
            .any(|name| name == "emission.weight")
    );
}

#[test]
fn the_last_weights_are_averaged_with_those_of_other_runs() {
    let folder = tempfile::tempdir().unwrap();
    let joint = input(sentences("Person", "Thing", true));
    let last = |seed| RunConfig {
        seed,
        training: Training {
            keep: Keep::Last,
            ..config(2).training
        },
        ..config(2)
    };
    // Characters of its own: another number of rows in their table.
    let mut renamed = joint.clone();
    renamed.corpus.name = "others".into();
    renamed.corpus.train[0].tokens[1] = "ÀÉ".into();
    let place = |name: &str| folder.path().join(name);
    let one = whole(&last(1), &joint, &place("one"));
    let other = whole(&last(2), &renamed, &place("other"));
    let averaging = RunConfig {
        average_with: vec![other.bundle.clone()],
        ..last(1)
    };
    let mean = whole(&averaging, &joint, &place("mean"));

    let [one, other, mean] = [one, other, mean].map(|outcome| fs::read(outcome.bundle).unwrap());
    let [one, other, mean] = [&one, &other, &mean].map(|file| Bundle::parse(file).unwrap());
    let numbers = |bundle: &Bundle, name: &str| {
        let parameters = bundle.var_builder(&Device::Cpu);
        let tensor = parameters.get_unchecked(name).unwrap();
        tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap()
    };
    let names: Vec<_> = one.parameter_names().collect();
    assert_eq!(names, mean.parameter_names().collect::<Vec<_>>());
    for name in names {
        let of = [&one, &other, &mean].map(|bundle| numbers(bundle, name));
        if name == "embedding.characters.embedding" {
            assert_ne!(of[0].len(), of[1].len());
            continue;
        }
        for ((one, other), mean) in of[0].iter().zip(&of[1]).zip(&of[2]) {
            assert!((mean - (one + other) / 2.).abs() < 1e-6, "{name}");
        }
    }
    let provenance = &mean.metadata().provenance;
    assert_eq!(provenance.averaged_runs, Some(2));
    assert_eq!(provenance.corpora, ["owners", "others (averaged run)"]);
}

#[test]
fn a_run_with_other_labels_is_refused_before_training() {
    let folder = tempfile::tempdir().unwrap();
    let other = input(sentences("Human", "Artefact", true));
    let other = whole(&config(1), &other, &folder.path().join("other"));
    let averaging = RunConfig {
        average_with: vec![other.bundle],
        ..config(1)
    };
    let input = input(sentences("Person", "Thing", true));
    let error = Run::prepare(&averaging, &input, &Device::Cpu)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("other") && error.contains("best.safetensors"),
        "{error}"
    );
    assert!(error.contains("with other labels"), "{error}");
}

#[test]
fn a_file_that_is_no_bundle_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.safetensors");
    fs::write(&path, "no bundle").unwrap();
    let config = RunConfig {
        start_from: Some(path),
        ..config(1)
    };
    let input = input(sentences("Person", "Thing", true));
    let error = Run::prepare(&config, &input, &Device::Cpu)
        .unwrap_err()
        .to_string();
    assert!(error.contains("other.safetensors"), "{error}");
}

#[test]
fn an_alphabet_that_does_not_fit_its_table_is_not_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let input = input(sentences("Person", "Thing", true));
    let first = whole(&config(1), &input, &folder.path().join("first"));
    let file = fs::read(&first.bundle).unwrap();
    let earlier = Bundle::parse(&file).unwrap();
    let mut metadata = earlier.metadata().clone();
    let characters = metadata.network.characters.as_mut().unwrap();
    // Characters of the corpus, which sort to where the table has ended.
    characters.alphabet = format!("{}{}", "\u{1}\u{2}\u{3}", characters.alphabet);
    let parameters = earlier.var_builder(&Device::Cpu);
    let tensors = earlier.parameter_names();
    let tensors = tensors
        .map(|name| {
            let tensor = parameters.get_unchecked(name).unwrap();
            (name.to_owned(), tensor)
        })
        .collect();
    let altered = bundle::write(&metadata, &tensors, earlier.vocabularies()).unwrap();
    let path = folder.path().join("altered.safetensors");
    fs::write(&path, altered).unwrap();

    let started = RunConfig {
        start_from: Some(path),
        ..config(1)
    };
    let run = Run::prepare(&started, &input, &Device::Cpu).unwrap();
    let unused = run.taken_over.unwrap().unused;
    assert_eq!(unused, ["embedding.characters.embedding"]);
}
