//! Names of an encoder's parameters: as they are published, and as the network has them, which is as `BertModel` has them.

use spanarc_model::config::EncoderKind;

/// Parts of published names, each with the network's. Of two that end alike the longer comes first.
const DISTILBERT: &[(&str, &str)] = &[
    ("transformer.layer.", "encoder.layer."),
    (".attention.q_lin.", ".attention.self.query."),
    (".attention.k_lin.", ".attention.self.key."),
    (".attention.v_lin.", ".attention.self.value."),
    (".attention.out_lin.", ".attention.output.dense."),
    (".sa_layer_norm.", ".attention.output.LayerNorm."),
    (".ffn.lin1.", ".intermediate.dense."),
    (".ffn.lin2.", ".output.dense."),
    (".output_layer_norm.", ".output.LayerNorm."),
];

/// See [`DISTILBERT`].
const MPNET: &[(&str, &str)] = &[
    (".attention.attn.q.", ".attention.self.query."),
    (".attention.attn.k.", ".attention.self.key."),
    (".attention.attn.v.", ".attention.self.value."),
    (".attention.attn.o.", ".attention.output.dense."),
    (".attention.LayerNorm.", ".attention.output.LayerNorm."),
];

/// Prefix of the encoder's parameters in checkpoints of a whole task.
fn prefix(kind: EncoderKind) -> &'static str {
    match kind {
        EncoderKind::Bert => "bert.",
        EncoderKind::DistilBert => "distilbert.",
        EncoderKind::Mpnet => "mpnet.",
    }
}

fn parts(kind: EncoderKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        EncoderKind::Bert => &[],
        EncoderKind::DistilBert => DISTILBERT,
        EncoderKind::Mpnet => MPNET,
    }
}

/// The network's name of a published parameter.
pub(super) fn of_network(kind: EncoderKind, published: &str) -> String {
    let name = published.strip_prefix(prefix(kind)).unwrap_or(published);
    // Checkpoints that began as TensorFlow's call the two numbers of a norm by their letters.
    let name = name
        .replace("LayerNorm.gamma", "LayerNorm.weight")
        .replace("LayerNorm.beta", "LayerNorm.bias");
    let parts = parts(kind).iter();
    parts.fold(name, |name, (theirs, ours)| name.replace(theirs, ours))
}

/// The published name of one of the network's parameters, without prefix.
pub(super) fn published(kind: EncoderKind, of_network: &str) -> String {
    let parts = parts(kind).iter();
    parts.fold(of_network.to_owned(), |name, (theirs, ours)| {
        name.replace(ours, theirs)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_turned_into_those_of_bert_and_back() {
        use EncoderKind::{Bert, DistilBert, Mpnet};
        for (kind, theirs, ours) in [
            (
                Bert,
                "encoder.layer.0.output.dense.bias",
                "encoder.layer.0.output.dense.bias",
            ),
            (
                DistilBert,
                "embeddings.LayerNorm.bias",
                "embeddings.LayerNorm.bias",
            ),
            (
                DistilBert,
                "transformer.layer.11.attention.q_lin.weight",
                "encoder.layer.11.attention.self.query.weight",
            ),
            (
                DistilBert,
                "transformer.layer.0.attention.out_lin.bias",
                "encoder.layer.0.attention.output.dense.bias",
            ),
            (
                DistilBert,
                "transformer.layer.0.sa_layer_norm.weight",
                "encoder.layer.0.attention.output.LayerNorm.weight",
            ),
            (
                DistilBert,
                "transformer.layer.0.ffn.lin2.weight",
                "encoder.layer.0.output.dense.weight",
            ),
            (
                DistilBert,
                "transformer.layer.0.output_layer_norm.bias",
                "encoder.layer.0.output.LayerNorm.bias",
            ),
            (
                Mpnet,
                "encoder.layer.3.attention.attn.o.weight",
                "encoder.layer.3.attention.output.dense.weight",
            ),
            (
                Mpnet,
                "encoder.layer.3.attention.LayerNorm.bias",
                "encoder.layer.3.attention.output.LayerNorm.bias",
            ),
            (
                Mpnet,
                "encoder.layer.3.output.LayerNorm.bias",
                "encoder.layer.3.output.LayerNorm.bias",
            ),
            (
                Mpnet,
                "encoder.relative_attention_bias.weight",
                "encoder.relative_attention_bias.weight",
            ),
        ] {
            assert_eq!(of_network(kind, theirs), ours);
            assert_eq!(of_network(kind, &format!("{}{theirs}", prefix(kind))), ours);
            assert_eq!(published(kind, ours), theirs);
        }
    }

    #[test]
    fn norms_of_old_checkpoints_are_known() {
        for (theirs, ours) in [("gamma", "weight"), ("beta", "bias")] {
            assert_eq!(
                of_network(
                    EncoderKind::Bert,
                    &format!("bert.embeddings.LayerNorm.{theirs}")
                ),
                format!("embeddings.LayerNorm.{ours}")
            );
        }
    }
}
