//! What can be wrong with a file of WebAnno TSV.

/// Why a line cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TsvProblem {
    /// Another format, or another version of it.
    #[error("the file begins with {found:?}, not with `#FORMAT=WebAnno TSV 3.3` or another 3.x")]
    Format {
        /// The first line.
        found: String,
    },
    /// A relation layer that does not say what it relates.
    #[error(
        "the relation layer {layer} has no column `BT_…`, which names the layer that it relates"
    )]
    NoBase {
        /// The layer.
        layer: String,
    },
    /// A row that is too short.
    #[error(
        "the row has {found} column{}, and the header asks for {expected}",
        if *found == 1 { "" } else { "s" }
    )]
    Columns {
        /// Columns of the row.
        found: usize,
        /// What the header asks for.
        expected: usize,
    },
    /// A first column that names no token.
    #[error("the row begins with {found:?}, which is no token's number such as 1-2 or 1-2.1")]
    Number {
        /// What stands there.
        found: String,
    },
    /// A token's number for the second time.
    #[error("row {number} stands on line {first} already")]
    Repeated {
        /// The number.
        number: String,
        /// Where it stands first.
        first: usize,
    },
    /// A second column without offsets.
    #[error("the second column is {found:?}, which are no offsets such as 4-9")]
    Offsets {
        /// What stands there.
        found: String,
    },
    /// A token before any text.
    #[error("the row belongs to no sentence: there is no line `#Text=` above it")]
    NoText,
    /// A text without tokens.
    #[error("the sentence has no rows, whose offsets say where it is")]
    NoRows,
    /// A sentence that begins inside the one in front of it, or far behind it.
    #[error(
        "the sentence begins at {begin}, and the one in front of it ends at {end}; offsets count {unit}s"
    )]
    Place {
        /// Where it begins.
        begin: usize,
        /// Where the text ends so far.
        end: usize,
        /// Name of the offsets' unit.
        unit: &'static str,
    },
    /// Offsets outside the sentence.
    #[error(
        "row {row} has the offsets {begin}-{end}, and its sentence {start}-{stop}; offsets count {unit}s"
    )]
    Outside {
        /// The row's number.
        row: String,
        /// Where it begins.
        begin: usize,
        /// Where it ends.
        end: usize,
        /// Where the sentence begins.
        start: usize,
        /// Where the sentence ends.
        stop: usize,
        /// Name of the offsets' unit.
        unit: &'static str,
    },
}
