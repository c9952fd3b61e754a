"""Golden values of encoders of other kinds, read from their published layout: tiny, of random weights.

Each folder `encoders/KIND` has what the hub would have: `config.json`, `model.safetensors` as `transformers` names the
parameters, `vocab.txt`, and `tokenizer_config.json` or `tokenizer.json`. Beside them, in `golden.safetensors`:
  ids [windows, pieces], lengths [windows],
  states.LAYER [windows, pieces, hidden] for layer 0 (embeddings) to 2, zeroed at padding,
  weights [windows, pieces, hidden], zero at padding, of the loss Σ states.2 · weights, and
  gradients.NAME of some of the parameters, by the names of BertModel;
and in `pieces.json` what `tokenizers` makes of some words, and the whole of a sentence of them.

MPNet's first window is longer than the 128 pieces from which on its relative bias is the same.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import (
    BertConfig,
    BertForTokenClassification,
    DistilBertConfig,
    DistilBertModel,
    MPNetConfig,
    MPNetForMaskedLM,
)

FOLDER = Path(__file__).with_name("encoders")
LENGTHS = {"bert": [7, 2, 5], "distilbert": [7, 2, 5], "mpnet": [133, 5]}
LETTERS = [letter for a in "abcdefghijklmnopqrstuvwxyz" for letter in (a, "##" + a)]
CASED = ["Oslo", "oslo", "Ann", "##é", "é", "##E", "E", "U", "S", ".", "-", "İ", "ß", "##dal", "中"]
UNCASED = ["oslo", "ann", "u", "s", ".", "-", "##dal", "ss", "中"]
WORDS = ["Oslo", "OSLO", "Ann", "ann", "Anné", "E", "é", "É", "U.S.", "Oslodal", "İ", "ß", "中中", "a-b", "Zürich", "\u200b"]
WORDS += ["[UNK]", "<s>"]


def unique(pieces):
    return list(dict.fromkeys(pieces))


SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BERT = {"start": "[CLS]", "end": "[SEP]"}
# The whole of BERT's vocabulary stands between MPNet's own special pieces.
MPNET_VOCABULARY = unique(["<s>", "<pad>", "</s>", "<unk>", *SPECIAL, *LETTERS, *UNCASED, "<mask>"])
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
# The kinds' names of a layer and of its parts.
LAYER = {
    "bert": "encoder.layer.{}",
    "distilbert": "transformer.layer.{}",
    "mpnet": "encoder.layer.{}",
}
PARTS = {
    "bert": {"query": "attention.self.query", "attended": "attention.output.dense", "norm": "attention.output.LayerNorm",
             "wide": "intermediate.dense", "out": "output.dense", "last": "output.LayerNorm"},
    "distilbert": {"query": "attention.q_lin", "attended": "attention.out_lin", "norm": "sa_layer_norm",
                   "wide": "ffn.lin1", "out": "ffn.lin2", "last": "output_layer_norm"},
    "mpnet": {"query": "attention.attn.q", "attended": "attention.attn.o", "norm": "attention.LayerNorm",
              "wide": "intermediate.dense", "out": "output.dense", "last": "output.LayerNorm"},
}


def kinds():
    """Of each folder the kind, the model, the encoder in it, vocabulary, case and marks."""
    none = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    cased = unique([*SPECIAL, *LETTERS, *CASED])
    config = BertConfig(vocab_size=len(cased), max_position_embeddings=64, num_labels=3, **SIZES, **none)
    model = BertForTokenClassification(config)
    yield "bert-cased", "bert", model, model.bert, cased, False, BERT
    uncased = unique([*SPECIAL, *LETTERS, *UNCASED])
    config = DistilBertConfig(vocab_size=len(uncased), max_position_embeddings=64, dim=16, n_layers=2, n_heads=2,
                              hidden_dim=24, dropout=0.0, attention_dropout=0.0)
    # Without a head, and so without a prefix of the names.
    model = DistilBertModel(config)
    yield "distilbert", "distilbert", model, model, uncased, True, BERT
    config = MPNetConfig(vocab_size=len(MPNET_VOCABULARY), max_position_embeddings=150, layer_norm_eps=1e-5, **SIZES, **none)
    model = MPNetForMaskedLM(config)
    yield "mpnet", "mpnet", model, model.mpnet, MPNET_VOCABULARY, True, {"start": "<s>", "end": "</s>"}


def tokenizer(vocabulary, lowercase):
    model = models.WordPiece({piece: row for row, piece in enumerate(vocabulary)}, unk_token="[UNK]")
    tokens = Tokenizer(model)
    tokens.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokens.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokens


def golden(kind, model, encoder, vocabulary):
    # 1 is padding's row in MPNet, whose places depend on it.
    padding = vocabulary.index("<pad>" if kind == "mpnet" else "[PAD]")
    lengths = torch.tensor(LENGTHS[kind])
    steps = int(lengths.max())
    mask = torch.arange(steps) < lengths.unsqueeze(1)
    ids = torch.where(mask, torch.randint(4, len(vocabulary), mask.shape), padding)
    weights = torch.randn(len(lengths), steps, 16) * mask.unsqueeze(2)
    states = encoder(input_ids=ids, attention_mask=mask.long(), output_hidden_states=True).hidden_states
    (states[-1] * weights).sum().backward()
    parameters = dict(encoder.named_parameters())
    part = PARTS[kind]
    gradients = {
        "embeddings.word_embeddings.weight": "embeddings.word_embeddings.weight",
        "embeddings.LayerNorm.bias": "embeddings.LayerNorm.bias",
    }
    for layer, name, ours, end in [
        (0, "query", "attention.self.query", "weight"),
        (0, "attended", "attention.output.dense", "bias"),
        (1, "norm", "attention.output.LayerNorm", "weight"),
        (1, "wide", "intermediate.dense", "bias"),
        (0, "out", "output.dense", "weight"),
        (1, "last", "output.LayerNorm", "bias"),
    ]:
        gradients[f"encoder.layer.{layer}.{ours}.{end}"] = f"{LAYER[kind].format(layer)}.{part[name]}.{end}"
    if kind == "mpnet":
        gradients["encoder.relative_attention_bias.weight"] = "encoder.relative_attention_bias.weight"
    tensors = {"ids": ids, "lengths": lengths, "weights": weights}
    for layer, state in enumerate(states):
        tensors[f"states.{layer}"] = state * mask.unsqueeze(2)
    for ours, theirs in gradients.items():
        tensors[f"gradients.{ours}"] = parameters[theirs].grad
    return {name: tensor.detach().contiguous() for name, tensor in tensors.items()}


def published(name):
    """The names of norms in checkpoints that began as TensorFlow's, such as bert-base-cased."""
    return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")


if __name__ == "__main__":
    for seed, (folder, kind, model, encoder, vocabulary, lowercase, marks) in enumerate(kinds()):
        torch.manual_seed(seed)
        for name, parameter in model.named_parameters():
            norm = name.lower().replace("_", "").endswith("layernorm.weight")
            # Far from its initial 0.02, so that attention is not nearly uniform.
            torch.nn.init.normal_(parameter, 1.0 if norm else 0.0, 0.25)
        folder = FOLDER / folder
        folder.mkdir(parents=True, exist_ok=True)
        save_file(golden(kind, model, encoder, vocabulary), folder / "golden.safetensors")
        rename = published if kind == "bert" else lambda name: name
        used = {name: tensor for name, tensor in model.state_dict().items() if "lm_head" not in name}
        save_file({rename(name): tensor.contiguous() for name, tensor in used.items()}, folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(model.config.to_dict(), indent=2) + "\n")
        (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
        tokens = tokenizer(vocabulary, lowercase)
        if kind == "bert":
            # A folder of which only the tokenizer itself says that case matters.
            normalizer = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                          "lowercase": False}
            (folder / "tokenizer.json").write_text(json.dumps({"version": "1.0", "normalizer": normalizer}) + "\n")
        else:
            (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": lowercase}) + "\n")
        row = vocabulary.index
        pieces = {word: tokens.encode(word, add_special_tokens=False).ids or [row("[UNK]")] for word in WORDS}
        sentence = [row(marks["start"]), *(id for word in WORDS for id in pieces[word]), row(marks["end"])]
        (folder / "pieces.json").write_text(json.dumps({"words": list(pieces.items()), "sentence": sentence}, ensure_ascii=False) + "\n")
