//! Lines to rows: which column is what, and where sentences and documents begin.

use std::sync::Arc;

use super::{
    RowProblem,
    block::{Block, Row},
    tags::parse_tag,
};
use crate::{lines::Lines, place::Place, reading::Reading};

/// Where in a row is what.
pub(super) struct Table {
    pub(super) multihead: bool,
    pub(super) word_column: Option<usize>,
    pub(super) tag_column: Option<usize>,
}

impl Table {
    /// The sentences all rows of which can be read.
    pub(super) fn blocks(
        &self,
        bytes: &[u8],
        source: &Arc<str>,
        reading: &mut Reading,
    ) -> Vec<Block> {
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

/// Whether the first column numbers the rows of every sentence, from 0 or 1, and is not all there is beside the tags.
pub(super) fn numbers_rows(bytes: &[u8]) -> bool {
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

/// Columns of a row: parted by tabs, or by spaces where there is no tab. Other white space, such as a no-break space,
/// belongs to the word.
pub(super) fn columns(row: &str) -> Vec<&str> {
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
pub(super) fn list(text: &str) -> Option<Vec<&str>> {
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
