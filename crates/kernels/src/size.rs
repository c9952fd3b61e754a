//! Whether a slice is as long as its shape says: the kernels' arguments come from outside.

use thiserror::Error;

/// A slice that does not fit its shape.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{name}` has {actual} elements, which is not the shape {shape:?}")]
pub struct SizeError {
    /// The argument.
    pub name: &'static str,
    /// The shape that it should have.
    pub shape: Vec<usize>,
    /// The elements that it has.
    pub actual: usize,
}

/// Errs unless `values` has as many elements as `shape`.
pub(crate) fn check_size(
    name: &'static str,
    values: &[f32],
    shape: &[usize],
) -> Result<(), SizeError> {
    check_length(name, values.len(), shape)
}

/// Errs unless `actual` is the number of elements of `shape`.
pub(crate) fn check_length(
    name: &'static str,
    actual: usize,
    shape: &[usize],
) -> Result<(), SizeError> {
    let expected = shape
        .iter()
        .try_fold(1usize, |product, &size| product.checked_mul(size));
    if expected == Some(actual) {
        return Ok(());
    }
    Err(SizeError {
        name,
        shape: shape.to_vec(),
        actual,
    })
}
