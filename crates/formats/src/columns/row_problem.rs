//! What can be wrong with a row of columns.

use super::TagDialect;
use crate::quoting::quoted;

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    /// Another number of columns than the file's first row or the format has.
    #[error("{found} column{} instead of {expected}", if *found == 1 { "" } else { "s" })]
    Columns {
        /// Columns of this row.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A column that the rules name and the row does not have.
    #[error("there is no column {column}: the row has {columns}")]
    NoColumn {
        /// The column, from 1.
        column: usize,
        /// Columns of the row.
        columns: usize,
    },
    /// A row without a word.
    #[error("there is no word in column {column}")]
    NoWord {
        /// The column of the words, from 1.
        column: usize,
    },
    /// Something that is no tag.
    #[error(
        "{} in column {column} is no tag: neither O nor B-, I-, … with a type after it",
        quoted(tag)
    )]
    NoTag {
        /// What stands there.
        tag: String,
        /// The column, from 1.
        column: usize,
    },
    /// A tag that cannot stand after the one before it.
    #[error("{tag} cannot follow {previous} in {dialect} tags{}", hint(*dialect))]
    OutOfOrder {
        /// The tag.
        tag: String,
        /// The one before it, or the sentence's start.
        previous: String,
        /// How tags are read.
        dialect: TagDialect,
    },
    /// An entity that the sentence's end leaves open.
    #[error("{tag} is never finished by an L- or E- tag")]
    Unfinished {
        /// The last tag.
        tag: String,
    },
    /// A list of relation types and one of heads that do not belong together, or are no lists.
    #[error("{types} and {heads} are no lists of as many types as token numbers")]
    Lists {
        /// The list of types.
        types: String,
        /// The list of token numbers.
        heads: String,
    },
    /// A row of the five columns whose first is not its number.
    #[error(
        "the first column is {found:?} and should be {expected}, the token's number in its sentence"
    )]
    Number {
        /// What stands there.
        found: String,
        /// What should.
        expected: usize,
    },
    /// A relation from or to a token outside entities.
    #[error("the relation {kind} has token {token} as its {side}, which belongs to no entity")]
    NoEntity {
        /// Type of the relation.
        kind: String,
        /// Number of the token in its sentence, from 0.
        token: usize,
        /// `head` or `tail`.
        side: &'static str,
    },
}

fn hint(dialect: TagDialect) -> &'static str {
    match dialect {
        TagDialect::Bio => "; `tags = \"iob1\"` takes it for the beginning of an entity",
        _ => "",
    }
}
