//! The bundle: a trained model as one file.
//!
//! A bundle is a [safetensors](https://github.com/huggingface/safetensors) file. Its tensors bear the `VarBuilder`
//! paths of the network that was trained:
//!
//! - `F32` of any rank, or `I8` of shape `[rows, columns]` with a companion `<name>.scale`, `F32` of shape `[rows]`;
//!   the weight is `value · scale[row]`.
//! - `U8` of shape `[rows, columns / 2]` with a companion `<name>.scale4`: 4-bit values, two in a byte, the one of the lower
//!   column in its lower half. The companion is `F16` of shape `[rows, blocks]`, each for as many columns, an even number; the
//!   weight is `(half − 8) · scale4[row, block]`. It may also be `F32` of shape `[rows]`, as older bundles have it. [`quantize`]
//!   stores the embeddings of word pieces so.
//! - `vocabulary`, `U8`: the word pieces in UTF-8, joined by newlines, present where the network has an encoder.
//! - `words`, `U8`: the words of the word vectors in the same way, present where the network has such.
//!
//! `__metadata__` has the one key `spanarc`, which holds JSON: the format version, a SHA-256 of the header and of every
//! tensor, and [`BundleMetadata`]. Whoever writes a bundle can compute the hashes, so they prove no origin; they name
//! the place where a file was damaged.
//!
//! A file from an untrusted source can at worst be refused: every size is checked before anything is allocated, and what
//! is allocated afterwards is bounded by the length of the file.

mod backend;
mod error;
pub(crate) mod four_bits;
mod metadata;
mod quantize;
mod read;
#[cfg(test)]
mod tests;
mod validate;
mod write;

pub use error::BundleError;
pub use metadata::{BundleMetadata, EstimatedScores, MeasuredScores, Provenance, TrainingData};
pub use quantize::quantize;
pub use read::{Bundle, StoredTensor};
pub use write::{with_metadata, write};

/// The one version that this crate writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// Key of safetensors' `__metadata__`.
const METADATA_KEY: &str = "spanarc";

/// Name of the tensor of word pieces.
const PIECES: &str = "vocabulary";

/// Name of the tensor of words that have a vector.
const WORDS: &str = "words";

/// Suffix of the scales that belong to an int8 tensor.
pub(crate) const SCALE_SUFFIX: &str = ".scale";

/// Suffix of the scales that belong to a 4-bit tensor.
const SCALE4_SUFFIX: &str = ".scale4";

/// What the metadata key holds.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    format_version: u32,
    /// Over the file up to the first tensor, these 64 digits replaced by zeros.
    header_sha256: String,
    tensor_sha256: std::collections::BTreeMap<String, String>,
    model: BundleMetadata,
}

/// What precedes the digits of `header_sha256` in the header, where JSON stands within a JSON string.
const HASH_MARKER: &[u8] = br#"header_sha256\":\""#;

/// SHA-256 in lower-case hexadecimal digits.
fn sha256(parts: &[&[u8]]) -> String {
    use sha2::Digest as _;
    let mut hasher = sha2::Sha256::new();
    // In pieces, so that a browser's compiler can replace its first, slow version of the loop within a large tensor:
    // 20 MB take a tenth of a second instead of two thirds.
    for piece in parts.iter().flat_map(|part| part.chunks(1 << 14)) {
        hasher.update(piece);
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// SHA-256 of a header and the range of its own digits, or `None` where the header has no place for them.
fn header_sha256(header: &[u8]) -> Option<(String, std::ops::Range<usize>)> {
    let marker = header
        .windows(HASH_MARKER.len())
        .position(|window| window == HASH_MARKER)?;
    let digits = marker + HASH_MARKER.len()..marker + HASH_MARKER.len() + 64;
    let (before, after) = (header.get(..digits.start)?, header.get(digits.end..)?);
    Some((sha256(&[before, &[b'0'; 64], after]), digits))
}
