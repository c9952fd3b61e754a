//! Which files belong together.

use spanarc_formats::{Format, Layout};

/// A file that somebody chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct File<'a> {
    /// Its name, without folders.
    pub(crate) name: &'a str,
    /// Its bytes.
    pub(crate) bytes: &'a [u8],
}

impl<'a> File<'a> {
    /// The name without its ending.
    pub(crate) fn stem(&self) -> &'a str {
        self.name
            .rsplit_once('.')
            .map_or(self.name, |(stem, _)| stem)
    }

    fn ends_in(&self, ending: &str) -> bool {
        let found = self.name.rsplit_once('.').map(|(_, ending)| ending);
        found.is_some_and(|found| found.eq_ignore_ascii_case(ending))
    }
}

/// What is read at once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Source<'a> {
    /// A text and its annotations.
    Pair {
        format: Format,
        text: File<'a>,
        annotations: File<'a>,
    },
    /// A text without annotations.
    Text(File<'a>),
    /// A file of documents, of this format if it is known.
    Whole(File<'a>, Option<Format>),
}

/// The formats of which a document is a text and its annotations.
const PAIRED: [Format; 2] = [Format::Brat, Format::W3c];

/// The sources among `files`, in their order. A text stands beside annotations of the same name; one without is nothing but
/// text. Configurations and type systems beside other files are no documents.
pub(crate) fn sources<'a>(files: &[File<'a>], format: Option<Format>) -> Vec<Source<'a>> {
    let text_of = |annotations: &File| {
        let mut texts = files.iter().filter(|file| file.ends_in("txt"));
        texts
            .find(|text| text.stem() == annotations.stem())
            .copied()
    };
    // W3C's annotations are often called like any JSON.
    let is_plain = |file: &File| {
        file.ends_in("json")
            && text_of(file).is_some()
            && (format.is_some() || Format::detect(file.bytes) == Ok(Format::W3c))
    };
    let paired = |file: &File| {
        let mut formats = PAIRED
            .into_iter()
            .filter(|paired| format.is_none_or(|format| format == *paired));
        formats.find(|format| {
            file.ends_in(format.ending()) || *format == Format::W3c && is_plain(file)
        })
    };
    let has_annotations = |text: &File| {
        let mut others = files.iter().filter(|file| paired(file).is_some());
        others.any(|other| other.stem() == text.stem())
    };
    let is_whole = format.is_some_and(|format| !matches!(format.layout(), Layout::Files([_, _])));
    let source = |file: &File<'a>| match (paired(file), file.ends_in("txt") && !is_whole) {
        (Some(format), _) => Some(match text_of(file) {
            Some(text) => Source::Pair {
                format,
                text,
                annotations: *file,
            },
            None => Source::Whole(*file, Some(format)),
        }),
        (None, true) => (!has_annotations(file)).then_some(Source::Text(*file)),
        (None, false) => {
            let is_beside = files.len() > 1 && is_no_document(file);
            (!is_beside).then_some(Source::Whole(*file, format))
        }
    };
    files.iter().filter_map(source).collect()
}

fn is_no_document(file: &File) -> bool {
    file.ends_in("conf") || file.name.eq_ignore_ascii_case("TypeSystem.xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&'static str], format: Option<Format>) -> Vec<Source<'static>> {
        let files: Vec<_> = names.iter().map(|name| file(name)).collect();
        sources(&files, format)
    }

    fn file(name: &'static str) -> File<'static> {
        File { name, bytes: b"" }
    }

    fn pair(format: Format, text: &'static str, annotations: &'static str) -> Source<'static> {
        let (text, annotations) = (file(text), file(annotations));
        Source::Pair {
            format,
            text,
            annotations,
        }
    }

    #[test]
    fn a_text_goes_with_the_annotations_of_its_name_and_is_text_alone() {
        assert_eq!(
            found(
                &[
                    "a.v2.txt",
                    "a.v2.ann",
                    "b.txt",
                    "c.jsonld",
                    "c.txt",
                    "annotation.conf"
                ],
                None
            ),
            [
                pair(Format::Brat, "a.v2.txt", "a.v2.ann"),
                Source::Text(file("b.txt")),
                pair(Format::W3c, "c.txt", "c.jsonld"),
            ]
        );
    }

    #[test]
    fn annotations_of_w3c_may_be_called_like_any_json() {
        let text = file("a.txt");
        let page = File {
            name: "a.json",
            bytes: br#"{"type": "AnnotationPage", "items": []}"#,
        };
        let pair = Source::Pair {
            format: Format::W3c,
            text,
            annotations: page,
        };
        assert_eq!(sources(&[page, text], None), [pair]);
        let other = File {
            bytes: br#"{"text": "a", "entities": []}"#,
            ..page
        };
        assert_eq!(
            sources(&[other, text], None),
            [Source::Whole(other, None), Source::Text(text)]
        );
    }

    #[test]
    fn annotations_without_their_text_are_read_all_the_same_to_say_what_is_missing() {
        assert_eq!(
            found(&["a.ann"], None),
            [Source::Whole(file("a.ann"), Some(Format::Brat))]
        );
    }

    #[test]
    fn a_format_that_is_given_is_that_of_texts_too() {
        let conll = Some(Format::Conll);
        assert_eq!(
            found(&["a.txt"], conll),
            [Source::Whole(file("a.txt"), conll)]
        );
    }
}
