//! The rows of a sentence, and the entities and relations that they make together.

use spanarc_document::{Span, Token};

use super::{
    RowProblem, TagDialect,
    tags::{Position, Tag},
};
use crate::read_error::LineProblem;

pub(super) struct Row {
    pub(super) line: usize,
    pub(super) word: String,
    pub(super) written: String,
    pub(super) tag: Option<Tag>,
    pub(super) relations: Vec<(String, usize)>,
}

/// The rows of a sentence.
#[derive(Default)]
pub(super) struct Block {
    pub(super) rows: Vec<Row>,
    /// How many marks of documents stand before it.
    pub(super) document: usize,
    /// Whether a row of it was refused.
    pub(super) broken: bool,
}

/// An entity by the rows of its sentence.
pub(super) struct BlockEntity {
    pub(super) kind: String,
    pub(super) span: Span<Token>,
}

/// A relation by indices into the entities of its sentence, and the row on which it stands.
pub(super) struct BlockRelation {
    pub(super) kind: String,
    pub(super) head: usize,
    pub(super) tail: usize,
    pub(super) row: usize,
}

impl Block {
    pub(super) fn tags(&self) -> impl Iterator<Item = Option<&Tag>> {
        self.rows.iter().map(|row| row.tag.as_ref())
    }

    /// Its first line.
    pub(super) fn line(&self) -> usize {
        self.rows.first().map_or(0, |row| row.line)
    }

    /// The relations, or what is wrong with which lines.
    pub(super) fn relations(
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

    pub(super) fn entities(
        &self,
        dialect: TagDialect,
    ) -> Result<Vec<BlockEntity>, Vec<(usize, LineProblem)>> {
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
