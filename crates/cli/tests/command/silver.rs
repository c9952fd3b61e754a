use std::path::{Path, PathBuf};

use serde_json::json;
use spanarc_corpus::{EntityType, Hyphens};
use spanarc_model::{
    bundle::BundleMetadata,
    calibration::{CalibratedScores, Calibration, Platt},
};
use tempfile::{TempDir, tempdir};

use crate::{json_text, message, sample, spanarc};

/// Models that take every word for a place, and all places for near each other where the threshold is low.
struct Models(TempDir);

impl Models {
    fn new() -> Self {
        Self(tempdir().unwrap())
    }

    fn model(&self, name: &str, change: impl FnOnce(&mut BundleMetadata)) -> PathBuf {
        sample::file(self.0.path(), name, &sample::bundle_with(change))
    }

    fn of_thresholds(&self, thresholds: &[f32]) -> Vec<PathBuf> {
        let models = thresholds.iter().enumerate();
        let model = |(index, &threshold): (usize, &f32)| {
            let name = format!("{index}.safetensors");
            self.model(&name, |metadata| metadata.relation_threshold = threshold)
        };
        models.map(model).collect()
    }
}

fn silver(models: &[PathBuf], more: &[&Path], input: &str) -> std::process::Output {
    let arguments = ["silver", "--model"].map(Path::new);
    let models = models.iter().map(PathBuf::as_path);
    let more = more.iter().copied();
    spanarc(
        arguments.into_iter().chain(models).chain(more),
        input.as_bytes(),
    )
}

#[test]
fn the_vote_on_running_text_is_a_corpus_that_training_reads() {
    let folder = Models::new();
    let models = folder.of_thresholds(&[0.25, 0.25]);
    let file = |name: &str, text: &str| sample::file(folder.0.path(), name, text.as_bytes());
    let first = file("first.txt", "\u{feff}Oslo Bergen\r\n\nRome. Oslo Bergen\n");
    let second = file("second.txt", "Rome.\nRome! Lima\n");
    let output = silver(&models, &[Path::new("--text"), &first, &second], "");
    assert!(output.status.success(), "{}", message(&output));
    assert_eq!(
        message(&output),
        "wrote 4 of 4 sentences: 7 entities, 6 relations\n"
    );
    let corpus = sample::file(folder.0.path(), "silver.jsonl", &output.stdout);
    let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
    let sentences: Vec<_> = lines.map(json_text).collect();
    assert_eq!(
        sentences[0],
        json!({
            "id": format!("{}, line 1, sentence 1", first.display()),
            "tokens": ["Oslo", "Bergen"],
            "entities": [{"type": "Loc", "start": 0, "end": 1}, {"type": "Loc", "start": 1, "end": 2}],
            "relations": [{"type": "Near", "head": 0, "tail": 1}, {"type": "Near", "head": 1, "tail": 0}],
        })
    );
    let ids = sentences[1..]
        .iter()
        .map(|sentence| sentence["id"].as_str().unwrap());
    let place = |file: &Path, place: &str| format!("{}, {place}", file.display());
    assert_eq!(
        ids.collect::<Vec<_>>(),
        [
            place(&first, "line 3, sentence 1"),
            place(&second, "line 2, sentence 1"),
            place(&second, "line 2, sentence 2"),
        ]
    );
    let checked = spanarc(
        ["check".as_ref(), "--data".as_ref(), corpus.as_os_str()],
        b"",
    );
    assert!(checked.status.success(), "{}", message(&checked));
}

#[test]
fn each_model_votes_at_its_own_threshold_and_more_than_half_decide() {
    let folder = Models::new();
    for (thresholds, relations) in [
        (&[0.25, 0.25, 0.99][..], 2),
        (&[0.25, 0.99, 0.99], 0),
        (&[0.99, 0.25], 0),
    ] {
        let output = silver(&folder.of_thresholds(thresholds), &[], "Oslo Bergen\n");
        assert_eq!(
            message(&output),
            format!("wrote 1 of 1 sentences: 2 entities, {relations} relations\n")
        );
    }
}

#[test]
fn sentences_without_an_agreed_relation_can_be_left_out() {
    let folder = Models::new();
    let models = folder.of_thresholds(&[0.25, 0.25]);
    let more = [Path::new("--with-relations")];
    let output = silver(&models, &more, "Oslo\nOslo Bergen\n");
    assert_eq!(
        message(&output),
        "wrote 1 of 2 sentences: 2 entities, 2 relations\n"
    );
    let lines = output.stdout.iter().filter(|&&byte| byte == b'\n');
    assert_eq!(lines.count(), 1);
}

#[test]
fn which_of_the_models_find_the_relation_decides_nothing_about_what_is_left_out() {
    let folder = Models::new();
    let (finds, does_not) = (0.25, 0.99);
    for (thresholds, written) in [
        (&[does_not, finds, finds][..], 1),
        (&[finds, does_not, finds], 1),
        (&[finds, finds, does_not], 1),
        (&[finds, does_not, does_not], 0),
        (&[does_not, finds, does_not], 0),
        (&[does_not, does_not, finds], 0),
        (&[finds, finds], 1),
        (&[finds, does_not], 0),
        (&[does_not, finds, finds, finds], 1),
        (&[finds, does_not, finds, does_not], 0),
    ] {
        let models = folder.of_thresholds(thresholds);
        let output = silver(&models, &[Path::new("--with-relations")], "Oslo Bergen\n");
        let count = format!("wrote {written} of 1 sentences: ");
        assert!(
            message(&output).starts_with(&count),
            "{thresholds:?}: {}",
            message(&output)
        );
    }
}

fn p(object: &serde_json::Value) -> f64 {
    object["p"].as_f64().unwrap()
}

#[test]
fn mean_probabilities_are_written_of_the_sentence_its_entities_and_its_relations() {
    let folder = Models::new();
    // One scores as the network does, the other all relations far lower.
    let lower = folder.model("lower.safetensors", |metadata| {
        let scores = |offset| CalibratedScores {
            map: Platt { slope: 1., offset },
            error: 0.,
            bins: Vec::new(),
        };
        metadata.calibration = Some(Calibration {
            data: "none".into(),
            entities: scores(0.),
            relations: scores(-9.),
        });
    });
    let plain = folder.model("plain.safetensors", |_| ());
    let copy = folder.model("copy.safetensors", |_| ());
    let sentence = |models: &[PathBuf], input| {
        let output = silver(models, &[Path::new("--probabilities")], input);
        assert!(output.status.success(), "{}", message(&output));
        json_text(std::str::from_utf8(&output.stdout).unwrap())
    };
    let (alike, apart) = (
        sentence(&[plain.clone(), copy], "Oslo Bergen\n"),
        sentence(&[plain, lower], "Oslo Bergen\n"),
    );
    let of_relation = |sentence: &serde_json::Value| p(&sentence["relations"][0]);
    assert!((of_relation(&alike) - 2. * of_relation(&apart)).abs() < 0.002);
    for (sentence, relation) in [(&alike, of_relation(&alike)), (&apart, of_relation(&apart))] {
        let (entity, whole) = (p(&sentence["entities"][0]), p(sentence));
        assert!(entity > 0.99 && whole > 0.99, "{sentence}");
        assert!((0.05..0.9).contains(&relation), "{sentence}");
        assert_eq!(
            *sentence,
            json!({
                "id": "standard input, line 1, sentence 1",
                "tokens": ["Oslo", "Bergen"],
                "entities": [
                    {"type": "Loc", "start": 0, "end": 1, "p": entity},
                    {"type": "Loc", "start": 1, "end": 2, "p": p(&sentence["entities"][1])},
                ],
                "relations": [
                    {"type": "Near", "head": 0, "tail": 1, "p": relation},
                    {"type": "Near", "head": 1, "tail": 0, "p": p(&sentence["relations"][1])},
                ],
                "p": whole,
            })
        );
    }
}

#[test]
fn models_that_number_their_types_differently_are_averaged_by_name() {
    let folder = Models::new();
    let loc = folder.model("loc.safetensors", |_| ());
    // Takes every word for a person, being the same network.
    let peop = folder.model("peop.safetensors", |metadata| {
        metadata.schema.entity_types.reverse();
    });
    let more = [Path::new("--probabilities")];
    let output = silver(&[loc, peop], &more, "Oslo\n");
    assert!(output.status.success(), "{}", message(&output));
    let sentence = json_text(std::str::from_utf8(&output.stdout).unwrap());
    assert_eq!(sentence["entities"].as_array().unwrap().len(), 1);
    assert!((p(&sentence["entities"][0]) - 0.5).abs() < 0.01);
    assert!((p(&sentence) - 0.5).abs() < 0.01, "{sentence}");
}

#[test]
fn sentences_that_the_models_are_sure_of_are_selected_as_a_corpus() {
    let folder = Models::new();
    let models = folder.of_thresholds(&[0.99, 0.99]);
    let text = "Oslo\nOslo Bergen\n";
    let select = |more: &[&str]| {
        let more = ["--select"].iter().chain(more).map(Path::new);
        let output = silver(&models, &more.collect::<Vec<_>>(), text);
        assert!(output.status.success(), "{}", message(&output));
        output
    };
    let sure = select(&["--relation-from", "0.05", "--margin", "0"]);
    assert_eq!(
        message(&sure),
        "wrote 1 of 2 sentences: 2 entities, 2 relations\n"
    );
    assert!(!std::str::from_utf8(&sure.stdout).unwrap().contains("\"p\""));
    for more in [
        &["--relation-from", "0.05", "--margin", "1"][..],
        &["--relation-from", "0.99", "--margin", "0"],
    ] {
        let none = select(more);
        assert!(
            message(&none).starts_with("wrote 0 of 2"),
            "{}",
            message(&none)
        );
    }
    for (more, named) in [
        (&["--select", "--margin", "1.5"][..], "from 0 to 1"),
        (&["--margin", "0.2"], "--select"),
        (&["--select", "--probabilities"], "cannot be used with"),
        (
            &["--probabilities", "--with-relations"],
            "cannot be used with",
        ),
    ] {
        let more: Vec<&Path> = more.iter().map(Path::new).collect();
        let output = silver(&models, &more, text);
        assert_eq!(output.status.code(), Some(2));
        assert!(message(&output).contains(named), "{}", message(&output));
    }
}

#[test]
fn more_sentences_than_are_annotated_at_once_are_all_written_in_order() {
    let folder = Models::new();
    let text: String = (0..1100).map(|number| format!("Oslo {number}\n")).collect();
    let output = silver(&folder.of_thresholds(&[0.25, 0.25]), &[], &text);
    let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
    let numbers = lines.map(|line| json_text(line)["tokens"][1].as_str().unwrap().to_owned());
    assert!(numbers.eq((0..1100).map(|number| number.to_string())));
}

#[test]
fn models_that_cannot_vote_and_text_without_sentences_are_refused_with_the_reason() {
    let folder = Models::new();
    let models = folder.of_thresholds(&[0.25, 0.25]);
    let renamed = folder.model("renamed.safetensors", |metadata| {
        metadata.schema.relation_types[0].name = "Far".into();
    });
    // As many names in the same order, told apart otherwise.
    let moved = folder.model("moved.safetensors", |metadata| {
        let color = metadata.schema.entity_types[0].color.clone();
        metadata.schema.entity_types[1] = EntityType {
            name: "Near".into(),
            color,
        };
        metadata.schema.relation_types[0].name = "Peop".into();
    });
    let split = folder.model("split.safetensors", |metadata| {
        metadata.hyphens = Hyphens::Split
    });
    let pair = |other: PathBuf| vec![models[0].clone(), other];
    for (models, text, parts) in [
        (
            vec![models[0].clone()],
            "Oslo",
            &["two models at least", "there is 1"][..],
        ),
        (
            pair(renamed),
            "Oslo",
            &["same labels", "Near", "number 2", "Far"],
        ),
        (pair(moved), "Oslo", &["same labels", "number 2"]),
        (pair(split), "Oslo", &["number 2", "hyphenated"]),
        (models.clone(), "\n \n", &["no sentences"]),
    ] {
        let output = silver(&models, &[], text);
        assert_eq!((output.status.code(), &*output.stdout), (Some(1), &b""[..]));
        let message = message(&output);
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in {message}");
        }
    }
    let missing = folder.0.path().join("missing.txt");
    let output = silver(&models, &[Path::new("--text"), &missing], "");
    assert!(
        message(&output).contains("missing.txt"),
        "{}",
        message(&output)
    );
}
