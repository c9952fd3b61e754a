//! Why a bundle is refused.

/// Errors of reading and writing bundles. Shapes are in elements, sizes in bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Too short to be a bundle, or not one at all.
    #[error("not a Spanarc bundle: {0}")]
    NotABundle(String),
    /// The file is shorter or longer than its header says.
    #[error(
        "the bundle has {found} bytes where its header announces {expected}: truncated or altered"
    )]
    Length {
        /// Length by the header.
        expected: u64,
        /// Length of the file.
        found: u64,
    },
    /// The header is larger than any bundle's.
    #[error(
        "this is no bundle: its first bytes announce a header of {found} bytes, the limit is {limit}"
    )]
    HeaderTooLarge {
        /// Length by the first eight bytes.
        found: u64,
        /// The most that is read.
        limit: u64,
    },
    /// The header is no table of tensors.
    #[error("the bundle's header, bytes 8 to {end}: {reason}")]
    Header {
        /// End of the header in the file.
        end: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Written by another version of the format.
    #[error("the bundle has format version {found}, this program reads version {supported}")]
    Version {
        /// Version of the file.
        found: u32,
        /// The one version that is read.
        supported: u32,
    },
    /// The metadata lacks a field or contradicts itself.
    #[error("bundle metadata, {field}: {reason}")]
    Metadata {
        /// Path of the field at fault.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Bytes do not match their SHA-256.
    #[error(
        "{what}, bytes {start} to {end} of the bundle, do not match their SHA-256: damaged or altered"
    )]
    Altered {
        /// The header, or a tensor by name.
        what: String,
        /// First byte in the file.
        start: usize,
        /// Byte after the last.
        end: usize,
    },
    /// A tensor that cannot be used.
    #[error("tensor `{name}` of shape {shape:?}: {reason}")]
    Tensor {
        /// Name in the file.
        name: String,
        /// Shape in the file.
        shape: Vec<usize>,
        /// What is wrong with it.
        reason: String,
    },
    /// The network has a parameter that the file lacks.
    #[error("the bundle has no tensor `{name}`, which the network needs in shape {expected:?}")]
    Missing {
        /// Name asked for.
        name: String,
        /// Shape asked for.
        expected: Vec<usize>,
    },
    /// The file has tensors that the network does not know.
    #[error("the network does not know these tensors of the bundle: {}", .0.join(", "))]
    Unused(Vec<String>),
    /// The bundle cannot be written.
    #[error("the bundle cannot be written: {0}")]
    Write(String),
}
