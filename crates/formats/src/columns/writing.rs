//! Columns to write: tags, and for the five columns the heads of relations.

use std::fmt::Write;

use super::TagDialect;
use crate::{
    annotated::{Annotated, TextToken, TokenSentence},
    by_tokens::{Discontinuous, SentenceView, by_tokens, describe_link},
    note::Note,
    quoting::quoted,
    type_names::TypeNames,
    writing::Notes,
};

/// The sentences of a document as two columns, word and tag, after a mark of the document. Relations have no place.
pub(crate) fn write_conll(
    annotated: &Annotated,
    sentences: &[TokenSentence],
    dialect: TagDialect,
    notes: &mut Notes<'_>,
) -> String {
    let mut text = "-DOCSTART-\tO\n\n".to_owned();
    let types = mention_types(annotated);
    for view in by_tokens(annotated, sentences, Discontinuous::Drop, notes) {
        for (link, ..) in &view.links {
            notes.add(Note::Relation, link.id, describe_link(annotated, link));
        }
        let (tags, _) = tags(annotated, &view, dialect, &types, notes);
        for (token, tag) in view.sentence.tokens.iter().zip(tags) {
            let _ = writeln!(text, "{}\t{tag}", word(token, &view, notes));
        }
        text.push('\n');
    }
    text
}

/// The sentences of a document as five columns, after a mark of the document.
pub(crate) fn write_multihead(
    annotated: &Annotated,
    sentences: &[TokenSentence],
    notes: &mut Notes<'_>,
) -> String {
    let mut text = format!(
        "#doc {}\n",
        annotated
            .id
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    );
    let types = mention_types(annotated);
    let links = annotated.document.links().iter();
    let relation_types = TypeNames::new(links.map(|link| &*link.kind), relation_kind);
    let views = by_tokens(annotated, sentences, Discontinuous::Drop, notes);
    for (number, view) in views.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let (tags, kept) = tags(annotated, view, TagDialect::Bio, &types, notes);
        for (index, (token, tag)) in view.sentence.tokens.iter().zip(tags).enumerate() {
            let (mut kinds, mut tails) = (Vec::new(), Vec::new());
            for (link, head, tail) in &view.links {
                let (head_kept, tail_kept) = (kept[*head], kept[*tail]);
                let [head, tail] = [head, tail].map(|&place| view.mentions[place].1.end - 1);
                if head != index {
                    continue;
                }
                if head_kept && tail_kept {
                    let described = describe_link(annotated, link);
                    let kind = relation_types.write(&link.kind, link.id, &described, notes);
                    kinds.push(format!("'{kind}'"));
                    tails.push(tail.to_string());
                } else {
                    notes.add(
                        Note::RelationOfDropped,
                        link.id,
                        describe_link(annotated, link),
                    );
                }
            }
            if kinds.is_empty() {
                kinds.push("'N'".to_owned());
                tails.push(index.to_string());
            }
            let word = word(token, view, notes);
            let _ = writeln!(
                text,
                "{index}\t{word}\t{tag}\t[{}]\t[{}]",
                kinds.join(", "),
                tails.join(", ")
            );
        }
    }
    text
}

/// A word that stays on its row and in its column.
fn word(token: &TextToken, view: &SentenceView<'_>, notes: &mut Notes<'_>) -> String {
    let plain = token
        .word
        .split(['\t', '\n', '\r', '\u{b}', '\u{c}', ' '])
        .filter(|part| !part.is_empty());
    let plain = plain.collect::<Vec<_>>().join("_");
    // A row of nothing would end the sentence.
    let plain = if plain.is_empty() {
        "_".to_owned()
    } else {
        plain
    };
    if plain != token.word {
        notes.add_whole(
            Note::TextChanged,
            format!(
                "the token {} of sentence {}",
                quoted(&token.word),
                view.sentence.id
            ),
        );
    }
    plain
}

/// A tag for each token, and which mentions have them: of two that overlap the longer, then the first.
fn tags(
    annotated: &Annotated,
    view: &SentenceView<'_>,
    dialect: TagDialect,
    types: &TypeNames<'_>,
    notes: &mut Notes<'_>,
) -> (Vec<String>, Vec<bool>) {
    let mut tags = vec!["O".to_owned(); view.sentence.tokens.len()];
    let mut kept = vec![false; view.mentions.len()];
    let mut order: Vec<usize> = (0..view.mentions.len()).collect();
    order.sort_by_key(|&index| (std::cmp::Reverse(view.mentions[index].1.len()), index));
    for index in order {
        let (mention, span) = view.mentions[index];
        if tags[span.start..span.end].iter().any(|tag| tag != "O") {
            notes.add(
                Note::OverlapDropped,
                mention.id,
                annotated.describe(mention),
            );
            continue;
        }
        kept[index] = true;
        let described = annotated.describe(mention);
        let kind = types.write(&mention.kind, mention.id, &described, notes);
        for (offset, tag) in tags[span.start..span.end].iter_mut().enumerate() {
            let is_last = offset + 1 == span.len();
            let prefix = match (dialect, offset == 0, is_last) {
                (TagDialect::Bilou, true, true) => "U",
                (TagDialect::Bilou, false, true) => "L",
                (_, true, _) => "B",
                (_, false, _) => "I",
            };
            *tag = format!("{prefix}-{kind}");
        }
    }
    (tags, kept)
}

fn mention_types(annotated: &Annotated) -> TypeNames<'_> {
    let mentions = annotated.document.mentions().iter();
    TypeNames::new(mentions.map(|mention| &*mention.kind), kind)
}

/// A type that stays in its column.
fn kind(kind: &str) -> String {
    kind.split_whitespace().collect::<Vec<_>>().join("_")
}

/// A type that stays an item of its list. `N` would be no relation.
fn relation_kind(name: &str) -> String {
    let plain = kind(name).replace([',', '\'', '"'], "_");
    if plain == "N" { "N_".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use crate::{
        any_document::{Words, read_one, read_text, written},
        by_tokens::Discontinuous,
        format::Format,
        note::Note,
    };

    #[test]
    fn two_types_that_columns_write_alike_are_noted() {
        let text = r#"{"text": "Ada Bo", "relations": [],
            "entities": [[0, 3, "Job title"], [4, 6, "Job_title"]]}"#;
        let mut annotated = read_one(Format::Json, &[text]);
        annotated.segment(&Words, None, Discontinuous::Drop, &mut Vec::new());
        for format in [Format::Conll, Format::Multihead] {
            let (_, notes) = written(format, &annotated);
            let subjects: Vec<_> = notes.iter().map(|noted| noted.subject.as_str()).collect();
            assert_eq!(
                subjects,
                [
                    "the type of Job title \"Ada\" (code points 0..3) is written Job_title, and so is the type \"Job_title\""
                ]
            );
        }
    }

    #[test]
    fn types_that_columns_cannot_hold_are_written_otherwise_with_a_note() {
        let text = r#"{"text": "Ada met Bo", "entities": [[0, 3, "Per son"], [8, 10, "P"]], "relations": [
            {"type": "N", "head": 0, "tail": 1}, {"type": "likes, 'so'", "head": 1, "tail": 0}]}"#;
        let mut annotated = read_one(Format::Json, &[text]);
        annotated.segment(&Words, None, Discontinuous::Drop, &mut Vec::new());
        let (files, notes) = written(Format::Multihead, &annotated);
        let changed = notes.iter().filter(|noted| noted.note == Note::TextChanged);
        assert_eq!(changed.count(), 3);
        let reading = read_text(Format::Multihead, &files);
        let document = &reading.documents[0].document;
        let kinds = document.links().iter().map(|link| link.kind.to_string());
        assert_eq!(kinds.collect::<Vec<_>>(), ["N_", "likes___so_"]);
        assert_eq!(&*document.mentions()[0].kind, "Per_son");
    }
}
