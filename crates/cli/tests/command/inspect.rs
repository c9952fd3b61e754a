use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{sample, spanarc, stdout};

#[test]
fn a_bundle_tells_labels_network_and_tensors() {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let output = spanarc(["inspect", model.to_str().unwrap()], b"");
    let text = stdout(&output);
    for part in [
        "everything is a place (en)",
        "relation threshold  0.25",
        "#4477aa  Near: any",
        "cell                          gru",
        "corpora                       written for tests",
        "emission.bias",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn a_bundle_is_described_as_json() {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let output = spanarc(["inspect", model.to_str().unwrap(), "--json"], b"");
    let value: Value = serde_json::from_str(stdout(&output)).unwrap();
    assert_eq!(value["bytes"], sample::bundle().len());
    assert_eq!(
        value["metadata"]["schema"]["entity_types"][1]["name"],
        "Peop"
    );
    let tensors = value["tensors"].as_array().unwrap();
    let bias = json!({"name": "emission.bias", "dtype": "F32", "shape": [5], "bytes": 20});
    assert!(tensors.contains(&bias));
    let bytes: u64 = tensors
        .iter()
        .map(|tensor| tensor["bytes"].as_u64().unwrap())
        .sum();
    assert_eq!(value["parameters"], bytes / 4);
}
