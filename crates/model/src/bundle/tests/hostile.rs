use candle_core::{DType, Device};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::samples::{PIECES, bundle, tensors};
use crate::bundle::{Bundle, BundleError, quantize};

/// A file of this header, and `data` zeros after it.
fn file(header: &Value, data: usize) -> Vec<u8> {
    let header = header.to_string();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.bytes());
    file.resize(file.len() + data, 0);
    file
}

/// The header of the sample and of its JSON within, each changed.
fn with_metadata(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let sample = bundle();
    let end = 8 + usize::from(u16::from_le_bytes([sample[0], sample[1]]));
    let mut header: Value = serde_json::from_slice(&sample[8..end]).unwrap();
    let mut metadata: Value =
        serde_json::from_str(header["__metadata__"]["spanarc"].as_str().unwrap()).unwrap();
    change(&mut metadata);
    header["__metadata__"]["spanarc"] = metadata.to_string().into();
    let mut changed = file(&header, 0);
    changed.extend(&sample[end..]);
    changed
}

/// The sample, its tensors replaced by these, with hashes that fit: what a careful attacker writes.
fn with_tensors(tensors: &[(&str, safetensors::Dtype, &[usize], &[u8])]) -> Vec<u8> {
    use crate::bundle::{METADATA_KEY, header_sha256, sha256};
    let sample = bundle();
    let (_, header) = safetensors::SafeTensors::read_metadata(&sample).unwrap();
    let mut metadata: Value =
        serde_json::from_str(&header.metadata().as_ref().unwrap()[METADATA_KEY]).unwrap();
    let (mut tensors, length) = (tensors.to_vec(), [PIECES.len()]);
    if !tensors.iter().any(|(name, ..)| *name == "vocabulary") {
        tensors.push((
            "vocabulary",
            safetensors::Dtype::U8,
            &length,
            PIECES.as_bytes(),
        ));
    }
    metadata["tensor_sha256"] = tensors
        .iter()
        .map(|(name, _, _, bytes)| (*name, sha256(&[bytes])))
        .collect();
    let views = tensors.iter().map(|&(name, dtype, shape, bytes)| {
        (
            name,
            safetensors::tensor::TensorView::new(dtype, shape.to_vec(), bytes).unwrap(),
        )
    });
    let key = (METADATA_KEY.to_string(), metadata.to_string());
    let mut file = safetensors::serialize(views, Some([key].into())).unwrap();
    let end = 8 + usize::from(u16::from_le_bytes([file[0], file[1]]));
    let (hash, digits) = header_sha256(&file[..end]).unwrap();
    file[digits].copy_from_slice(hash.as_bytes());
    file
}

#[track_caller]
fn refused(file: &[u8], message: &str) {
    match Bundle::parse(file) {
        Ok(_) => panic!("accepted"),
        Err(error) => assert_eq!(error.to_string(), message),
    }
}

#[test]
fn every_truncation_is_refused() {
    let sample = bundle();
    for length in (0..sample.len()).filter(|length| *length < 6000 || length % 97 == 0) {
        assert!(Bundle::parse(&sample[..length]).is_err(), "{length} bytes");
    }
    refused(&[], "not a Spanarc bundle: it has 0 bytes");
    let (short, whole) = (sample.len() - 1, sample.len());
    refused(
        &sample[..short],
        &format!(
            "the bundle has {short} bytes where its header announces {whole}: truncated or altered"
        ),
    );
    let mut longer = sample;
    longer.push(0);
    refused(
        &longer,
        &format!(
            "the bundle has {} bytes where its header announces {whole}: truncated or altered",
            whole + 1
        ),
    );
}

#[test]
fn every_altered_byte_is_noticed() {
    let mut file = bundle();
    for index in (0..file.len()).filter(|index| *index < 6000 || index % 61 == 0) {
        for flip in [1, 0x80, 0xff] {
            file[index] ^= flip;
            assert!(Bundle::parse(&file).is_err(), "byte {index}");
            file[index] ^= flip;
        }
    }
    assert!(Bundle::parse(&file).is_ok());
}

#[test]
fn an_altered_weight_is_named_with_its_place() {
    let mut file = bundle();
    let last = file.len() - 1;
    let (pieces, small) = (PIECES.len(), 24);
    file[last - pieces] ^= 1;
    let (start, end) = (last + 1 - pieces - small, last + 1 - pieces);
    refused(
        &file,
        &format!(
            "tensor `small.weight` of shape [2, 3], bytes {start} to {end} of the bundle, do not match their SHA-256: \
             damaged or altered"
        ),
    );
}

#[test]
fn of_a_file_that_is_known_hashes_are_not_compared_and_all_else_is() {
    let mut file = bundle();
    let last = file.len() - 1;
    file[last] ^= 1;
    assert!(Bundle::parse(&file).is_err());
    assert!(Bundle::parse_known(&file).is_ok());
    file.pop();
    assert!(matches!(
        Bundle::parse_known(&file),
        Err(BundleError::Length { .. })
    ));
}

#[test]
fn altered_metadata_is_noticed() {
    let changed = with_metadata(|metadata| metadata["model"]["relation_threshold"] = json!(0.1));
    let Err(BundleError::Altered { what, start: 0, .. }) = Bundle::parse(&changed) else {
        panic!("accepted");
    };
    assert_eq!(what, "the header");
}

#[test]
fn a_header_of_absurd_length_is_not_read() {
    let mut file = bundle();
    file[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    refused(
        &file,
        &format!(
            "this is no bundle: its first bytes announce a header of {} bytes, the limit is 1048576",
            u64::MAX
        ),
    );
}

#[test]
fn files_of_another_kind_are_refused() {
    refused(b"GIF89a", "not a Spanarc bundle: it has 6 bytes");
    refused(
        &file(
            &json!({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}),
            8,
        ),
        "not a Spanarc bundle: its metadata lacks the key `spanarc`",
    );
    assert!(matches!(
        Bundle::parse(&file(&json!([1, 2]), 0)),
        Err(BundleError::Header { .. })
    ));
    assert!(matches!(
        Bundle::parse(&file(&json!({"w": 1}), 0)),
        Err(BundleError::Header { .. })
    ));
}

#[test]
fn tables_that_promise_more_than_there_is_are_refused() {
    let huge = u64::MAX / 2;
    for (shape, offsets) in [
        (json!([huge, huge]), json!([0, 8])),
        (json!([huge]), json!([0, huge])),
        (json!([1u64 << 62]), json!([0, 0])),
        (json!([2]), json!([8, 0])),
        (json!([2]), json!([4, 12])),
        (json!([2]), json!([-8, 0])),
        (json!([2]), json!([0, 1e300])),
    ] {
        let table = json!({"w": {"dtype": "F32", "shape": shape, "data_offsets": offsets}});
        assert!(
            matches!(
                Bundle::parse(&file(&table, 8)),
                Err(BundleError::Header { .. })
            ),
            "{table}"
        );
    }
    let table = json!({"w": {"dtype": "F32", "shape": [1 << 30], "data_offsets": [0, 1u64 << 32]}});
    assert!(matches!(
        Bundle::parse(&file(&table, 8)),
        Err(BundleError::Length { .. })
    ));
    let entry = json!({"dtype": "F32", "shape": [2], "data_offsets": [0, 8]});
    let overlapping = json!({"v": entry, "w": entry});
    assert!(matches!(
        Bundle::parse(&file(&overlapping, 8)),
        Err(BundleError::Header { .. })
    ));
}

#[test]
fn deep_nesting_is_refused() {
    let mut file = (200_000u64).to_le_bytes().to_vec();
    file.extend(std::iter::repeat_n(b'[', 200_000));
    assert!(matches!(
        Bundle::parse(&file),
        Err(BundleError::Header { .. })
    ));
}

#[test]
fn another_version_is_refused_whatever_else_it_holds() {
    let changed = with_metadata(|metadata| *metadata = json!({"format_version": 2, "weights": []}));
    refused(
        &changed,
        "the bundle has format version 2, this program reads version 1",
    );
}

#[test]
fn malformed_metadata_is_named_by_field() {
    let refused = |change: fn(&mut Value), message: &str| {
        let error = Bundle::parse(&with_metadata(change))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(message), "{error}");
    };
    refused(
        |m| m["model"]["schema"]["entity_types"][1]["color"] = json!(7),
        "bundle metadata, model.schema.entity_types[1].color: invalid type: integer `7`, expected a string",
    );
    refused(
        |m| m["model"]["network"]["hidden"] = json!(-1),
        "bundle metadata, model.network.hidden: invalid value: integer `-1`, expected usize",
    );
    refused(
        |m| m["model"]["network"]["hidden"] = json!(1e6 as u64),
        "bundle metadata, network.hidden: 1000000 is outside 1..=4096",
    );
    refused(
        |m| m["model"]["network"]["encoder"]["kind"] = json!("roberta"),
        "bundle metadata, model.network.encoder.kind: unknown variant `roberta`, expected one of `bert`, `distilbert`, `mpnet`",
    );
    refused(
        |m| m["model"] = json!({}),
        "bundle metadata, model: missing field `name`",
    );
    refused(
        |m| m["format_version"] = json!("1"),
        "bundle metadata, format_version: invalid type",
    );
    refused(
        |m| *m = json!(null),
        "bundle metadata, .: invalid type: null",
    );
}

#[test]
fn tensors_of_wrong_type_or_scale_are_named() {
    use safetensors::Dtype::{F32, F64, I8, U8};
    let [scales, nan, negative, huge] = [[1f32, 1.], [1., f32::NAN], [1., -1.], [1., 3e38]]
        .map(|pair| pair.map(f32::to_le_bytes).concat());
    let weights: (_, _, &[usize], &[u8]) = ("w", I8, &[2, 3], &[0; 6]);
    assert!(Bundle::parse(&with_tensors(&[weights, ("w.scale", F32, &[2], &scales)])).is_ok());

    refused(
        &with_tensors(&[("w", F64, &[1], &[0; 8])]),
        "tensor `w` of shape [1]: has the type F64, which no bundle has here",
    );
    refused(
        &with_tensors(&[("w", U8, &[1], &[0])]),
        "tensor `w` of shape [1]: is 4-bit, but no matrix",
    );
    refused(
        &with_tensors(&[weights]),
        "tensor `w` of shape [2, 3]: is int8 and lacks `w.scale`",
    );
    refused(
        &with_tensors(&[("w", I8, &[6], &[0; 6]), ("w.scale", F32, &[2], &scales)]),
        "tensor `w` of shape [6]: is int8, but no matrix",
    );
    refused(
        &with_tensors(&[weights, ("w.scale", F32, &[1, 2], &scales)]),
        "tensor `w.scale` of shape [1, 2]: is F32, but the scales of `w` are F32 of shape [2]",
    );
    refused(
        &with_tensors(&[weights, ("w.scale", F32, &[2], &nan)]),
        "tensor `w.scale` of shape [2]: element 1 is not a finite number",
    );
    for scale in [&negative, &huge] {
        refused(
            &with_tensors(&[weights, ("w.scale", F32, &[2], scale)]),
            "tensor `w.scale` of shape [2]: element 1 is negative or too large",
        );
    }
    refused(
        &with_tensors(&[("vocabulary", U8, &[4], b"a\n\xffb")]),
        "tensor `vocabulary` of shape [4]: invalid utf-8 sequence of 1 bytes from index 2",
    );
}

#[test]
fn packed_tensors_of_wrong_shape_or_scale_are_named() {
    use safetensors::Dtype::{F32, I8, U8};
    let [scales, infinite, huge] = [[1f32, -1.], [1., f32::INFINITY], [1., -3e38]]
        .map(|pair| pair.map(f32::to_le_bytes).concat());
    let packed: (_, _, &[usize], &[u8]) = ("w", U8, &[2, 3], &[0x80; 6]);
    let sound = with_tensors(&[packed, ("w.scale4", F32, &[2], &scales)]);
    let read = Bundle::parse(&sound).unwrap();
    assert_eq!(read.parameter_names().collect::<Vec<_>>(), ["w"]);

    let vb = read.var_builder(&Device::Cpu);
    let weights: Vec<Vec<f32>> = vb.get((2, 6), "w").unwrap().to_vec2().unwrap();
    assert_eq!(weights[0], [-8., 0., -8., 0., -8., 0.]);
    // Neither the stored shape nor an odd number of columns is that of the weights.
    for columns in [3, 5, 7, 12] {
        let error = vb.get((2, columns), "w").unwrap_err().to_string();
        let expected =
            format!("tensor `w` of shape [2, 3]: the network needs it in shape [2, {columns}]");
        assert!(error.contains(&expected), "{error}");
    }
    let as_bytes = vb.get_with_hints_dtype((2, 6), "w", Default::default(), DType::U8);
    assert!(as_bytes.is_err());

    refused(
        &with_tensors(&[packed]),
        "tensor `w` of shape [2, 3]: is 4-bit and lacks `w.scale4`",
    );
    refused(
        &with_tensors(&[packed, ("w.scale", F32, &[2], &scales)]),
        "tensor `w` of shape [2, 3]: is 4-bit and lacks `w.scale4`",
    );
    refused(
        &with_tensors(&[
            ("w", U8, &[1, 2, 3], &[0; 6]),
            ("w.scale4", F32, &[1], &scales[..4]),
        ]),
        "tensor `w` of shape [1, 2, 3]: is 4-bit, but no matrix",
    );
    refused(
        &with_tensors(&[packed, ("w.scale4", F32, &[1, 2], &scales)]),
        "tensor `w.scale4` of shape [1, 2]: is F32, but the scales of `w` are F32 of shape [2]",
    );
    refused(
        &with_tensors(&[packed, ("w.scale4", I8, &[2, 1], &[1, 1])]),
        "tensor `w.scale4` of shape [2, 1]: is I8, but the scales of `w` are F32 of shape [2]",
    );
    refused(
        &with_tensors(&[packed, ("w.scale4", F32, &[2], &infinite)]),
        "tensor `w.scale4` of shape [2]: element 1 is not a finite number",
    );
    refused(
        &with_tensors(&[packed, ("w.scale4", F32, &[2], &huge)]),
        "tensor `w.scale4` of shape [2]: element 1 is too large",
    );
}

#[test]
fn packed_tensors_with_scales_of_wrong_blocks_are_named() {
    use safetensors::Dtype::{F16, U8};
    let [one, two, minus_one, nan] = [0x3c00u16, 0x4000, 0xbc00, 0x7e00].map(u16::to_le_bytes);
    let packed: (_, _, &[usize], &[u8]) = ("w", U8, &[2, 2], &[0x70; 4]);
    let scales = [one, two, minus_one, one].concat();
    let sound = with_tensors(&[packed, ("w.scale4", F16, &[2, 2], &scales)]);
    let read = Bundle::parse(&sound).unwrap();
    let vb = read.var_builder(&Device::Cpu);
    let weights: Vec<Vec<f32>> = vb.get((2, 4), "w").unwrap().to_vec2().unwrap();
    assert_eq!(weights, [[-8., -1., -16., -2.], [8., 1., -8., -1.]]);
    let whole = with_tensors(&[packed, ("w.scale4", F16, &[2, 1], &scales[..4])]);
    assert!(Bundle::parse(&whole).is_ok());

    let wanted = "but the scales of `w` are F16 of shape [2, blocks of columns]";
    for (rows, blocks) in [(1, 1), (2, 0), (2, 3), (2, 4), (4, 1)] {
        let scales = one.repeat(rows * blocks);
        refused(
            &with_tensors(&[packed, ("w.scale4", F16, &[rows, blocks], &scales)]),
            &format!("tensor `w.scale4` of shape [{rows}, {blocks}]: is F16, {wanted}"),
        );
    }
    refused(
        &with_tensors(&[packed, ("w.scale4", F16, &[2], &scales[..4])]),
        "tensor `w.scale4` of shape [2]: is F16, but the scales of `w` are F32 of shape [2]",
    );
    let broken = [one, nan, one, one].concat();
    refused(
        &with_tensors(&[packed, ("w.scale4", F16, &[2, 2], &broken)]),
        "tensor `w.scale4` of shape [2, 2]: element 1 is not a finite number",
    );
    refused(
        &with_tensors(&[("w", F16, &[2], &scales[..4])]),
        "tensor `w` of shape [2]: has the type F16, which no bundle has here",
    );
}

#[test]
fn empty_matrices_do_no_harm() {
    use safetensors::Dtype::{F32, I8, U8};
    for shape in [[0, 3], [3, 0], [0, 0], [0, usize::MAX]] {
        let scales = vec![0; 4 * shape[0]];
        let file = with_tensors(&[
            ("w", U8, &shape, &[]),
            ("w.scale4", F32, &shape[..1], &scales),
        ]);
        let read = Bundle::parse(&file).unwrap();
        let weights = read.var_builder(&Device::Cpu).get_unchecked("w").unwrap();
        assert_eq!(weights.elem_count(), 0);
        assert!(quantize(&read).is_ok());
    }
    for shape in [[0, 3], [3, 0], [0, 0]] {
        let scales = vec![0; 4 * shape[0]];
        let file = with_tensors(&[
            ("w", I8, &shape, &[]),
            ("w.scale", F32, &shape[..1], &scales),
        ]);
        let read = Bundle::parse(&file).unwrap();
        let weights = read
            .var_builder(&Device::Cpu)
            .get((shape[0], shape[1]), "w")
            .unwrap();
        assert_eq!(weights.elem_count(), 0);
        assert!(quantize(&read).is_ok());
    }
}

/// Reads a file as a program does that loads a model, and builds and rewrites what it can.
fn use_up(file: &[u8]) {
    let Ok(bundle) = Bundle::parse(file) else {
        return;
    };
    let vb = bundle.var_builder(&Device::Cpu);
    for (name, tensor) in tensors() {
        let _ = vb.get(tensor.shape(), &name);
    }
    for (name, _) in bundle.tensors() {
        let _ = vb.get_unchecked(name);
        let _ = vb.get_unchecked_dtype(name, DType::U8);
    }
    let _ = quantize(&bundle);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn overwritten_pieces_never_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 1..12)), 1..6),
    ) {
        let mut file = bundle();
        for (place, bytes) in edits {
            // Most of the structure is in the header, at the beginning.
            let start = place.index(2200);
            for (target, byte) in file[start..].iter_mut().zip(bytes) {
                *target = byte;
            }
        }
        use_up(&file);
    }

    #[test]
    fn changed_digits_of_the_header_never_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), b'0'..=b'9'), 1..8),
    ) {
        let mut file = bundle();
        let digits: Vec<usize> = (8..2000).filter(|&index| file[index].is_ascii_digit()).collect();
        for (place, digit) in edits {
            file[*place.get(&digits)] = digit;
        }
        use_up(&file);
    }

    #[test]
    fn arbitrary_bytes_are_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..400), length in 0u64..500) {
        if let Some(prefix) = bytes.first_chunk_mut() {
            *prefix = length.to_le_bytes();
        }
        prop_assert!(Bundle::parse(&bytes).is_err());
    }
}
