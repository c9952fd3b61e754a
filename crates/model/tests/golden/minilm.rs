//! The real encoder, which is not part of the repository: needs the shared data, see `SPANARC_SHARED`.

use std::path::PathBuf;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;
use spanarc_model::{
    config::{EncoderConfig, EncoderKind, LayerChoice, PiecePooling},
    dropout::Dropout,
    embedding::{encoder::Encoder, wordpiece::WordPieces},
};

use crate::fixture::{assert_all_close, folder};

const CONFIG: EncoderConfig = EncoderConfig {
    kind: EncoderKind::Bert,
    vocabulary: 30_522,
    hidden: 384,
    layers: 6,
    heads: 12,
    intermediate: 1536,
    positions: 512,
    layer_norm_eps: 1e-12,
    lowercase: true,
    pooling: PiecePooling::First,
    output: LayerChoice::Last,
    casing_embedding: false,
};

#[derive(Deserialize)]
struct Golden {
    pieces: Vec<Pieces>,
    sentences: Vec<Sentence>,
}

#[derive(Deserialize)]
struct Pieces {
    text: String,
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Sentence {
    ids: Vec<u32>,
    states: Vec<Excerpt>,
}

/// Of one layer's states of a sentence: the first numbers of the first and last piece, the mean of all |numbers|.
#[derive(Deserialize)]
struct Excerpt {
    first: Vec<f32>,
    last: Vec<f32>,
    mean_absolute: f32,
}

fn golden() -> Result<Golden> {
    let text = std::fs::read_to_string(folder().join("minilm.json"))?;
    serde_json::from_str(&text).map_err(candle_core::Error::wrap)
}

/// The encoder's folder, unless it is not there.
fn encoder_folder() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared =
        std::env::var_os("SPANARC_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let folder = shared.join("encoders/minilm-l6");
    if folder.is_dir() {
        return Some(folder);
    }
    println!(
        "skipped: no encoder in {}; set SPANARC_SHARED",
        folder.display()
    );
    None
}

#[test]
fn states_of_the_real_encoder_are_those_of_transformers() -> Result<()> {
    let Some(folder) = encoder_folder() else {
        return Ok(());
    };
    let tensors = candle_core::safetensors::load(folder.join("model.safetensors"), &Device::Cpu)?;
    let encoder = Encoder::new(
        &CONFIG,
        VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu),
    )?;

    let sentences = golden()?.sentences;
    let lengths: Vec<usize> = sentences
        .iter()
        .map(|sentence| sentence.ids.len())
        .collect();
    let longest = *lengths.iter().max().unwrap();
    let padded = sentences.iter().flat_map(|sentence| {
        let padding = std::iter::repeat_n(0, longest - sentence.ids.len());
        sentence.ids.iter().copied().chain(padding)
    });
    let ids = Tensor::from_iter(padded, &Device::Cpu)?.reshape((sentences.len(), longest))?;
    let layers = encoder.forward(&ids, &ids.zeros_like()?, &lengths, 0., &mut Dropout::off())?;

    for (index, sentence) in sentences.iter().enumerate() {
        assert_eq!(sentence.states.len(), layers.len());
        for (layer, (states, expected)) in layers.iter().zip(&sentence.states).enumerate() {
            let states: Vec<Vec<f32>> =
                states.get(index)?.narrow(0, 0, lengths[index])?.to_vec2()?;
            let name = format!("sentence {index}, layer {layer}");
            assert_all_close(&name, &states[0][..8], &expected.first, 2e-4);
            assert_all_close(&name, &states[states.len() - 1][..8], &expected.last, 2e-4);
            let count = (states.len() * states[0].len()) as f64;
            let mean = states
                .iter()
                .flatten()
                .map(|x| f64::from(x.abs()))
                .sum::<f64>()
                / count;
            assert_all_close(&name, &[mean as f32], &[expected.mean_absolute], 1e-4);
        }
    }
    Ok(())
}

#[test]
fn word_pieces_of_the_real_vocabulary_are_those_of_tokenizers() -> Result<()> {
    let Some(folder) = encoder_folder() else {
        return Ok(());
    };
    let vocabulary = std::fs::read_to_string(folder.join("vocab.txt")).unwrap();
    let pieces = WordPieces::new(&vocabulary, EncoderKind::Bert, true).unwrap();
    let unknown = vocabulary
        .lines()
        .position(|piece| piece == "[UNK]")
        .unwrap() as u32;
    for Pieces { text, ids } in golden()?.pieces {
        // Ours never leaves a word without a piece.
        let expected = if ids.is_empty() { vec![unknown] } else { ids };
        assert_eq!(pieces.ids(&text), expected, "{text:?}");
    }
    Ok(())
}
