use candle_core::{DType, Device, Tensor};

use super::samples::{PIECES, bundle, metadata, tensors};
use crate::{
    bundle::{
        Bundle,
        quantize::{quantize, quantize_rows},
        write,
    },
    features::Vocabularies,
};

/// A bundle with a table of word pieces of this many columns, nothing else.
fn bundle_of_pieces(columns: usize) -> Vec<u8> {
    let weights = (0..64 * columns).map(|i| (i as f32 * 0.37).sin() * 0.1);
    let table = Tensor::from_iter(weights, &Device::Cpu).unwrap();
    let name = "encoder.embeddings.word_embeddings.weight".to_string();
    let tensors = [(name, table.reshape((64, columns)).unwrap())].into();
    write(&metadata(), &tensors, Vocabularies::of_pieces(PIECES)).unwrap()
}

fn forms(file: &[u8]) -> Vec<String> {
    let read = Bundle::parse(file).unwrap();
    let forms = read.tensors().map(|(name, tensor)| {
        let name = name.strip_prefix("encoder.embeddings.word_embeddings.");
        let (name, shape) = (name.unwrap_or_default(), &tensor.shape);
        format!("{name} {} {shape:?}", tensor.dtype)
    });
    forms.collect()
}

#[test]
fn large_matrices_become_int8_and_the_rest_stays() {
    let quantized = quantize(&Bundle::parse(&bundle()).unwrap()).unwrap();
    let read = Bundle::parse(&quantized).unwrap();
    let found: Vec<String> = read
        .tensors()
        .map(|(name, tensor)| format!("{name} {} {:?}", tensor.dtype, tensor.shape))
        .collect();
    assert_eq!(
        found,
        [
            "mix F32 []",
            "ner.bias F32 [64]",
            "ner.weight I8 [64, 128]",
            "ner.weight.scale F32 [64]",
            "small.weight F32 [2, 3]",
        ]
    );
    assert!(quantized.len() < bundle().len() / 2);
}

#[test]
fn word_pieces_take_four_bits_where_they_come_in_pairs() {
    let halved = quantize(&Bundle::parse(&bundle_of_pieces(128)).unwrap()).unwrap();
    assert_eq!(
        forms(&halved),
        ["weight U8 [64, 64]", "weight.scale4 F16 [64, 2]"]
    );
    let whole = quantize(&Bundle::parse(&bundle_of_pieces(126)).unwrap()).unwrap();
    assert_eq!(
        forms(&whole),
        ["weight U8 [64, 63]", "weight.scale4 F16 [64, 1]"]
    );
    let odd = quantize(&Bundle::parse(&bundle_of_pieces(127)).unwrap()).unwrap();
    assert_eq!(
        forms(&odd),
        ["weight I8 [64, 127]", "weight.scale F32 [64]"]
    );
}

#[test]
fn word_pieces_in_int8_become_four_bits() {
    use safetensors::Dtype;
    use std::{borrow::Cow, collections::BTreeMap};

    use crate::bundle::{StoredTensor, write::write_stored};
    let name = "encoder.embeddings.word_embeddings.weight";
    let values: Vec<u8> = (0..64 * 128).map(|i| (i % 16 * 16) as u8).collect();
    let int8 = StoredTensor {
        dtype: Dtype::I8,
        shape: vec![64, 128],
        bytes: Cow::Owned(values),
    };
    let scales = StoredTensor::from_floats(vec![64], &[1. / 128.; 64]);
    let tensors = BTreeMap::from([(name.to_string(), int8), (format!("{name}.scale"), scales)]);
    let file = write_stored(&metadata(), tensors, Vocabularies::of_pieces(PIECES)).unwrap();
    let before = Bundle::parse(&file).unwrap();
    let halved = quantize(&before).unwrap();
    assert_eq!(
        forms(&halved),
        ["weight U8 [64, 64]", "weight.scale4 F16 [64, 2]"]
    );

    let after = Bundle::parse(&halved).unwrap();
    let weights = |bundle: &Bundle| {
        let table = bundle.var_builder(&Device::Cpu).get((64, 128), name);
        table.unwrap().to_vec2::<f32>().unwrap()
    };
    for (found, expected) in weights(&after).iter().zip(weights(&before)) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
        }
    }
    assert_eq!(quantize(&after).unwrap(), halved);
}

#[test]
fn scores_of_other_weights_are_left_out() {
    let quantized = quantize(&Bundle::parse(&bundle()).unwrap()).unwrap();
    let mut expected = metadata();
    expected.scores.clear();
    assert_eq!(*Bundle::parse(&quantized).unwrap().metadata(), expected);
}

#[test]
fn the_weights_are_those_of_the_network_within_half_a_step() {
    let quantized = quantize(&Bundle::parse(&bundle()).unwrap()).unwrap();
    let read = Bundle::parse(&quantized).unwrap();
    let vb = read.var_builder(&Device::Cpu);
    let found: Vec<Vec<f32>> = vb.get((64, 128), "ner.weight").unwrap().to_vec2().unwrap();
    let expected: Vec<Vec<f32>> = tensors()["ner.weight"].to_vec2().unwrap();
    for (found, expected) in found.iter().zip(&expected) {
        let largest = expected
            .iter()
            .fold(0f32, |most, value| most.max(value.abs()));
        let error = found
            .iter()
            .zip(expected)
            .fold(0f32, |most, (a, b)| most.max((a - b).abs()));
        assert!(
            error <= largest / 254. * 1.0001,
            "{error} in a row up to {largest}"
        );
    }
}

#[test]
fn the_raw_form_is_the_dequantised_one() {
    let quantized = quantize(&Bundle::parse(&bundle()).unwrap()).unwrap();
    let read = Bundle::parse(&quantized).unwrap();
    let vb = read.var_builder(&Device::Cpu).pp("ner");
    assert!(vb.contains_tensor("weight.scale"));
    let raw = vb
        .get_unchecked_dtype("weight", DType::U8)
        .unwrap()
        .to_dtype(DType::F32)
        .unwrap();
    let scale = vb
        .get(64, "weight.scale")
        .unwrap()
        .reshape((64, 1))
        .unwrap();
    let product = (raw - 128.).unwrap().broadcast_mul(&scale).unwrap();
    let weight = vb.get((64, 128), "weight").unwrap();
    assert_eq!(
        product.to_vec2::<f32>().unwrap(),
        weight.to_vec2::<f32>().unwrap()
    );
}

#[test]
fn quantising_twice_changes_nothing() {
    let once = quantize(&Bundle::parse(&bundle()).unwrap()).unwrap();
    let twice = quantize(&Bundle::parse(&once).unwrap()).unwrap();
    assert_eq!(once, twice);
}

#[test]
fn asking_for_the_weight_uses_its_scale() {
    let quantized = quantize(&Bundle::parse(&bundle()).unwrap()).unwrap();
    let read = Bundle::parse(&quantized).unwrap();
    let vb = read.var_builder(&Device::Cpu);
    for (name, tensor) in tensors() {
        vb.get(tensor.shape(), &name).unwrap();
    }
    assert_eq!(read.check_all_used(), Ok(()));
}

#[test]
fn a_row_of_multiples_is_exact() {
    let (values, scales) = quantize_rows(&[-1.27, 0.64, 0., 0.01], 4);
    assert_eq!(values, [-127, 64, 0, 1]);
    assert!((scales[0] - 0.01).abs() < 1e-7);
}

#[test]
fn rows_of_zeros_and_of_denormals_stay_zero() {
    let (values, scales) = quantize_rows(&[0., 0., 1e-45, -1e-45, 1., -1.], 2);
    assert_eq!(scales[..2], [0., 0.]);
    assert_eq!(values[..2], [0, 0]);
    assert_eq!(f32::from(values[2]) * scales[1], 0.);
    assert_eq!(values[4..], [127, -127]);
}
