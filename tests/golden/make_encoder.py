"""Encoder golden values: a tiny random BERT over a padded batch.

Tensors of `encoder.safetensors`:
  parameters as `transformers.BertModel` names them, ids [batch, pieces], lengths [batch],
  states.LAYER [batch, pieces, hidden] for layer 0 (embeddings) to 2, zeroed at padding,
  weights [batch, pieces, hidden], zero at padding, of the loss Σ states.2 · weights, and
  gradients.NAME of some of the parameters.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel

LENGTHS = torch.tensor([7, 2, 5])
GRADIENTS = [
    "embeddings.word_embeddings.weight",
    "embeddings.position_embeddings.weight",
    "embeddings.LayerNorm.weight",
    "encoder.layer.0.attention.self.query.weight",
    "encoder.layer.0.attention.self.key.bias",
    "encoder.layer.0.attention.output.LayerNorm.bias",
    "encoder.layer.0.intermediate.dense.weight",
    "encoder.layer.1.attention.self.value.weight",
    "encoder.layer.1.output.dense.bias",
]

if __name__ == "__main__":
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=50,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        layer_norm_eps=1e-12,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = BertModel(config, add_pooling_layer=False)
    for name, parameter in model.named_parameters():
        # Far from its initial 0.02, so that attention is not nearly uniform.
        torch.nn.init.normal_(parameter, 1.0 if name.endswith("LayerNorm.weight") else 0.0, 0.25)
    steps = int(LENGTHS.max())
    mask = torch.arange(steps) < LENGTHS.unsqueeze(1)
    ids = torch.randint(1, 50, (len(LENGTHS), steps)) * mask
    weights = torch.randn(len(LENGTHS), steps, 32) * mask.unsqueeze(2)

    states = model(input_ids=ids, attention_mask=mask.long(), output_hidden_states=True).hidden_states
    (states[-1] * weights).sum().backward()

    parameters = dict(model.named_parameters())
    tensors = {**parameters, "ids": ids, "lengths": LENGTHS, "weights": weights}
    for layer, state in enumerate(states):
        tensors[f"states.{layer}"] = state * mask.unsqueeze(2)
    for name in GRADIENTS:
        tensors[f"gradients.{name}"] = parameters[name].grad
    tensors = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    save_file(tensors, Path(__file__).with_name("encoder.safetensors"))
