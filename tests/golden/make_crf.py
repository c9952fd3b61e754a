"""Linear-chain CRF golden values by enumerating every tag sequence in f64; nothing here is dynamic programming.

The score of tags y over tokens 0..n is start[y0] + Σ emissions[t, y_t] + Σ transitions[y_t, y_t+1] + end[y_n-1].

Tensors of `crf.safetensors` (f32; integers i64):
  start [tags], end [tags], transitions [tags from, tags to], emissions [batch, tokens, tags], lengths [batch],
  gold [batch, tokens] (0 at padding), weights [batch] of the loss Σ weights · nll,
  log_partition [batch], nll [batch], gradients.{start, end, transitions, emissions},
  marginals [batch, tokens, tags], step_marginals [batch, tokens - 1, tags, tags], best [batch, tokens],
  bio_best [batch, tokens]: best sequences among those that tags O, B-x, I-x, B-y, I-y allow,
  spans [count, 4]: sentence, first token, tokens, type (0 = x, 1 = y), and
  span_probabilities [count]: of B-type I-type … exactly there, not followed by I-type.
"""

from itertools import product
from pathlib import Path

import torch
from safetensors.torch import save_file

BATCH, TOKENS, TAGS = 5, 5, 5
LENGTHS = [5, 3, 1, 4, 2]


def sequences(length):
    return torch.tensor(list(product(range(TAGS), repeat=length)))


def scores(p, sentence, tags):
    """Scores of many sequences, `tags [count, length]`, of one sentence."""
    length = tags.shape[1]
    score = p["start"][tags[:, 0]] + p["end"][tags[:, -1]]
    for token in range(length):
        score = score + p["emissions"][sentence, token][tags[:, token]]
    for token in range(length - 1):
        score = score + p["transitions"][tags[:, token], tags[:, token + 1]]
    return score


def allowed_in_bio(tags):
    """I-x (2) only after B-x (1) or I-x; I-y (4) only after B-y (3) or I-y."""
    for before, tag in zip([0, *tags], tags):
        if tag in (2, 4) and before not in (tag, tag - 1):
            return False
    return True


if __name__ == "__main__":
    torch.manual_seed(2)
    shapes = {"start": (TAGS,), "end": (TAGS,), "transitions": (TAGS, TAGS), "emissions": (BATCH, TOKENS, TAGS)}
    # Rounded to f32 first, so that both sides start from the same numbers.
    p = {name: (1.5 * torch.randn(shape)).double().requires_grad_() for name, shape in shapes.items()}
    gold = torch.zeros(BATCH, TOKENS, dtype=torch.long)
    for sentence, length in enumerate(LENGTHS):
        gold[sentence, :length] = torch.randint(TAGS, (length,))
    weights = torch.rand(BATCH).double() + 0.5

    log_partition, nll = [], []
    marginals = torch.zeros(BATCH, TOKENS, TAGS, dtype=torch.double)
    step_marginals = torch.zeros(BATCH, TOKENS - 1, TAGS, TAGS, dtype=torch.double)
    best, bio_best = torch.zeros_like(gold), torch.zeros_like(gold)
    spans, span_probabilities = [], []
    for sentence, length in enumerate(LENGTHS):
        tags = sequences(length)
        score = scores(p, sentence, tags)
        partition = score.logsumexp(0)
        log_partition.append(partition)
        nll.append(partition - scores(p, sentence, gold[sentence, :length].unsqueeze(0))[0])

        probability = (score - partition).exp().detach()
        for token in range(length):
            for tag in range(TAGS):
                marginals[sentence, token, tag] = probability[tags[:, token] == tag].sum()
                for to in range(TAGS if token + 1 < length else 0):
                    here = (tags[:, token] == tag) & (tags[:, token + 1] == to)
                    step_marginals[sentence, token, tag, to] = probability[here].sum()
        best[sentence, :length] = tags[score.argmax()]
        allowed = torch.tensor([allowed_in_bio(sequence) for sequence in tags.tolist()])
        bio_best[sentence, :length] = tags[score.masked_fill(~allowed, -torch.inf).argmax()]
        for kind in (0, 1):
            begin, inside = 1 + 2 * kind, 2 + 2 * kind
            for first in range(length):
                for count in range(1, length - first + 1):
                    path = torch.tensor([begin] + [inside] * (count - 1))
                    here = (tags[:, first : first + count] == path).all(1)
                    if first + count < length:
                        here &= tags[:, first + count] != inside
                    spans.append([sentence, first, count, kind])
                    span_probabilities.append(probability[here].sum())
    log_partition, nll = torch.stack(log_partition), torch.stack(nll)
    (nll * weights).sum().backward()

    tensors = {
        **p,
        **{f"gradients.{name}": parameter.grad for name, parameter in p.items()},
        "lengths": torch.tensor(LENGTHS),
        "gold": gold,
        "weights": weights,
        "log_partition": log_partition,
        "nll": nll,
        "marginals": marginals,
        "step_marginals": step_marginals,
        "best": best,
        "bio_best": bio_best,
        "spans": torch.tensor(spans),
        "span_probabilities": torch.stack(span_probabilities),
    }
    tensors = {name: t.detach().float() if t.is_floating_point() else t for name, t in tensors.items()}
    save_file(tensors, Path(__file__).with_name("crf.safetensors"))
