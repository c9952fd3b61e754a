"""GRU and LSTM golden values: two bidirectional layers over a padded batch of ragged sequences.

Tensors of `recurrent.safetensors`, each name prefixed with `gru.` or `lstm.`:
  input [batch, steps, in], lengths [batch], weights [batch, steps, 2·hidden] of the loss Σ output · weights,
  output [batch, steps, 2·hidden], final_states [batch, 2·hidden] (of the first layer),
  parameters.LAYER.DIRECTION.NAME, gradients.LAYER.DIRECTION.NAME, gradients.input.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

BATCH, STEPS, INPUT, HIDDEN, LAYERS = 4, 6, 5, 4, 2
LENGTHS = torch.tensor([4, 6, 1, 3])


def our_name(name):
    """`weight_ih_l1_reverse` to `1.backward.weight_ih`."""
    direction = "backward" if name.endswith("_reverse") else "forward"
    kind, layer = name.removesuffix("_reverse").rsplit("_l", 1)
    return f"{layer}.{direction}.{kind}"


def run(rnn, inputs):
    packed = pack_padded_sequence(inputs, LENGTHS, batch_first=True, enforce_sorted=False)
    output, state = rnn(packed)
    output, _ = pad_packed_sequence(output, batch_first=True, total_length=STEPS)
    return output, state[0] if isinstance(state, tuple) else state


def case(kind):
    rnn = kind(INPUT, HIDDEN, LAYERS, bidirectional=True, batch_first=True)
    for parameter in rnn.parameters():
        torch.nn.init.uniform_(parameter, -0.8, 0.8)
    inputs = torch.randn(BATCH, STEPS, INPUT, requires_grad=True)
    weights = torch.randn(BATCH, STEPS, 2 * HIDDEN)
    output, state = run(rnn, inputs)
    (output * weights).sum().backward()
    tensors = {
        "input": inputs,
        "lengths": LENGTHS,
        "weights": weights,
        "output": output,
        "final_states": torch.cat([state[0], state[1]], dim=1),
        "gradients.input": inputs.grad,
    }
    for name, parameter in rnn.named_parameters():
        tensors[f"parameters.{our_name(name)}"] = parameter
        tensors[f"gradients.{our_name(name)}"] = parameter.grad
    return tensors


if __name__ == "__main__":
    torch.manual_seed(1)
    tensors = {}
    for prefix, kind in [("gru", torch.nn.GRU), ("lstm", torch.nn.LSTM)]:
        for name, tensor in case(kind).items():
            tensors[f"{prefix}.{name}"] = tensor.detach().clone()
    save_file(tensors, Path(__file__).with_name("recurrent.safetensors"))
