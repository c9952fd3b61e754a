"""Relation scorer golden values: the formula of Crone 2020, section 3.3, in PyTorch.

For the last token of each mention g = [h, label embedding of its tag]; f = relu(W₁ g + b₁); for each ordered pair
scores = W₂ [f_head, f_tail, cos(f_head, f_tail), distmult] + b₂ with distmult_r = g_headᵀ diag(m_r) g_tail.

Tensors of `relation.safetensors`:
  features [batch, tokens, width], last [mentions] (flat token), tags [mentions], pairs [pairs, 2],
  parameters.NAME, logits [pairs, relations], weights [pairs, relations] of the loss Σ logits · weights,
  gradients.NAME and gradients.features.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

BATCH, TOKENS, WIDTH, TAGS, LABEL, FEED_FORWARD, RELATIONS = 2, 6, 7, 5, 3, 8, 4
PARAMETERS = {
    "labels": (TAGS, LABEL),
    "feed_forward.weight": (FEED_FORWARD, WIDTH + LABEL),
    "feed_forward.bias": (FEED_FORWARD,),
    "diagonal": (RELATIONS, WIDTH + LABEL),
    "output.weight": (RELATIONS, 2 * FEED_FORWARD + 1 + RELATIONS),
    "output.bias": (RELATIONS,),
}
# Flat last token and its tag: three mentions in sentence 0, two in sentence 1.
LAST = torch.tensor([0, 3, 5, 7, 11])
TAG = torch.tensor([1, 2, 3, 4, 1])
PAIRS = torch.tensor([[a, b] for group in ([0, 1, 2], [3, 4]) for a in group for b in group if a != b])


def logits(p, features):
    g = torch.cat([features.flatten(0, 1)[LAST], p["labels"][TAG]], dim=1)
    f = F.relu(F.linear(g, p["feed_forward.weight"], p["feed_forward.bias"]))
    rows = []
    for head, tail in PAIRS.tolist():
        cosine = F.cosine_similarity(f[head], f[tail], dim=0).unsqueeze(0)
        distmult = torch.stack([g[head] @ torch.diag(m) @ g[tail] for m in p["diagonal"]])
        pair = torch.cat([f[head], f[tail], cosine, distmult])
        rows.append(F.linear(pair, p["output.weight"], p["output.bias"]))
    return torch.stack(rows)


if __name__ == "__main__":
    torch.manual_seed(4)
    p = {name: (0.5 * torch.randn(shape)).requires_grad_() for name, shape in PARAMETERS.items()}
    features = torch.randn(BATCH, TOKENS, WIDTH, requires_grad=True)
    weights = torch.randn(len(PAIRS), RELATIONS)
    scores = logits(p, features)
    (scores * weights).sum().backward()
    tensors = {
        "features": features,
        "last": LAST,
        "tags": TAG,
        "pairs": PAIRS,
        "logits": scores,
        "weights": weights,
        "gradients.features": features.grad,
        **{f"parameters.{name}": parameter for name, parameter in p.items()},
        **{f"gradients.{name}": parameter.grad for name, parameter in p.items()},
    }
    save_file({name: t.detach().contiguous() for name, t in tensors.items()}, Path(__file__).with_name("relation.safetensors"))
