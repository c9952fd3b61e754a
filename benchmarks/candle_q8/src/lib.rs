//! The transformer encoder as a user of Candle would quantise it: every product a [`QMatMul`] of Q8_0 blocks, everything
//! else Candle's own operations in f32. A rival of `cargo xtask bench browser`.

use candle_core::{
    DType, Device, Result, Tensor,
    quantized::{GgmlDType, QMatMul, QTensor},
};
use candle_nn::{Module, VarBuilder, ops};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

const HEADS: usize = 12;
const EPS: f32 = 1e-12;

/// `x ↦ x Wᵀ + b`, W in Q8_0.
struct Linear {
    weight: QMatMul,
    bias: Tensor,
}

impl Linear {
    fn new(vb: VarBuilder) -> Result<Self> {
        let bias = vb.get_unchecked("bias")?;
        let weight = QTensor::quantize(&vb.get_unchecked("weight")?, GgmlDType::Q8_0)?;
        let weight = QMatMul::from_qtensor(weight)?;
        Ok(Self { weight, bias })
    }

    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        self.weight.forward(xs)?.broadcast_add(&self.bias)
    }
}

struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Norm {
    fn new(vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            weight: vb.get_unchecked("weight")?,
            bias: vb.get_unchecked("bias")?,
        })
    }

    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        ops::layer_norm(xs, &self.weight, &self.bias, EPS)
    }
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attended: Linear,
    attended_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
}

impl Layer {
    fn new(vb: VarBuilder) -> Result<Self> {
        let attention = vb.pp("attention");
        Ok(Self {
            query: Linear::new(attention.pp("self.query"))?,
            key: Linear::new(attention.pp("self.key"))?,
            value: Linear::new(attention.pp("self.value"))?,
            attended: Linear::new(attention.pp("output.dense"))?,
            attended_norm: Norm::new(attention.pp("output.LayerNorm"))?,
            intermediate: Linear::new(vb.pp("intermediate.dense"))?,
            output: Linear::new(vb.pp("output.dense"))?,
            output_norm: Norm::new(vb.pp("output.LayerNorm"))?,
        })
    }

    /// `[pieces, hidden]` to the same shape.
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let (pieces, hidden) = xs.dims2()?;
        let split = |xs: Tensor| {
            xs.reshape((pieces, HEADS, hidden / HEADS))?
                .transpose(0, 1)?
                .contiguous()
        };
        let query = split(self.query.forward(xs)?)?;
        let key = split(self.key.forward(xs)?)?;
        let value = split(self.value.forward(xs)?)?;
        let scale = 1. / ((hidden / HEADS) as f64).sqrt();
        let weights = ops::softmax_last_dim(&(query.matmul(&key.t()?)? * scale)?)?;
        let context = weights
            .matmul(&value)?
            .transpose(0, 1)?
            .reshape((pieces, hidden))?;
        let xs = self
            .attended_norm
            .forward(&(self.attended.forward(&context)? + xs)?)?;
        let widened = self.intermediate.forward(&xs)?.gelu_erf()?;
        self.output_norm
            .forward(&(self.output.forward(&widened)? + xs)?)
    }
}

/// The encoder with its weights.
#[wasm_bindgen]
pub struct Encoder {
    words: Tensor,
    positions: Tensor,
    segment: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
}

#[wasm_bindgen]
impl Encoder {
    /// The first `layers` layers of an encoder in f32 safetensors, named as Hugging Face's `BertModel` names them.
    #[wasm_bindgen(constructor)]
    pub fn new(weights: &[u8], layers: usize) -> std::result::Result<Encoder, JsError> {
        Ok(Self::read(weights, layers)?)
    }

    /// Runs the encoder on the ids of one sentence's word pieces; the sum of its output, so that nothing is left out.
    pub fn run(&self, ids: &[u32]) -> std::result::Result<f32, JsError> {
        Ok(self.forward(ids)?.sum_all()?.to_scalar()?)
    }
}

impl Encoder {
    fn read(weights: &[u8], layers: usize) -> Result<Self> {
        let vb = VarBuilder::from_slice_safetensors(weights, DType::F32, &Device::Cpu)?;
        let embeddings = vb.pp("embeddings");
        let table = |name: &str| embeddings.pp(name).get_unchecked("weight");
        Ok(Self {
            words: table("word_embeddings")?,
            positions: table("position_embeddings")?,
            segment: table("token_type_embeddings")?.narrow(0, 0, 1)?,
            norm: Norm::new(embeddings.pp("LayerNorm"))?,
            layers: (0..layers)
                .map(|index| Layer::new(vb.pp("encoder.layer").pp(index)))
                .collect::<Result<_>>()?,
        })
    }

    /// Piece ids to `[pieces, hidden]`.
    fn forward(&self, ids: &[u32]) -> Result<Tensor> {
        let ids = Tensor::new(ids, &Device::Cpu)?;
        let embedded = self
            .words
            .index_select(&ids, 0)?
            .add(&self.positions.narrow(0, 0, ids.elem_count())?)?
            .broadcast_add(&self.segment)?;
        let mut xs = self.norm.forward(&embedded)?;
        for layer in &self.layers {
            xs = layer.forward(&xs)?;
        }

        Ok(xs)
    }
}
