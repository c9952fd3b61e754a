"""Golden values of the real encoder: `make_minilm.py FOLDER`, the folder holding all-MiniLM-L6-v2.

`minilm.json` holds:
  pieces: [{text, ids}] word-piece ids without [CLS] and [SEP],
  sentences: [{ids, states}] with ids including [CLS] and [SEP] and, for each layer from the embeddings on,
    the first 8 numbers of the first and the last piece's state, and the mean absolute value of all states.
Both sentences were run in one padded batch.
"""

import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import BertModel

SENTENCES = [
    "Grace Holt moved from Trondheim to Vancouver in 1994.",
    "The Meridian Bank of Oslo, founded by Anders Lie, hired 1,200 people last spring and closed two branches.",
]
STRINGS = [
    "Boston",
    "BOSTON",
    "unaffordable",
    "re-election",
    "U.S.",
    "O'Connor's",
    "café",
    "Zürich",
    "Kraków",
    "naïve façade",
    "1,234.56",
    "$40-million",
    "AT&T",
    "e-mail: jo@example.org",
    "https://example.org/a?b=c",
    "東京",
    "Москва",
    "Ελλάδα",
    "İstanbul",
    "Straße",
    "ﬁnance",
    "don’t “quote”",
    "x\u0301y",
    "🙂 ok",
    "tab\tand\u00a0space",
    "zero\u200bwidth",
    "antidisestablishmentarianism",
    "a" * 120,
    "-LRB-",
    "",
]

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    model = BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="eager").eval()

    encodings = [tokenizer.encode(sentence).ids for sentence in SENTENCES]
    longest = max(map(len, encodings))
    ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids in encodings])
    mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in encodings])
    with torch.no_grad():
        layers = model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states

    def excerpt(state):
        numbers = [state[0, :8].tolist(), state[-1, :8].tolist()]
        return {"first": numbers[0], "last": numbers[1], "mean_absolute": state.abs().mean().item()}

    golden = {
        "pieces": [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids} for text in STRINGS],
        "sentences": [
            {"ids": ids, "states": [excerpt(layer[index, : len(ids)]) for layer in layers]}
            for index, ids in enumerate(encodings)
        ],
    }
    Path(__file__).with_name("minilm.json").write_text(json.dumps(golden, indent=1) + "\n")
