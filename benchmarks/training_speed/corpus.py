"""The training data as `export_training` wrote it: sentences as padded arrays, and the batches that spanarc trains on."""

from dataclasses import dataclass, fields

import numpy as np
import torch
from safetensors.numpy import load_file

CASINGS = 7


@dataclass
class Batch:
    """Tensors of some sentences, the longest first."""

    piece_ids: torch.Tensor  # [batch, pieces]
    piece_casings: torch.Tensor  # [batch, pieces]
    piece_mask: torch.Tensor  # [batch, 1, 1, pieces], bool, true where there is a piece
    pooling: torch.Tensor  # [batch, tokens, pieces], the share of a piece in a word
    characters: torch.Tensor  # [distinct words, characters], the longest first
    character_lengths: torch.Tensor  # [distinct words], on the CPU
    words: torch.Tensor  # [batch, tokens], the distinct word that stands there
    casings: torch.Tensor  # [batch, tokens, 7], one-hot
    lengths: torch.Tensor  # [batch], on the CPU
    token_mask: torch.Tensor  # [batch, tokens], bool
    tags: torch.Tensor  # [batch, tokens]
    mention_tokens: torch.Tensor  # [mentions, longest], flat tokens; batch·tokens where there is none
    mention_tags: torch.Tensor  # [mentions], tag of the last token
    heads: torch.Tensor  # [pairs], mentions
    tails: torch.Tensor  # [pairs], mentions
    between_tokens: torch.Tensor  # [unordered pairs, longest], flat tokens; batch·tokens where there is none
    gap_of_pair: torch.Tensor  # [pairs], rows of between_tokens
    targets: torch.Tensor  # [pairs, relation types]
    pair_weights: torch.Tensor  # [pairs, 1]

    def to(self, device):
        """On another device, but for the lengths, which `pack_padded_sequence` wants on the CPU."""
        if device.type == "cpu":
            return self
        host = {"lengths", "character_lengths"}
        move = lambda tensor: tensor.pin_memory().to(device, non_blocking=True)
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return Batch(**{name: value if name in host else move(value) for name, value in values.items()})


def padded(values, lengths, fill):
    """Ragged rows, given flat, as a rectangle."""
    rectangle = np.full((len(lengths), max(lengths.max(initial=0), 1)), fill, values.dtype)
    rectangle[np.arange(rectangle.shape[1]) < lengths[:, None]] = values
    return rectangle


def ranges(starts, ends, outside):
    """The numbers of each range as a row, filled up with `outside`."""
    longest = max((ends - starts).max(initial=0), 1)
    numbers = starts[:, None] + np.arange(longest)
    return np.where(numbers < ends[:, None], numbers, outside)


class Corpus:
    """All sentences, and what spanarc's network gave for some of them."""

    def __init__(self, path):
        exported = load_file(path)
        get = exported.__getitem__
        self.piece_lengths, self.lengths = get("sentences.pieces"), get("sentences.words")
        self.piece_ids = padded(get("pieces.ids"), self.piece_lengths, 0)
        self.piece_casings = padded(get("pieces.casings"), self.piece_lengths, CASINGS)
        self.piece_words = padded(get("pieces.words"), self.piece_lengths, -1)
        self.piece_weights = padded(get("pieces.weights"), self.piece_lengths, 0)
        self.casings = padded(get("words.casings"), self.lengths, 0)
        self.tags = padded(get("words.tags"), self.lengths, 0)
        spelled = padded(get("characters.rows"), get("words.characters"), 0)
        self.spellings, distinct = np.unique(spelled, axis=0, return_inverse=True)
        self.spelling_lengths = (self.spellings > 0).sum(1)
        self.words = padded(distinct.reshape(-1), self.lengths, -1)
        split = lambda name: np.split(get(name), np.cumsum(get(f"sentences.{name}"))[:-1])
        self.mentions, self.relations = split("mentions"), split("relations")
        self.batches = np.split(get("batches.sentences"), np.cumsum(get("batches.sizes"))[:-1])
        self.relation_types = exported["parameter.relation.output.bias"].shape[0]
        select = lambda prefix: {
            name.removeprefix(prefix): torch.from_numpy(array)
            for name, array in exported.items()
            if name.startswith(prefix)
        }
        self.parameters, self.gradients = select("parameter."), select("gradient.")
        self.reference = select("reference.")

    def batch(self, sentences):
        """The sentences of these indices."""
        sentences = sentences[np.argsort(-self.lengths[sentences], kind="stable")]
        lengths, piece_lengths = self.lengths[sentences], self.piece_lengths[sentences]
        tokens, pieces = lengths.max(), piece_lengths.max()
        rows = np.arange(len(sentences))[:, None]
        in_sentence = np.arange(tokens) < lengths[:, None]

        piece_words = self.piece_words[sentences, :pieces]
        pooling = np.zeros((len(sentences), tokens + 1, pieces), np.float32)
        pooling[rows, piece_words, np.arange(pieces)] = self.piece_weights[sentences, :pieces]

        words = self.words[sentences, :tokens]
        distinct, places = np.unique(words[in_sentence], return_inverse=True)
        spelling_lengths = self.spelling_lengths[distinct]
        longest_first = np.argsort(-spelling_lengths, kind="stable")
        rank = np.empty_like(longest_first)
        rank[longest_first] = np.arange(len(rank))
        word_rows = np.zeros_like(words)
        word_rows[in_sentence] = rank[places.reshape(-1)]
        casings = np.eye(CASINGS, dtype=np.float32)[self.casings[sentences, :tokens]] * in_sentence[:, :, None]

        batch = Batch(
            piece_ids=self.piece_ids[sentences, :pieces],
            piece_casings=self.piece_casings[sentences, :pieces],
            piece_mask=(np.arange(pieces) < piece_lengths[:, None])[:, None, None],
            pooling=pooling[:, :tokens],
            characters=self.spellings[distinct][longest_first, : spelling_lengths.max()],
            character_lengths=spelling_lengths[longest_first],
            words=word_rows,
            casings=casings,
            lengths=lengths,
            token_mask=in_sentence,
            tags=self.tags[sentences, :tokens],
            **self.pairs(sentences, tokens),
        )
        return Batch(**{field.name: torch.from_numpy(getattr(batch, field.name)) for field in fields(batch)})

    def pairs(self, sentences, tokens):
        """Mentions, and every ordered pair of those of one sentence."""
        outside = len(sentences) * tokens
        spans, heads, tails, gaps, weights, held = [], [], [], [], [], []
        first, pairs, unordered = 0, 0, 0
        paired = max(sum(len(self.mentions[sentence]) > 1 for sentence in sentences), 1)
        for row, sentence in enumerate(sentences):
            mentions = self.mentions[sentence]
            count = len(mentions)
            spans.append(mentions + row * tokens)
            head, tail = np.nonzero(~np.eye(count, dtype=bool))
            heads.append(head + first)
            tails.append(tail + first)
            number = np.zeros((count, count), np.int64)
            upper = np.triu_indices(count, 1)
            number[upper] = number.T[upper] = np.arange(len(upper[0])) + unordered
            gaps.append(number[head, tail])
            weights.append(np.full(len(head), 1 / (max(count, 1) * paired), np.float32))
            for head, tail, kind in self.relations[sentence]:
                if head != tail:
                    held.append((pairs + head * (count - 1) + tail - (tail > head), kind))
            first, pairs, unordered = first + count, pairs + count * (count - 1), unordered + len(upper[0])
        spans, heads, tails, gaps = (np.concatenate(parts) for parts in (spans, heads, tails, gaps))
        targets = np.zeros((pairs, self.relation_types), np.float32)
        if held:
            targets[tuple(np.transpose(held))] = 1

        starts, ends = spans[:, 0], spans[:, 1]
        gap_starts, gap_ends = np.zeros((2, unordered), np.int64)
        gap_starts[gaps] = np.minimum(ends[heads], ends[tails])
        gap_ends[gaps] = np.maximum(starts[heads], starts[tails])
        flat_tags = self.tags[sentences, :tokens].reshape(-1)
        return dict(
            mention_tokens=ranges(starts, ends, outside),
            mention_tags=flat_tags[ends - 1],
            heads=heads,
            tails=tails,
            between_tokens=ranges(gap_starts, gap_ends, outside),
            gap_of_pair=gaps,
            targets=targets,
            pair_weights=np.concatenate(weights)[:, None],
        )
