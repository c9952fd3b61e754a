//! Where sentences end, kind by kind: `boundaries.txt` has the texts.

use spanarc_corpus::Hyphens;
use spanarc_segmentation::sentence::sentences;

const END: &str = " | ";

#[test]
fn sentences_end_where_a_careful_reader_ends_them() {
    let mut group = "";
    let mut wrong = String::new();
    for line in include_str!("boundaries.txt").lines() {
        if let Some(heading) = line.strip_prefix("# ") {
            group = heading;
        } else {
            let text = line.replace(END, " ");
            let found: Vec<&str> = sentences(&text, Hyphens::Joined)
                .into_iter()
                .map(|span| &text[span.start..span.end])
                .collect();
            let found = found.join(END);
            if found != line {
                wrong += &format!("{group}\n  expected {line}\n  found    {found}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
