"""Golden values of the masked language model's head: what BERT's says of a few states.

Tensors of `masked_language_head.safetensors`:
  `pieces` [vocabulary, hidden], the shared embedding, and the head's parameters as transformers names them below
  `cls.predictions`, states [masked pieces, hidden], ids [masked pieces],
  nll [masked pieces], and gradients.NAME of their sum.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertLMPredictionHead

if __name__ == "__main__":
    torch.manual_seed(7)
    config = BertConfig(vocab_size=30, hidden_size=16, layer_norm_eps=1e-12)
    head = BertLMPredictionHead(config)
    head.decoder.bias = head.bias
    for name, parameter in head.named_parameters():
        torch.nn.init.normal_(parameter, 1.0 if name.endswith("LayerNorm.weight") else 0.0, 0.5)
    states = torch.randn(6, 16, requires_grad=True)
    ids = torch.tensor([3, 0, 29, 3, 17, 8])

    nll = torch.nn.functional.cross_entropy(head(states), ids, reduction="none")
    nll.sum().backward()

    parameters = {
        "pieces": head.decoder.weight,
        "bias": head.bias,
        "transform.dense.weight": head.transform.dense.weight,
        "transform.dense.bias": head.transform.dense.bias,
        "transform.LayerNorm.weight": head.transform.LayerNorm.weight,
        "transform.LayerNorm.bias": head.transform.LayerNorm.bias,
        "states": states,
    }
    tensors = {**parameters, "ids": ids, "nll": nll}
    tensors |= {f"gradients.{name}": parameter.grad for name, parameter in parameters.items()}
    tensors = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    save_file(tensors, Path(__file__).with_name("masked_language_head.safetensors"))
