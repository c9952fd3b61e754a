use candle_core::{DType, Device, Tensor};
use safetensors::SafeTensors;

use super::samples::{PIECES, bundle, metadata, tensors};
use crate::{
    bundle::{Bundle, BundleError, write},
    config::{EncoderKind, NetworkConfig, WordVectorConfig},
    features::Vocabularies,
};

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor
        .flatten_all()
        .and_then(|flat| flat.to_vec1())
        .unwrap()
}

#[test]
fn what_is_written_is_read() {
    let file = bundle();
    let read = Bundle::parse(&file).unwrap();
    assert_eq!(*read.metadata(), metadata());
    assert_eq!(read.vocabularies(), Vocabularies::of_pieces(PIECES));
    let vb = read.var_builder(&Device::Cpu);
    for (name, tensor) in tensors() {
        let found = vb.get(tensor.shape(), &name).unwrap();
        assert_eq!(values(&found), values(&tensor), "{name}");
    }
}

#[test]
fn equal_inputs_give_equal_bytes() {
    assert_eq!(bundle(), bundle());
}

#[test]
fn other_tools_read_it_as_safetensors() {
    let file = bundle();
    let read = SafeTensors::deserialize(&file).unwrap();
    let mut names = read.names();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "mix",
            "ner.bias",
            "ner.weight",
            "small.weight",
            "vocabulary"
        ]
    );
    assert_eq!(read.tensor("vocabulary").unwrap().data(), PIECES.as_bytes());
    assert_eq!(read.tensor("ner.weight").unwrap().shape(), [64, 128]);
    let small = &tensors()["small.weight"];
    let bytes: Vec<u8> = values(small)
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    assert_eq!(read.tensor("small.weight").unwrap().data(), bytes);
    let (_, header) = SafeTensors::read_metadata(&file).unwrap();
    let keys: Vec<&String> = header.metadata().as_ref().unwrap().keys().collect();
    assert_eq!(keys, ["spanarc"]);
}

#[test]
fn a_missing_tensor_is_named_with_the_shape_expected() {
    let file = bundle();
    let read = Bundle::parse(&file).unwrap();
    let vb = read.var_builder(&Device::Cpu).pp("re.0");
    let error = vb.get((3, 4), "weight").unwrap_err().to_string();
    let message = "the bundle has no tensor `re.0.weight`, which the network needs in shape [3, 4]";
    assert!(error.starts_with(message), "{error}");
}

#[test]
fn a_wrong_shape_is_named_with_both_shapes() {
    let file = bundle();
    let read = Bundle::parse(&file).unwrap();
    let vb = read.var_builder(&Device::Cpu).pp("small");
    let error = vb.get((3, 2), "weight").unwrap_err().to_string();
    let message = "tensor `small.weight` of shape [2, 3]: the network needs it in shape [3, 2]";
    assert!(error.starts_with(message), "{error}");
}

#[test]
fn an_f32_tensor_has_no_integer_form() {
    let file = bundle();
    let read = Bundle::parse(&file).unwrap();
    let vb = read.var_builder(&Device::Cpu);
    assert!(!vb.contains_tensor("small.weight.scale"));
    let error = vb
        .get_unchecked_dtype("small.weight", DType::U8)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("tensor `small.weight` of shape [2, 3]: is F32, asked for as u8"),
        "{error}"
    );
}

#[test]
fn tensors_that_the_network_does_not_ask_for_are_named() {
    let file = bundle();
    let read = Bundle::parse(&file).unwrap();
    let vb = read.var_builder(&Device::Cpu);
    vb.get((64, 128), "ner.weight").unwrap();
    vb.get(64, "ner.bias").unwrap();
    let unused = BundleError::Unused(vec!["mix".into(), "small.weight".into()]);
    assert_eq!(read.check_all_used(), Err(unused));
    vb.get((2, 3), "small.weight").unwrap();
    vb.get((), "mix").unwrap();
    assert_eq!(read.check_all_used(), Ok(()));
}

#[test]
fn what_could_not_be_read_is_not_written() {
    let nan = Tensor::new(&[0f32, f32::NAN], &Device::Cpu).unwrap();
    let error = write(
        &metadata(),
        &[("crf.start".to_string(), nan)].into(),
        Vocabularies::of_pieces(PIECES),
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "tensor `crf.start` of shape [2]: element 1 is not a finite number"
    );

    let error = write(
        &metadata(),
        &tensors(),
        Vocabularies::of_pieces("[PAD]\nmary"),
    )
    .unwrap_err();
    let message = "bundle metadata, network.encoder.vocabulary: is 4, but the tensor `vocabulary` has 2 lines";
    assert_eq!(error.to_string(), message);

    let error = write(&metadata(), &tensors(), Vocabularies::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the bundle has no tensor `vocabulary`, which the network needs in shape [4]"
    );
}

#[test]
fn words_are_kept_as_they_are_counted_and_needed() {
    let mut metadata = metadata();
    metadata.network.words = Some(WordVectorConfig {
        vocabulary: 3,
        size: 2,
    });
    let with_words = |words| Vocabularies {
        words,
        ..Vocabularies::of_pieces(PIECES)
    };
    // A word may hold what ends a line elsewhere.
    let words = with_words(Some("Mary\nnew york\na\rb"));
    let file = write(&metadata, &tensors(), words).unwrap();
    assert_eq!(Bundle::parse(&file).unwrap().vocabularies(), words);

    let refused = |words| {
        write(&metadata, &tensors(), with_words(words))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(Some("Mary\nJohn")),
        "bundle metadata, network.words.vocabulary: is 3, but the tensor `words` has 2 lines"
    );
    assert_eq!(
        refused(None),
        "the bundle has no tensor `words`, which the network needs in shape [3]"
    );
}

#[test]
fn an_encoder_that_names_no_kind_is_bert_and_bert_names_none() {
    // Programs of before know no other, and bundles of before name none.
    let text = serde_json::to_string(&metadata().network).unwrap();
    assert!(!text.contains("kind"), "{text}");
    let read: NetworkConfig = serde_json::from_str(&text).unwrap();
    assert_eq!(read.encoder.unwrap().kind, EncoderKind::Bert);

    let mut metadata = metadata();
    metadata.network.encoder.as_mut().unwrap().kind = EncoderKind::Mpnet;
    let file = write(&metadata, &tensors(), Vocabularies::of_pieces(PIECES)).unwrap();
    assert_eq!(*Bundle::parse(&file).unwrap().metadata(), metadata);
}

#[test]
fn metadata_of_a_network_without_elmo_and_word_vectors_does_not_mention_them() {
    // Programs of before know no such fields, and bundles of before have none.
    let text = serde_json::to_string(&metadata().network).unwrap();
    assert!(
        !text.contains("elmo") && !text.contains("\"words\""),
        "{text}"
    );
}
