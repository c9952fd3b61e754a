//! What can go wrong between words and predictions.

/// Errors of the model crate.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A tensor operation failed: a shape mismatch, or a parameter missing from the source.
    #[error("network: {0}")]
    Tensor(#[from] candle_core::Error),
    /// The bundle was refused.
    #[error(transparent)]
    Bundle(#[from] crate::bundle::BundleError),
    /// The word-piece vocabulary cannot be used.
    #[error("word-piece vocabulary: {0}")]
    Vocabulary(String),
    /// The list of words cannot be used.
    #[error("words of the word vectors: {0}")]
    Words(String),
    /// The configuration contradicts itself.
    #[error("network configuration, {field}: {reason}")]
    Config {
        /// The field at fault.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A sentence cannot be turned into tags.
    #[error(transparent)]
    Tags(#[from] spanarc_corpus::TagError),
}

/// Result with [`ModelError`].
pub type Result<T> = std::result::Result<T, ModelError>;
