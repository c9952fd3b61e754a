"""Writes elmo/: a tiny ELMo of random weights in bilm-tf's format, and what its formulas say of some sentences.

The formulas are written out in NumPy, in f64, a word and a step at a time, after Peters et al. 2018 and the behaviour of
TensorFlow's LSTMCell; they agree with `elmo-reference` of the shared data to 2e-6.
"""

import json
from pathlib import Path

import h5py
import numpy

FOLDER = Path(__file__).parent / "elmo"
WORD_LENGTH, EMBEDDING, CELL, PROJECTION, LAYERS, HIGHWAY = 10, 3, 6, 4, 2, 2
FILTERS = [(1, 2), (2, 3), (4, 4)]
CLIPS = {"cell_clip": 0.6, "proj_clip": 0.4}
SENTENCES = [
    ["Ann", "lives", "in", "Oslo", "."],
    ["Überraschungen", "…"],
    ["It", "rained", "on", "1999-12-31", "in", "Córdoba", "!"],
]
START, END, WORD_START, WORD_END, PADDING = range(256, 261)


def options():
    return {
        "lstm": {"dim": CELL, "n_layers": LAYERS, "projection_dim": PROJECTION, "use_skip_connections": True, **CLIPS},
        "char_cnn": {
            "activation": "relu",
            "embedding": {"dim": EMBEDDING},
            "filters": FILTERS,
            "max_characters_per_token": WORD_LENGTH,
            "n_characters": 262,
            "n_highway": HIGHWAY,
        },
    }


def weights():
    random = numpy.random.default_rng(7)
    total = sum(filters for _, filters in FILTERS)
    shapes = {"char_embed": (261, EMBEDDING), "CNN_proj/W_proj": (total, PROJECTION), "CNN_proj/b_proj": (PROJECTION,)}
    for index, (width, filters) in enumerate(FILTERS):
        shapes[f"CNN/W_cnn_{index}"] = (1, width, EMBEDDING, filters)
        shapes[f"CNN/b_cnn_{index}"] = (filters,)
    for index in range(HIGHWAY):
        for part in ("carry", "transform"):
            shapes[f"CNN_high_{index}/W_{part}"] = (total, total)
            shapes[f"CNN_high_{index}/b_{part}"] = (total,)
    for direction in range(2):
        for layer in range(LAYERS):
            cell = f"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
            shapes[f"{cell}/W_0"] = (2 * PROJECTION, 4 * CELL)
            shapes[f"{cell}/B"] = (4 * CELL,)
            shapes[f"{cell}/W_P_0"] = (CELL, PROJECTION)
    return {name: random.normal(0, 0.6, shape).astype("float32") for name, shape in shapes.items()}


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def word_vector(weights, symbols):
    row = [WORD_START, *symbols[: WORD_LENGTH - 2], WORD_END]
    row += [PADDING] * (WORD_LENGTH - len(row))
    embedded = weights["char_embed"][row]
    pooled = []
    for index, (width, filters) in enumerate(FILTERS):
        kernel = weights[f"CNN/W_cnn_{index}"][0].reshape(width * EMBEDDING, filters)
        places = [embedded[at : at + width].reshape(-1) @ kernel for at in range(WORD_LENGTH - width + 1)]
        pooled.append(numpy.maximum(numpy.max(places, 0) + weights[f"CNN/b_cnn_{index}"], 0))
    x = numpy.concatenate(pooled)
    for index in range(HIGHWAY):
        gate, lift = (
            x @ weights[f"CNN_high_{index}/W_{part}"] + weights[f"CNN_high_{index}/b_{part}"]
            for part in ("carry", "transform")
        )
        x = sigmoid(gate) * numpy.maximum(lift, 0) + (1 - sigmoid(gate)) * x
    return x @ weights["CNN_proj/W_proj"] + weights["CNN_proj/b_proj"]


def run_layer(weights, direction, layer, inputs, state):
    cell_name = f"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
    hidden, cell = state
    outputs = []
    for x in inputs:
        i, j, f, o = numpy.split(numpy.concatenate([x, hidden]) @ weights[f"{cell_name}/W_0"] + weights[f"{cell_name}/B"], 4)
        cell = sigmoid(f + 1) * cell + sigmoid(i) * numpy.tanh(j)
        cell = numpy.clip(cell, -CLIPS["cell_clip"], CLIPS["cell_clip"])
        hidden = (sigmoid(o) * numpy.tanh(cell)) @ weights[f"{cell_name}/W_P_0"]
        hidden = numpy.clip(hidden, -CLIPS["proj_clip"], CLIPS["proj_clip"])
        outputs.append(hidden)
    return numpy.array(outputs), (hidden, cell)


def read(weights, words, states):
    """Layers 0 to LAYERS of a sentence, `[layers + 1, tokens, 2·projection]`; `states` is changed."""
    symbols = [[START], *(list(word.encode()) for word in words), [END]]
    vectors = numpy.array([word_vector(weights, row) for row in symbols])
    halves = []
    for direction in range(2):
        turn = slice(None, None, -1) if direction else slice(None)
        below, layers = vectors[turn], [vectors]
        for layer in range(LAYERS):
            output, states[direction, layer] = run_layer(weights, direction, layer, below, states[direction, layer])
            below = output + below if layer else output
            layers.append(below[turn])
        halves.append(layers)
    return numpy.concatenate(halves, 2)[:, 1:-1]


def zero():
    return {(direction, layer): (numpy.zeros(PROJECTION), numpy.zeros(CELL)) for direction in range(2) for layer in range(LAYERS)}


def main():
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "options.json").write_text(json.dumps(options(), indent=2) + "\n")
    stored = weights()
    with h5py.File(FOLDER / "weights.hdf5", "w") as file:
        for name, values in stored.items():
            file[name] = values
    exact = {name: values.astype("float64") for name, values in stored.items()}
    states = zero()
    rounded = lambda layers: layers.round(7).tolist()
    golden = {
        "sentences": SENTENCES,
        "from_zero": [rounded(read(exact, words, zero())) for words in SENTENCES],
        "carried": [rounded(read(exact, words, states)) for words in SENTENCES],
    }
    (FOLDER / "states.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
