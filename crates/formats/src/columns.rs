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

mod row_problem;
mod tags;
mod writing;

use std::sync::Arc;

pub use row_problem::RowProblem;
use spanarc_document::{Attributes, Span, Token};
pub use tags::TagDialect;
use tags::{Position, Tag, parse_tag, told_dialect};
pub(crate) use writing::{write_conll, write_multihead};

use crate::{
    draft::{Draft, DraftLink, DraftMention, Offsets},
    format::Format,
    lines::Lines,
    place::Place,
    read::ReadingRules,
    read_error::LineProblem,
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
            "{start:?} is no JSON, no XML and no row of columns with a tag (O, B-…, I-…)"
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

/// Whether the first column numbers the rows of every sentence, from 0 or 1, and is not all there is beside the tags.
fn numbers_rows(bytes: &[u8]) -> bool {
    let mut expected: Option<usize> = None;
    let (mut rows, mut longest) = (0, 0);
    for (_, line) in Lines::new(bytes, "").flatten() {
        if line.trim().is_empty() || line.starts_with("-DOCSTART-") || line.starts_with("#doc") {
            (expected, rows) = (None, 0);
            continue;
        }
        let columns = columns(&line);
        if line.starts_with('#')
            && columns
                .first()
                .is_none_or(|first| first.parse::<usize>().is_err())
        {
            continue;
        }
        let number = columns.first().and_then(|first| first.parse().ok());
        let fits = number.is_some_and(|number: usize| {
            expected.map_or(number <= 1, |expected| number == expected)
        });
        if !fits || columns.len() < 3 {
            return false;
        }
        expected = number.map(|number| number + 1);
        rows += 1;
        longest = longest.max(rows);
    }
    longest > 1
}

/// An entity by the rows of its sentence.
struct BlockEntity {
    kind: String,
    span: Span<Token>,
}

/// A relation by indices into the entities of its sentence, and the row on which it stands.
struct BlockRelation {
    kind: String,
    head: usize,
    tail: usize,
    row: usize,
}

struct Row {
    line: usize,
    word: String,
    written: String,
    tag: Option<Tag>,
    relations: Vec<(String, usize)>,
}

/// The rows of a sentence.
#[derive(Default)]
struct Block {
    rows: Vec<Row>,
    /// How many marks of documents stand before it.
    document: usize,
    /// Whether a row of it was refused.
    broken: bool,
}

/// Where in a row is what.
struct Table {
    multihead: bool,
    word_column: Option<usize>,
    tag_column: Option<usize>,
}

impl Table {
    /// The sentences all rows of which can be read.
    fn blocks(&self, bytes: &[u8], source: &Arc<str>, reading: &mut Reading) -> Vec<Block> {
        let mut blocks = vec![Block::default()];
        let mut width = self.multihead.then_some(5);
        // How many rows the sentence has, those included that cannot be read.
        let mut rows = 0;
        let mut document = 0;
        for line in Lines::new(bytes, Arc::clone(source)) {
            let outcome = match line {
                Ok((_, line)) if line.trim().is_empty() || self.begins_document(&line) => {
                    document += usize::from(self.begins_document(&line));
                    blocks.push(Block {
                        document,
                        ..Block::default()
                    });
                    rows = 0;
                    continue;
                }
                Ok((_, line)) if line.starts_with('#') && !self.has_tag(&line) => continue,
                Ok((number, line)) => {
                    let width = *width.get_or_insert(columns(&line).len());
                    rows += 1;
                    self.row(number, rows - 1, &line, width)
                        .map_err(|problem| Place::new(source, number).refuse(problem))
                }
                Err(error) => Err(error),
            };
            if let Some(block) = blocks.last_mut() {
                match outcome {
                    Ok(row) => block.rows.push(row),
                    Err(error) => {
                        block.broken = true;
                        reading.refused.push(error);
                    }
                }
            }
        }
        blocks.retain(|block| !block.broken && !block.rows.is_empty());
        blocks
    }

    fn begins_document(&self, line: &str) -> bool {
        line.starts_with("-DOCSTART-") || (self.multihead && line.starts_with("#doc"))
    }

    /// The columns of word and tag, from 0, in a row of that many columns.
    fn word_and_tag(&self, columns: usize) -> Result<(usize, usize), RowProblem> {
        let at = |column: usize| match column.checked_sub(1) {
            Some(index) if index < columns => Ok(index),
            _ => Err(RowProblem::NoColumn { column, columns }),
        };
        if self.multihead {
            return Ok((at(2)?, at(3)?));
        }
        Ok((
            at(self.word_column.unwrap_or(1))?,
            at(self.tag_column.unwrap_or(columns))?,
        ))
    }

    fn has_tag(&self, line: &str) -> bool {
        let columns = columns(line);
        let place = self.word_and_tag(columns.len());
        columns.len() > 1 && place.is_ok_and(|(_, tag)| parse_tag(columns[tag]).is_some())
    }

    fn row(
        &self,
        line: usize,
        index: usize,
        text: &str,
        expected: usize,
    ) -> Result<Row, RowProblem> {
        let columns = columns(text);
        if columns.len() != expected {
            let found = columns.len();
            return Err(RowProblem::Columns { found, expected });
        }
        let (word, tag) = self.word_and_tag(columns.len())?;
        if columns[word].is_empty() {
            return Err(RowProblem::NoWord { column: word + 1 });
        }
        let written = columns[tag].trim();
        let no_tag = || RowProblem::NoTag {
            tag: written.to_owned(),
            column: tag + 1,
        };
        let relations = if self.multihead {
            if columns[0].parse() != Ok(index) {
                let (found, expected) = (columns[0].to_owned(), index);
                return Err(RowProblem::Number { found, expected });
            }
            relations(columns[3], columns[4])?
        } else {
            Vec::new()
        };
        Ok(Row {
            line,
            word: columns[word].to_owned(),
            written: written.to_owned(),
            tag: parse_tag(written).ok_or_else(no_tag)?,
            relations,
        })
    }
}

impl Block {
    fn tags(&self) -> impl Iterator<Item = Option<&Tag>> {
        self.rows.iter().map(|row| row.tag.as_ref())
    }

    /// Its first line.
    fn line(&self) -> usize {
        self.rows.first().map_or(0, |row| row.line)
    }

    /// The relations, or what is wrong with which lines.
    fn relations(
        &self,
        entities: &[BlockEntity],
    ) -> Result<Vec<BlockRelation>, Vec<(usize, LineProblem)>> {
        let entity_at = |token: usize| {
            let mut entities = entities.iter();
            entities.position(|entity| entity.span.start <= token && token < entity.span.end)
        };
        let mut relations = Vec::new();
        let mut problems = Vec::new();
        for (token, row) in self.rows.iter().enumerate() {
            for (kind, other) in &row.relations {
                let argument = |token: usize, side| {
                    let kind = kind.clone();
                    entity_at(token).ok_or(RowProblem::NoEntity { kind, token, side })
                };
                match argument(token, "head").and_then(|head| Ok((head, argument(*other, "tail")?)))
                {
                    Ok((head, tail)) => relations.push(BlockRelation {
                        kind: kind.clone(),
                        head,
                        tail,
                        row: token,
                    }),
                    Err(problem) => problems.push((row.line, problem.into())),
                }
            }
        }
        if problems.is_empty() {
            Ok(relations)
        } else {
            Err(problems)
        }
    }

    fn entities(&self, dialect: TagDialect) -> Result<Vec<BlockEntity>, Vec<(usize, LineProblem)>> {
        let mut entities: Vec<BlockEntity> = Vec::new();
        let mut problems = Vec::new();
        let mut previous: Option<&Row> = None;
        for (token, row) in self.rows.iter().enumerate() {
            let open = previous.and_then(|row| row.tag.as_ref()).filter(|tag| {
                dialect != TagDialect::Bilou
                    || matches!(tag.position, Position::Begin | Position::Inside)
            });
            let continues = row.tag.as_ref().is_some_and(|tag| {
                matches!(tag.position, Position::Inside | Position::Last)
                    && open.is_some_and(|open| open.kind == tag.kind)
            });
            let continuing = row
                .tag
                .as_ref()
                .is_some_and(|tag| !matches!(tag.position, Position::Begin | Position::Unit));
            let unfinished = dialect == TagDialect::Bilou && open.is_some() && !continues;
            if dialect != TagDialect::Iob1 && continuing && !continues || unfinished {
                problems.push((row.line, out_of_order(previous, row, dialect).into()));
            }
            if let (true, Some(last)) = (continues, entities.last_mut()) {
                last.span.end = token + 1;
            } else if let Some(tag) = &row.tag {
                entities.push(BlockEntity {
                    kind: tag.kind.clone(),
                    span: Span::new(token, token + 1),
                });
            }
            previous = Some(row);
        }
        let last = previous.and_then(|row| Some((row, row.tag.as_ref()?.position)));
        if let (TagDialect::Bilou, Some((row, Position::Begin | Position::Inside))) =
            (dialect, last)
        {
            let tag = row.written.clone();
            problems.push((row.line, RowProblem::Unfinished { tag }.into()));
        }
        if problems.is_empty() {
            Ok(entities)
        } else {
            Err(problems)
        }
    }
}

fn out_of_order(previous: Option<&Row>, row: &Row, dialect: TagDialect) -> RowProblem {
    let start = || "the sentence's start".to_owned();
    RowProblem::OutOfOrder {
        tag: row.written.clone(),
        previous: previous.map_or_else(start, |row| row.written.clone()),
        dialect,
    }
}

/// Columns of a row: parted by tabs, or by spaces where there is no tab. Other white space, such as a no-break space,
/// belongs to the word.
fn columns(row: &str) -> Vec<&str> {
    if row.contains('\t') {
        row.trim_end_matches(['\t', ' '])
            .split('\t')
            .map(str::trim_ascii)
            .collect()
    } else {
        row.split_ascii_whitespace().collect()
    }
}

/// The items of a list in brackets, without the quotes around them.
fn list(text: &str) -> Option<Vec<&str>> {
    let items = text.strip_prefix('[')?.strip_suffix(']')?;
    let items = items.split(',').map(str::trim);
    Some(
        items
            .filter(|item| !item.is_empty())
            .map(|item| item.trim_matches(['\'', '"']))
            .collect(),
    )
}

/// Type and number of a tail's token for each relation of a row.
fn relations(types: &str, heads: &str) -> Result<Vec<(String, usize)>, RowProblem> {
    let problem = || RowProblem::Lists {
        types: types.to_owned(),
        heads: heads.to_owned(),
    };
    let (kinds, tokens) = (
        list(types).ok_or_else(problem)?,
        list(heads).ok_or_else(problem)?,
    );
    if kinds.len() != tokens.len() {
        return Err(problem());
    }
    kinds
        .into_iter()
        .zip(tokens)
        .filter(|&(kind, _)| kind != "N")
        .map(|(kind, token)| {
            let token = token.parse().map_err(|_| problem())?;
            Ok((kind.to_owned(), token))
        })
        .collect()
}
