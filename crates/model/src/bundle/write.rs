//! Writing a bundle.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use candle_core::{DType, Tensor};
use half::f16;
use safetensors::Dtype;

use super::read::{HEADER_LIMIT, StoredTensor};
use super::{
    Bundle, BundleError, BundleMetadata, Envelope, FORMAT_VERSION, METADATA_KEY, PIECES, WORDS,
    header_sha256, sha256,
};
use crate::features::Vocabularies;

/// The bytes of an f32 bundle; equal inputs give equal bytes.
///
/// `tensors` are a network's parameters by `VarBuilder` path, on any device and of any floating-point type.
///
/// What was written can be read: anything that [`Bundle::parse`] refuses is an error here.
pub fn write(
    metadata: &BundleMetadata,
    tensors: &BTreeMap<String, Tensor>,
    vocabularies: Vocabularies,
) -> Result<Vec<u8>, BundleError> {
    let mut stored = BTreeMap::new();
    for (name, tensor) in tensors {
        let tensor = float_tensor(tensor).map_err(|error| {
            BundleError::Write(format!(
                "tensor `{name}` of shape {:?}: {error}",
                tensor.dims()
            ))
        })?;
        stored.insert(name.clone(), tensor);
    }
    write_stored(metadata, stored, vocabularies)
}

/// The same tensors and vocabularies with other metadata, such as the scores that were measured with these weights.
pub fn with_metadata(bundle: &Bundle, metadata: &BundleMetadata) -> Result<Vec<u8>, BundleError> {
    let tensors = bundle
        .tensors()
        .map(|(name, tensor)| (name.to_string(), tensor.clone()));
    write_stored(metadata, tensors.collect(), bundle.vocabularies())
}

fn float_tensor(tensor: &Tensor) -> candle_core::Result<StoredTensor<'static>> {
    if !tensor.dtype().is_float() {
        candle_core::bail!(
            "its type {} is not a floating-point one",
            tensor.dtype().as_str()
        );
    }
    let values: Vec<f32> = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
    Ok(StoredTensor::from_floats(tensor.dims().to_vec(), &values))
}

impl StoredTensor<'static> {
    /// As many values as `shape` has elements.
    pub(super) fn from_floats(shape: Vec<usize>, values: &[f32]) -> Self {
        Self {
            dtype: Dtype::F32,
            shape,
            bytes: values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        }
    }

    /// The same in half precision.
    pub(super) fn from_halves(shape: Vec<usize>, values: &[f16]) -> Self {
        Self {
            dtype: Dtype::F16,
            shape,
            bytes: values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        }
    }
}

/// The bytes of a bundle of tensors as they are to lie in the file.
pub(super) fn write_stored<'a>(
    metadata: &BundleMetadata,
    mut tensors: BTreeMap<String, StoredTensor<'a>>,
    vocabularies: Vocabularies<'a>,
) -> Result<Vec<u8>, BundleError> {
    for (name, text) in [(PIECES, vocabularies.pieces), (WORDS, vocabularies.words)] {
        let Some(text) = text else { continue };
        let text = StoredTensor {
            dtype: Dtype::U8,
            shape: vec![text.len()],
            bytes: Cow::Borrowed(text.as_bytes()),
        };
        if tensors.insert(name.into(), text).is_some() {
            return Err(BundleError::Write(format!(
                "a parameter is called `{name}`"
            )));
        }
    }
    let envelope = Envelope {
        format_version: FORMAT_VERSION,
        header_sha256: "0".repeat(64),
        tensor_sha256: tensors
            .iter()
            .map(|(name, tensor)| (name.clone(), sha256(&[&tensor.bytes])))
            .collect(),
        model: metadata.clone(),
    };
    let text =
        serde_json::to_string(&envelope).map_err(|error| BundleError::Write(error.to_string()))?;
    let mut file =
        safetensors::serialize(&tensors, Some(HashMap::from([(METADATA_KEY.into(), text)])))
            .map_err(|error| BundleError::Write(error.to_string()))?;
    let header = file.len()
        - tensors
            .values()
            .map(|tensor| tensor.bytes.len())
            .sum::<usize>();
    if header > HEADER_LIMIT {
        return Err(BundleError::Write(format!(
            "what it says of itself takes {header} bytes, more than {HEADER_LIMIT}: too many signatures, or too long a name"
        )));
    }
    let (hash, digits) = header_sha256(&file[..header])
        .ok_or_else(|| BundleError::Write("its header has no place for the hash".into()))?;
    file[digits].copy_from_slice(hash.as_bytes());
    Bundle::parse(&file)?;
    Ok(file)
}

impl safetensors::View for &StoredTensor<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}
