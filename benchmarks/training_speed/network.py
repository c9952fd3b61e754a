"""The joint network of `configs/news.toml` in PyTorch, written as one would for speed in PyTorch.

It computes what `spanarc_model::network::JointNetwork` does; `train.py --check` holds it to that.
"""

import re

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

ENCODER_DROPOUT, RECURRENT_DROPOUT, RELATION_DROPOUT = 0.1, 0.35, 0.5
HEADS = 12
EPSILON = 1e-12


class EncoderLayer(nn.Module):
    """A layer of BERT."""

    def __init__(self, hidden, intermediate, dropout):
        super().__init__()
        self.projections = nn.Linear(hidden, 3 * hidden)
        self.attended = nn.Linear(hidden, hidden)
        self.attended_norm = nn.LayerNorm(hidden, EPSILON)
        self.intermediate = nn.Linear(hidden, intermediate)
        self.output = nn.Linear(intermediate, hidden)
        self.output_norm = nn.LayerNorm(hidden, EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, xs, mask):
        """`[batch, pieces, hidden]` to the same; `mask` is true where there is a piece."""
        split = self.projections(xs).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(*split.unbind(0), mask, self.dropout.p if self.training else 0.0)
        attended = self.attended(attended.transpose(1, 2).flatten(2))
        xs = self.attended_norm(xs + self.dropout(attended))
        widened = self.output(F.gelu(self.intermediate(xs)))
        return self.output_norm(xs + self.dropout(widened))


class Encoder(nn.Module):
    """BERT with a trained embedding of casing; words are a learned mix of all layers, pooled from their pieces."""

    def __init__(self, shapes, layers, dropout):
        super().__init__()
        hidden = shapes["words"][1]
        for name in ("words", "positions", "segments", "casings"):
            setattr(self, name, nn.Embedding(*shapes[name]))
        for frozen in (self.words, self.positions, self.segments):
            frozen.requires_grad_(False)
        self.norm = nn.LayerNorm(hidden, EPSILON)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(EncoderLayer(hidden, shapes["intermediate"][0], dropout) for _ in range(layers))
        self.mix = nn.Parameter(torch.zeros(layers + 1))
        self.gamma = nn.Parameter(torch.ones(1))

    def forward(self, batch):
        """`[batch, tokens, hidden]`."""
        pieces = batch.piece_ids.shape[1]
        embedded = self.words(batch.piece_ids) + self.positions.weight[:pieces] + self.segments.weight[0]
        xs = self.dropout(self.norm(embedded + self.casings(batch.piece_casings)))
        shares = self.gamma * self.mix.softmax(0)
        mixed = shares[0] * xs
        for layer, share in zip(self.layers, shares[1:]):
            xs = layer(xs, batch.piece_mask)
            mixed = mixed + share * xs
        return batch.pooling @ mixed


class Characters(nn.Module):
    """A word's vector: the last states of a bidirectional GRU over its characters."""

    def __init__(self, alphabet, width):
        super().__init__()
        self.embedding = nn.Embedding(alphabet, width)
        self.gru = nn.GRU(width, width, batch_first=True, bidirectional=True)

    def forward(self, batch):
        """`[batch, tokens, 2·width]`; each distinct word is read once."""
        embedded = self.embedding(batch.characters)
        packed = pack_padded_sequence(embedded, batch.character_lengths, batch_first=True)
        return F.embedding(batch.words, self.gru(packed)[1].transpose(0, 1).flatten(1))


class BiGru(nn.Module):
    """Bidirectional GRU layers with dropout before each."""

    def __init__(self, width, hidden, layers, dropout):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        between = dropout if layers > 1 else 0.0
        self.gru = nn.GRU(width, hidden, layers, batch_first=True, bidirectional=True, dropout=between)

    def forward(self, xs, lengths):
        """`[batch, tokens, width]` to `[batch, tokens, 2·hidden]`."""
        packed = pack_padded_sequence(self.dropout(xs), lengths, batch_first=True)
        return pad_packed_sequence(self.gru(packed)[0], batch_first=True)[0]


class Crf(nn.Module):
    """Linear-chain conditional random field; all sentences of a batch step together."""

    def __init__(self, tags):
        super().__init__()
        self.start = nn.Parameter(torch.empty(tags).uniform_(-0.1, 0.1))
        self.end = nn.Parameter(torch.empty(tags).uniform_(-0.1, 0.1))
        self.transitions = nn.Parameter(torch.empty(tags, tags).uniform_(-0.1, 0.1))

    def forward(self, emissions, tags, mask, lengths):
        """−log P(tags), `[batch]`."""
        steps = self.transitions[tags[:, :-1], tags[:, 1:]]
        own = emissions.gather(2, tags[:, :, None]).squeeze(2)
        last = tags.gather(1, (lengths - 1)[:, None]).squeeze(1)
        score = self.start[tags[:, 0]] + (own * mask).sum(1) + (steps * mask[:, 1:]).sum(1) + self.end[last]
        forward = self.start + emissions[:, 0]
        for emission, valid in zip(emissions.unbind(1)[1:], mask[:, :, None].unbind(1)[1:]):
            stepped = torch.logsumexp(forward[:, :, None] + self.transitions, 1) + emission
            forward = torch.where(valid, stepped, forward)
        return torch.logsumexp(forward + self.end, 1) - score


class RelationScorer(nn.Module):
    """DistMult, cosine and the text between the mentions, for every ordered pair of mentions of a sentence."""

    def __init__(self, features, tags, relations, label, feed_forward, context, dropout):
        super().__init__()
        self.labels = nn.Embedding(tags, label)
        self.feed_forward = nn.Linear(features + label, feed_forward)
        self.diagonal = nn.Parameter(torch.randn(relations, features + label) * 0.1)
        self.context = nn.Linear(features, context)
        self.output = nn.Linear(2 * feed_forward + 1 + relations + context, relations)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features, batch):
        """Logits `[pairs, relations]` from features `[batch, tokens, features]`."""
        flat = features.flatten(0, 1)
        lowest = flat.new_full((1, flat.shape[1]), torch.finfo(flat.dtype).min)
        mentioned = torch.cat([flat, lowest])[batch.mention_tokens].amax(1)
        g = self.dropout(torch.cat([mentioned, self.labels(batch.mention_tags)], 1))
        f = F.relu(self.feed_forward(g))
        f_head, f_tail = f[batch.heads], f[batch.tails]
        distmult = (g[batch.heads] * g[batch.tails]) @ self.diagonal.T
        cosine = F.cosine_similarity(f_head, f_tail)[:, None]
        # The zeros of the row past the end are the least that a relu gives.
        projected = F.pad(F.relu(self.context(self.dropout(flat))), (0, 0, 0, 1))
        between = projected[batch.between_tokens].amax(1)[batch.gap_of_pair]
        return self.output(torch.cat([f_head, f_tail, cosine, distmult, between], 1))


class JointNetwork(nn.Module):
    """The whole network, with the sizes and values of `parameters`, which are spanarc's."""

    def __init__(self, parameters, dropout=True):
        super().__init__()
        state = translated(parameters)
        shape = lambda name: state[name].shape
        rate = lambda value: value if dropout else 0.0
        layers = lambda stack: sum(name.startswith(f"{stack}.gru.bias_ih") for name in state) // 2
        hidden = shape("shared.gru.weight_hh_l0")[1]
        tags = shape("crf.end")[0]

        embeddings = {name: shape(f"encoder.{name}.weight") for name in ("words", "positions", "segments", "casings")}
        embeddings["intermediate"] = shape("encoder.layers.0.intermediate.weight")
        self.encoder = Encoder(embeddings, shape("encoder.mix")[0] - 1, rate(ENCODER_DROPOUT))
        self.characters = Characters(*shape("characters.embedding.weight"))
        stack = lambda name: BiGru(
            shape(f"{name}.gru.weight_ih_l0")[1], hidden, layers(name), rate(RECURRENT_DROPOUT)
        )
        self.shared, self.ner, self.re = stack("shared"), stack("ner"), stack("re")
        self.ner_feed_forward = nn.Linear(*reversed(shape("ner_feed_forward.weight")))
        self.emission = nn.Linear(*reversed(shape("emission.weight")))
        self.crf = Crf(tags)
        self.relation = RelationScorer(
            features=2 * hidden,
            tags=tags,
            relations=shape("relation.output.bias")[0],
            label=shape("relation.labels.weight")[1],
            feed_forward=shape("relation.feed_forward.bias")[0],
            context=shape("relation.context.bias")[0],
            dropout=rate(RELATION_DROPOUT),
        )
        self.load_state_dict(state)

    def forward(self, batch):
        """CRF emissions `[batch, tokens, tags]` and, where there is a pair, relation logits `[pairs, relations]`."""
        embedded = torch.cat([self.encoder(batch), self.characters(batch), batch.casings], 2)
        shared = self.shared(embedded, batch.lengths)
        emissions = self.emission(torch.tanh(self.ner_feed_forward(self.ner(shared, batch.lengths))))
        logits = self.relation(self.re(shared, batch.lengths), batch) if len(batch.heads) else None
        return emissions, logits

    def losses(self, batch, emissions, logits):
        """Both losses, each a mean over sentences; that of the relations is `None` where there is no pair."""
        lengths = batch.lengths.to(emissions.device, non_blocking=True)
        ner = self.crf(emissions, batch.tags, batch.token_mask, lengths).mean()
        if logits is None:
            return ner, None
        entropy = F.binary_cross_entropy_with_logits
        return ner, entropy(logits, batch.targets, batch.pair_weights, reduction="sum")


RENAMED = [
    (r"^embedding\.encoder\.embeddings\.LayerNorm", "encoder.norm"),
    (r"^embedding\.encoder\.embeddings\.word_embeddings", "encoder.words"),
    (r"^embedding\.encoder\.embeddings\.position_embeddings", "encoder.positions"),
    (r"^embedding\.encoder\.embeddings\.token_type_embeddings", "encoder.segments"),
    (r"^embedding\.encoder\.embeddings\.casing_embeddings", "encoder.casings"),
    (r"^embedding\.encoder\.encoder\.layer", "encoder.layers"),
    (r"attention\.output\.dense", "attended"),
    (r"attention\.output\.LayerNorm", "attended_norm"),
    (r"intermediate\.dense", "intermediate"),
    (r"output\.dense", "output"),
    (r"output\.LayerNorm", "output_norm"),
    (r"^embedding\.mix\.weights", "encoder.mix"),
    (r"^embedding\.mix\.gamma", "encoder.gamma"),
    (r"^embedding\.characters\.embedding", "characters.embedding.weight"),
    (r"^embedding\.characters\.rnn\.forward\.(.*)", r"characters.gru.\1_l0"),
    (r"^embedding\.characters\.rnn\.backward\.(.*)", r"characters.gru.\1_l0_reverse"),
    (r"^(shared|ner|re)\.(\d+)\.forward\.(.*)", r"\1.gru.\3_l\2"),
    (r"^(shared|ner|re)\.(\d+)\.backward\.(.*)", r"\1.gru.\3_l\2_reverse"),
    (r"^relation\.labels", "relation.labels.weight"),
]


def translated(parameters):
    """spanarc's parameters, or their gradients, under the names of this network."""
    state, projections = {}, {}
    for name, tensor in parameters.items():
        for pattern, replacement in RENAMED:
            name = re.sub(pattern, replacement, name)
        projection = re.fullmatch(r"(.*)\.attention\.self\.(query|key|value)\.(weight|bias)", name)
        if projection:
            layer, part, kind = projection.groups()
            projections.setdefault(f"{layer}.projections.{kind}", {})[part] = tensor
        else:
            state[name] = tensor
    for name, parts in projections.items():
        state[name] = torch.cat([parts["query"], parts["key"], parts["value"]])
    return state
