//! What a corpus holds and what is wrong with it.

use std::path::Path;

use tempfile::tempdir;

use crate::{sample, spanarc, stdout};

#[test]
fn a_corpus_is_described_with_its_labels_and_their_signatures() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/abstracts-brat");
    let output = spanarc(["check".as_ref(), "--data".as_ref(), data.as_os_str()], b"");
    let text = stdout(&output);
    for part in [
        "train, format brat: 24 sentences in 6 documents",
        "dev, format brat: 8 sentences in 2 documents",
        "Component",
        "Extends               2        1  Dataset → Dataset",
        "Used_For              6        2  Method → Task",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn every_fault_is_named_and_the_exit_status_tells_of_them() {
    let folder = tempdir().unwrap();
    let text = "Parsers label trees\n";
    let annotations = "T1\tMethod 0 7\tParsers\nT2\tTask 0 7;14 19\tParsers trees\nR1\tFor Arg1:T1 Arg2:T9\nA1\tSure T1\n";
    sample::file(folder.path(), "a.txt", text.as_bytes());
    sample::file(folder.path(), "a.ann", annotations.as_bytes());
    let data = folder.path().as_os_str();
    let output = spanarc(["check".as_ref(), "--data".as_ref(), data], b"");
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stdout).unwrap();
    for part in [
        "1  attributes passed over",
        "a.ann, line 2: T2 is discontinuous (0 7;14 19)",
        "a.ann, line 3: R1 names T9, which is not there",
    ] {
        assert!(printed.contains(part), "{part:?} is not in {printed}");
    }
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: 2 lines of the corpus are refused\n"
    );
}
