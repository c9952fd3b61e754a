//! Reading a bundle without copying it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{DType, Device};
use candle_nn::VarBuilder;
use half::f16;
use safetensors::Dtype;
use safetensors::tensor::Metadata;
use serde::de::DeserializeOwned;

use super::backend::BundleBackend;
use super::{
    BundleError, BundleMetadata, Envelope, FORMAT_VERSION, METADATA_KEY, PIECES, SCALE_SUFFIX,
    SCALE4_SUFFIX, WORDS, header_sha256, sha256, validate,
};
use crate::{embedding::word_vectors, features::Vocabularies};

/// Largest header that is read; that of a network with a hundred tensors has some 40 kB.
pub(super) const HEADER_LIMIT: usize = 1 << 20;

/// A tensor as it lies in the file: little-endian, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTensor<'a> {
    /// `F32`, `I8`, `U8` for 4-bit values, or `F16` for the scales of these.
    pub dtype: Dtype,
    /// Elements in each dimension; of 4-bit values a row has half as many as columns.
    pub shape: Vec<usize>,
    /// The elements.
    pub bytes: Cow<'a, [u8]>,
}

impl StoredTensor<'_> {
    /// The shape of the weights: that of the tensor, or twice as many columns for 4-bit values.
    pub fn matrix_shape(&self) -> Vec<usize> {
        match (self.dtype, &self.shape[..]) {
            (Dtype::U8, [rows, bytes]) => vec![*rows, bytes.saturating_mul(2)],
            _ => self.shape.clone(),
        }
    }

    /// The values of a floating-point tensor; of another there are none.
    pub(super) fn floats(&self) -> impl Iterator<Item = f32> {
        let (singles, halves) = match self.dtype {
            Dtype::F32 => (&self.bytes[..], &[][..]),
            Dtype::F16 => (&[][..], &self.bytes[..]),
            _ => Default::default(),
        };
        let singles = singles.as_chunks().0.iter();
        let halves = halves.as_chunks().0.iter();
        let singles = singles.map(|value| f32::from_le_bytes(*value));
        singles.chain(halves.map(|value| f16::from_le_bytes(*value).to_f32()))
    }

    /// Name of the tensor with the scales, where this one, called `name`, has such.
    pub(super) fn scale_name(&self, name: &str) -> Option<String> {
        match self.dtype {
            Dtype::I8 => Some(format!("{name}{SCALE_SUFFIX}")),
            Dtype::U8 => Some(format!("{name}{SCALE4_SUFFIX}")),
            _ => None,
        }
    }
}

/// A tensor and whether a network has asked for it.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) tensor: StoredTensor<'a>,
    pub(super) used: AtomicBool,
}

/// A bundle that was found sound, over the bytes of its file.
#[derive(Debug)]
pub struct Bundle<'a> {
    metadata: BundleMetadata,
    vocabularies: Vocabularies<'a>,
    tensors: Arc<BTreeMap<String, Entry<'a>>>,
}

impl<'a> Bundle<'a> {
    /// Checks a whole file: sizes, version, metadata, hashes, and every tensor by itself. Whether the tensors are those
    /// of the network shows when it is built with [`Self::var_builder`], and with [`Self::check_all_used`] afterwards.
    pub fn parse(file: &'a [u8]) -> Result<Self, BundleError> {
        Self::parse_by(file, Hashes::Compared)
    }

    /// The same of a file whose SHA-256 as a whole is known to be the expected one: the hashes of its parts, which take as
    /// long again as all else, are not computed.
    pub fn parse_known(file: &'a [u8]) -> Result<Self, BundleError> {
        Self::parse_by(file, Hashes::Passed)
    }

    fn parse_by(file: &'a [u8], by: Hashes) -> Result<Self, BundleError> {
        let header = header(file)?;
        let table: Metadata =
            serde_json::from_slice(&header[8..]).map_err(|error| BundleError::Header {
                end: header.len(),
                reason: error.to_string(),
            })?;
        let expected = header.len() as u64 + table.data_len() as u64;
        if expected != file.len() as u64 {
            return Err(BundleError::Length {
                expected,
                found: file.len() as u64,
            });
        }
        let text = (table
            .metadata()
            .as_ref()
            .and_then(|map| map.get(METADATA_KEY)))
        .ok_or_else(|| {
            BundleError::NotABundle(format!("its metadata lacks the key `{METADATA_KEY}`"))
        })?;
        let envelope = envelope(text)?;
        validate::validate(&envelope.model)?;
        if by == Hashes::Compared
            && header_sha256(header).is_none_or(|(found, _)| found != envelope.header_sha256)
        {
            return Err(BundleError::Altered {
                what: "the header".into(),
                start: 0,
                end: header.len(),
            });
        }
        let mut tensors = tensors(file, header.len(), &table, &envelope.tensor_sha256, by)?;
        let mut vocabulary = |name: &'static str| {
            let tensor = tensors.remove(name);
            tensor.map(|tensor| text_of(name, tensor)).transpose()
        };
        let vocabularies = Vocabularies {
            pieces: vocabulary(PIECES)?,
            words: vocabulary(WORDS)?,
        };
        check_vocabularies(vocabularies, &envelope.model)?;
        for (name, tensor) in &tensors {
            check_tensor(name, tensor, &tensors)?;
        }
        let entry = |(name, tensor)| {
            let used = AtomicBool::new(false);
            (name, Entry { tensor, used })
        };
        Ok(Self {
            metadata: envelope.model,
            vocabularies,
            tensors: Arc::new(tensors.into_iter().map(entry).collect()),
        })
    }

    /// Everything but weights and vocabularies.
    pub fn metadata(&self) -> &BundleMetadata {
        &self.metadata
    }

    /// The texts that the network reads by, as many as it needs.
    pub fn vocabularies(&self) -> Vocabularies<'a> {
        self.vocabularies
    }

    /// The tensors as they lie in the file, by name; the scales of quantised tensors among them.
    pub fn tensors(&self) -> impl ExactSizeIterator<Item = (&str, &StoredTensor<'a>)> {
        self.tensors
            .iter()
            .map(|(name, entry)| (name.as_str(), &entry.tensor))
    }

    /// Names of the network's parameters: of all tensors but the scales of quantised ones.
    pub fn parameter_names(&self) -> impl Iterator<Item = &str> {
        let is_scale = |name: &str| {
            [SCALE_SUFFIX, SCALE4_SUFFIX].into_iter().any(|suffix| {
                let scaled = name.strip_suffix(suffix);
                let entry = scaled.and_then(|scaled| Some((scaled, self.tensors.get(scaled)?)));
                entry.is_some_and(|(scaled, entry)| {
                    entry.tensor.scale_name(scaled).as_deref() == Some(name)
                })
            })
        };
        let names = self.tensors.keys().map(String::as_str);
        names.filter(move |name| !is_scale(name))
    }

    /// The weights for a network that is to be built on `device`.
    ///
    /// Asked for a floating-point type, an int8 tensor is dequantised. A layer that keeps int8 sees by
    /// `contains_tensor("<name>.scale")` that it can, and asks for `<name>` as [`DType::U8`] (every value + 128)
    /// and for `<name>.scale`, `[rows]`.
    ///
    /// With a 4-bit tensor that is `<name>.scale4`, `[rows]` or `[rows, blocks]`, and `<name>` as [`DType::U8`] is
    /// `[rows, columns / 2]`, as it lies in the file.
    ///
    /// A missing tensor and a wrong shape are errors that name the tensor, the shape expected and the shape found.
    pub fn var_builder(&self, device: &Device) -> VarBuilder<'a> {
        let backend = BundleBackend::new(self.tensors.clone());
        VarBuilder::from_backend(Box::new(backend), DType::F32, device.clone())
    }

    /// To be called when the network is built: errs with the names of the tensors that it did not ask for.
    pub fn check_all_used(&self) -> Result<(), BundleError> {
        let unused = |(name, entry): (&String, &Entry)| {
            let used = entry.used.load(Ordering::Relaxed);
            (!used).then(|| name.clone())
        };
        let unused: Vec<String> = self.tensors.iter().filter_map(unused).collect();
        if unused.is_empty() {
            Ok(())
        } else {
            Err(BundleError::Unused(unused))
        }
    }
}

/// The part of the file before the first tensor: eight bytes of length and the table.
fn header(file: &[u8]) -> Result<&[u8], BundleError> {
    let Some((length, _)) = file.split_first_chunk::<8>() else {
        return Err(BundleError::NotABundle(format!(
            "it has {} bytes",
            file.len()
        )));
    };
    let length = u64::from_le_bytes(*length);
    if length > HEADER_LIMIT as u64 {
        return Err(BundleError::HeaderTooLarge {
            found: length,
            limit: HEADER_LIMIT as u64,
        });
    }
    file.get(..8 + length as usize).ok_or(BundleError::Length {
        expected: 8 + length,
        found: file.len() as u64,
    })
}

fn envelope(text: &str) -> Result<Envelope, BundleError> {
    #[derive(serde::Deserialize)]
    struct Version {
        format_version: u32,
    }
    let Version { format_version } = json(text)?;
    if format_version != FORMAT_VERSION {
        return Err(BundleError::Version {
            found: format_version,
            supported: FORMAT_VERSION,
        });
    }
    json(text)
}

/// Parses JSON; an error names the path of the field.
fn json<T: DeserializeOwned>(text: &str) -> Result<T, BundleError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        BundleError::Metadata {
            field: error.path().to_string(),
            reason: error.into_inner().to_string(),
        }
    })?;
    deserializer.end().map_err(|error| BundleError::Metadata {
        field: ".".into(),
        reason: error.to_string(),
    })?;
    Ok(value)
}

/// What becomes of the hashes in a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hashes {
    Compared,
    Passed,
}

/// The tensors of the table, each with the type, finite values and hash that it must have.
fn tensors<'a>(
    file: &'a [u8],
    data: usize,
    table: &Metadata,
    hashes: &BTreeMap<String, String>,
    by: Hashes,
) -> Result<BTreeMap<String, StoredTensor<'a>>, BundleError> {
    let mut tensors = BTreeMap::new();
    for (name, info) in table.tensors() {
        let (start, end) = (data + info.data_offsets.0, data + info.data_offsets.1);
        let refuse = |reason: String| BundleError::Tensor {
            name: name.clone(),
            shape: info.shape.clone(),
            reason,
        };
        let bytes = file
            .get(start..end)
            .ok_or_else(|| refuse("lies outside the file".into()))?;
        match info.dtype {
            Dtype::U8 if is_text(&name) => {}
            Dtype::F32 | Dtype::I8 | Dtype::U8 if !is_text(&name) => {}
            Dtype::F16 if name.ends_with(SCALE4_SUFFIX) => {}
            other => {
                return Err(refuse(format!(
                    "has the type {other}, which no bundle has here"
                )));
            }
        }
        let hash = hashes
            .get(&name)
            .ok_or_else(|| refuse("has no SHA-256 in the metadata".into()))?;
        if by == Hashes::Compared && *hash != sha256(&[bytes]) {
            return Err(BundleError::Altered {
                what: format!("tensor `{name}` of shape {:?}", info.shape),
                start,
                end,
            });
        }
        let tensor = StoredTensor {
            dtype: info.dtype,
            shape: info.shape.clone(),
            bytes: Cow::Borrowed(bytes),
        };
        if let Some(index) = tensor.floats().position(|value| !value.is_finite()) {
            return Err(refuse(format!("element {index} is not a finite number")));
        }
        tensors.insert(name, tensor);
    }
    if let Some(name) = hashes.keys().find(|name| !tensors.contains_key(*name)) {
        return Err(BundleError::Metadata {
            field: format!("tensor_sha256.{name}"),
            reason: "the file has no such tensor".into(),
        });
    }
    Ok(tensors)
}

/// A quantised tensor is a matrix with a scale for every row, or, of 4-bit values, for every block of a row.
fn check_tensor(
    name: &str,
    tensor: &StoredTensor,
    tensors: &BTreeMap<String, StoredTensor>,
) -> Result<(), BundleError> {
    let Some(scale_name) = tensor.scale_name(name) else {
        return Ok(());
    };
    let (kind, extreme, negative) = match tensor.dtype {
        Dtype::U8 => ("4-bit", 8., true),
        _ => ("int8", 128., false),
    };
    let refuse = |reason: String| BundleError::Tensor {
        name: name.into(),
        shape: tensor.shape.clone(),
        reason,
    };
    let [rows, bytes] = tensor.shape[..] else {
        return Err(refuse(format!("is {kind}, but no matrix")));
    };
    let scale = tensors
        .get(&scale_name)
        .ok_or_else(|| refuse(format!("is {kind} and lacks `{scale_name}`")))?;
    let (fits, wanted) = match (tensor.dtype, scale.dtype, &scale.shape[..]) {
        (Dtype::U8, Dtype::F16, [found, blocks]) => (
            *found == rows && bytes.checked_rem(*blocks) == Some(0),
            format!("F16 of shape [{rows}, blocks of columns]"),
        ),
        (_, dtype, shape) => (
            dtype == Dtype::F32 && shape == [rows],
            format!("F32 of shape [{rows}]"),
        ),
    };
    if !fits {
        return Err(BundleError::Tensor {
            name: scale_name,
            shape: scale.shape.clone(),
            reason: format!(
                "is {}, but the scales of `{name}` are {wanted}",
                scale.dtype
            ),
        });
    }
    let unusable = |scale: f32| scale < 0. && !negative || !(scale * extreme).is_finite();
    if let Some(index) = scale.floats().position(unusable) {
        return Err(BundleError::Tensor {
            name: scale_name,
            shape: scale.shape.clone(),
            reason: match negative {
                true => format!("element {index} is too large"),
                false => format!("element {index} is negative or too large"),
            },
        });
    }
    Ok(())
}

fn is_text(name: &str) -> bool {
    [PIECES, WORDS].contains(&name)
}

fn text_of<'a>(name: &str, tensor: StoredTensor<'a>) -> Result<&'a str, BundleError> {
    let refuse = |reason: String| BundleError::Tensor {
        name: name.into(),
        shape: tensor.shape.clone(),
        reason,
    };
    match tensor.bytes {
        Cow::Borrowed(bytes) => {
            std::str::from_utf8(bytes).map_err(|error| refuse(error.to_string()))
        }
        Cow::Owned(_) => Err(refuse("does not lie in the file".into())),
    }
}

fn check_vocabularies(
    vocabularies: Vocabularies,
    metadata: &BundleMetadata,
) -> Result<(), BundleError> {
    let network = &metadata.network;
    let pieces = network.encoder.as_ref().map(|encoder| encoder.vocabulary);
    let words = network.words.map(|words| words.vocabulary);
    let found_pieces = vocabularies.pieces.map(|text| text.lines().count());
    let found_words = vocabularies.words.map(word_vectors::count);
    check_vocabulary(PIECES, "network.encoder.vocabulary", pieces, found_pieces)?;
    check_vocabulary(WORDS, "network.words.vocabulary", words, found_words)
}

/// Compares the number of entries that the network's configuration says with that of the tensor.
fn check_vocabulary(
    tensor: &str,
    field: &str,
    expected: Option<usize>,
    found: Option<usize>,
) -> Result<(), BundleError> {
    match (expected, found) {
        (None, _) => Ok(()),
        (Some(expected), Some(found)) if found == expected => Ok(()),
        (Some(expected), Some(found)) => Err(BundleError::Metadata {
            field: field.into(),
            reason: format!("is {expected}, but the tensor `{tensor}` has {found} lines"),
        }),
        (Some(expected), None) => Err(BundleError::Missing {
            name: tensor.into(),
            expected: vec![expected],
        }),
    }
}
