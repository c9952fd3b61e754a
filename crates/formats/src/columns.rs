//! Columns: a token a row, with its tag; a blank line, or one that begins with `#doc`, between sentences.
//!
//! ```text
//! -DOCSTART-  O            0  Parsers  B-Method  ['Used_For']  [2]
//!                          1  label    O         ['N']         [1]
//! Parsers     B-Method     2  phrases  B-Task    ['N']         [2]
//! label       O
//! phrases     B-Task
//! ```
//!
//! To the left columns as at the CoNLL shared tasks: any number, parted by tabs, or by spaces in a row without tabs. To the
//! right those of Bekoulis et al. 2018 (multi-head selection), parted by tabs: number of the token in its sentence, token,
//! tag, types of relations of which the token's entity is the head, and for each of them the number of a token (as
//! published, the last) of its tail; `N` is no relation.
//!
//! A line that begins with `#` and has no tag where the tags are is a comment. Where the first column numbers the rows of every
//! sentence from 1 (or 0) and more than two columns are there, the words are in the second.

mod block;
mod row_problem;
mod table;
mod tags;
mod writing;

use std::sync::Arc;

use block::Block;
pub use row_problem::RowProblem;
use spanarc_document::Attributes;
use table::{Table, columns, list, numbers_rows};
pub use tags::TagDialect;
use tags::{parse_tag, told_dialect};
pub(crate) use writing::{write_conll, write_multihead};

use crate::{
    Offsets,
    draft::{Draft, DraftLink, DraftMention},
    format::Format,
    lines::Lines,
    place::Place,
    quoting::quoted,
    read::ReadingRules,
    reading::Reading,
    token_text::TokenText,
};

/// Which of the two formats of columns a file has, by its first row; why it is none.
pub(crate) fn detect(start: &[u8]) -> Result<Format, String> {
    let mut lines = Lines::new(start, "").flatten();
    let Some((_, row)) = lines.find(|(_, line)| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with(['#']) && !line.starts_with("-DOCSTART-")
    }) else {
        return Ok(Format::Conll);
    };
    let columns: Vec<&str> = columns(&row);
    if columns.len() == 5 && columns[3..].iter().all(|column| list(column).is_some()) {
        Ok(Format::Multihead)
    } else if columns.len() > 1
        && columns[1..]
            .iter()
            .any(|column| parse_tag(column).is_some())
    {
        Ok(Format::Conll)
    } else {
        let start: String = row.chars().take(40).collect();
        Err(format!(
            "{} is no JSON, no XML and no row of columns with a tag (O, B-…, I-…)",
            quoted(&start)
        ))
    }
}

/// Reads a file of columns. Sentences are numbered from 1.
pub(crate) fn read(
    bytes: &[u8],
    source: &Arc<str>,
    format: Format,
    rules: &ReadingRules,
    reading: &mut Reading,
) {
    let multihead = format == Format::Multihead;
    let table = Table {
        multihead,
        word_column: rules
            .word_column
            .or_else(|| (!multihead && numbers_rows(bytes)).then_some(2)),
        tag_column: rules.tag_column,
    };
    let blocks = table.blocks(bytes, source, reading);
    let dialect = match rules.tags {
        TagDialect::Auto => told_dialect(blocks.iter().map(Block::tags)),
        dialect => dialect,
    };
    // Without marks of documents each sentence is one of its own.
    let marked = blocks.iter().any(|block| block.document > 0);
    let mut number = 0;
    let documents = blocks.chunk_by(|one, other| marked && one.document == other.document);
    for (index, blocks) in documents.enumerate() {
        read_document(blocks, index + 1, &mut number, dialect, source, reading);
    }
}

/// Reads the sentences of a document, which its number stands for; `number` counts the file's sentences.
fn read_document(
    blocks: &[Block],
    document: usize,
    number: &mut usize,
    dialect: TagDialect,
    source: &Arc<str>,
    reading: &mut Reading,
) {
    let mut text = TokenText::default();
    let mut sentences = Vec::new();
    for block in blocks {
        *number += 1;
        let place = Place::new(source, block.line());
        let parsed = block
            .entities(dialect)
            .and_then(|entities| Ok((block.relations(&entities)?, entities)));
        let (relations, entities) = match parsed {
            Ok(parsed) => parsed,
            Err(problems) => {
                for (line, problem) in problems {
                    reading.refuse(&Place::new(source, line), problem);
                }
                continue;
            }
        };
        let words = block.rows.iter().map(|row| row.word.clone()).collect();
        match text.push(number.to_string(), place.clone(), words) {
            Ok(sentence) => sentences.push((sentence, block, entities, relations)),
            Err(problem) => reading.refuse(&place, problem),
        }
    }
    let Some(place) = text
        .sentences
        .first()
        .map(|sentence| sentence.place.clone())
    else {
        return;
    };
    let mut draft = Draft::new(&text.text, Offsets::Byte);
    let name = |sentence: usize, entity: usize| format!("{sentence}:{entity}");
    for (sentence, block, entities, _) in &sentences {
        for (index, entity) in entities.iter().enumerate() {
            let row = &block.rows[entity.span.start];
            let place = Place::new(source, row.line);
            let span = match text.bytes(*sentence, entity.span, &row.written) {
                Ok(span) => span,
                Err(problem) => {
                    reading.refuse(&place, problem);
                    continue;
                }
            };
            let mention = DraftMention {
                id: Some(name(*sentence, index)),
                ..DraftMention::new(&entity.kind, [(span.start, span.end)])
            };
            draft.mention(mention, &row.written, &place, reading);
        }
    }
    for (sentence, block, _, relations) in &sentences {
        for relation in relations {
            let (head, tail) = (
                name(*sentence, relation.head),
                name(*sentence, relation.tail),
            );
            let place = Place::new(source, block.rows[relation.row].line);
            draft.link(
                DraftLink::new(&relation.kind, &head, &tail),
                &relation.kind,
                &place,
                reading,
            );
        }
    }
    draft.finish_sentences(
        document.to_string(),
        text.sentences.clone(),
        Attributes::default(),
        place,
        reading,
    );
}
