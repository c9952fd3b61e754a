//! The files that the guide shows: each section called after a format begins with the same document in it.

use spanarc_formats::{Format, Layout, Reading, ReadingRules};

use crate::{
    GUIDE,
    content::Content,
    files::{read_file, read_two},
};

/// The blocks of code in the section of a format.
fn blocks(format: Format) -> Vec<&'static str> {
    let heading = format!("\n### `{}`", format.name());
    let (_, section) = GUIDE
        .split_once(&heading)
        .unwrap_or_else(|| panic!("docs/formats.md has no section{heading}"));
    let section = section.split("\n### ").next().unwrap();
    let mut blocks = Vec::new();
    let mut rest = section;
    while let Some((_, code)) = rest.split_once("\n```") {
        let (code, after) = code.split_once("\n```\n").expect("a block that ends");
        blocks.push(code.split_once('\n').expect("a language").1);
        rest = after;
    }
    blocks
}

/// What the section's first block holds, or the first two where a document is two files.
fn example(format: Format) -> Reading {
    let blocks = blocks(format);
    match format.layout() {
        Layout::Files([_, _]) => read_two(format, "t", blocks[0].as_bytes(), blocks[1].as_bytes()),
        _ => read_file(format, "t", blocks[0].as_bytes(), &ReadingRules::default()),
    }
}

#[test]
fn every_example_is_read_and_says_the_same() {
    let whole = Content::of(&example(Format::Text).documents);
    for format in Format::ALL {
        let reading = example(format);
        let refused: Vec<_> = reading.refused.iter().map(ToString::to_string).collect();
        assert_eq!(refused, Vec::<String>::new(), "{}", format.name());
        let said = Content::of(&reading.documents);
        if format == Format::Conll {
            assert_eq!(said, whole.without_relations());
        } else {
            assert_eq!(said, whole, "{}", format.name());
        }
    }
}

#[test]
fn every_example_is_told_by_its_content() {
    for format in Format::ALL {
        if !matches!(format.layout(), Layout::Files([_, _])) {
            let told = Format::detect(blocks(format)[0].as_bytes());
            assert_eq!(told.as_ref(), Ok(&format));
        }
    }
}
