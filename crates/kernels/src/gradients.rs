//! What the backward pass of a map of rows with a weight and a bias gives.

/// Gradients of a loss with respect to the arguments of a map, each of its argument's shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradients {
    /// Of the rows.
    pub xs: Vec<f32>,
    /// Of the weight.
    pub weight: Vec<f32>,
    /// Of the bias.
    pub bias: Vec<f32>,
}
