"""Makes the ONNX files that the benchmarks run: `export.py INPUTS ENCODERS OUT`.

INPUTS is the folder that `spanarc-bench inputs` writes. ENCODERS may hold `minilm-l6`, whose upper layers make six of our
encoder's four; without it the lower ones are repeated, which costs the same. Before anything is quantised, the whole network
in f32 is compared with what spanarc computes of a few sentences.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import QuantType, quantize_dynamic

from graph import encoder, network, read_safetensors

PREFIX = "embedding.encoder."
TOLERANCE = 2e-3


def six_layers(own: dict[str, np.ndarray], kept: int, encoders: Path) -> tuple[dict[str, np.ndarray], str]:
    """Parameters of an encoder of six layers whose lower ones are ours, and where the others come from."""
    file = encoders / "minilm-l6" / "model.safetensors"
    published = read_safetensors(file) if file.exists() else None
    layers = dict(own)
    for index in range(kept, 6):
        source, there = (published, index) if published else (own, index % kept)
        start = f"encoder.layer.{there}."
        for name, tensor in source.items():
            if name.startswith(start):
                layers[f"encoder.layer.{index}.{name.removeprefix(start)}"] = tensor
    return layers, "those of MiniLM-L6" if published else "our own once more"


def feeds(sentence: dict) -> dict[str, np.ndarray]:
    """A sentence's features as the network's graph takes them. `engines.js` does the same."""
    pool = np.zeros((sentence["words"], len(sentence["ids"])), dtype=np.float32)
    for piece, place in enumerate(sentence["word_of_piece"]):
        if place is not None:
            pool[place[0], piece] = place[1]
    longest = max(map(len, sentence["characters"]))
    characters = np.zeros((longest, len(sentence["characters"])), dtype=np.int64)
    for column, rows in enumerate(sentence["characters"]):
        characters[: len(rows), column] = rows
    return {
        "input_ids": np.array([sentence["ids"]], dtype=np.int64),
        "piece_casings": np.array([sentence["piece_casings"]], dtype=np.int64),
        "pool": pool,
        "casing": np.eye(7, dtype=np.float32)[sentence["casings"]],
        "characters": characters,
        "character_lengths": np.array([len(rows) for rows in sentence["characters"]], dtype=np.int32),
        "character_words": np.array(sentence["character_words"], dtype=np.int64),
    }


def worst_difference(model: Path, reference: list[dict]) -> float:
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    worst = 0.0
    for sentence in reference:
        found = session.run(["emissions", "relation_features"], feeds(sentence))
        for name, values in zip(("emissions", "relation_features"), found):
            worst = max(worst, float(np.abs(values.ravel() - np.array(sentence[name], dtype=np.float32)).max()))
    return worst


def main() -> None:
    inputs, encoders, out = (Path(argument) for argument in sys.argv[1:4])
    out.mkdir(parents=True, exist_ok=True)
    parameters = read_safetensors(inputs / "weights.safetensors")
    config = json.loads((inputs / "network.json").read_text())
    reference = json.loads((inputs / "reference.json").read_text())

    own = {name.removeprefix(PREFIX): tensor for name, tensor in parameters.items() if name.startswith(PREFIX)}
    kept = config["encoder"]["layers"]
    six, origin = six_layers(own, kept, encoders)
    models = {
        "encoder4": encoder(own, config["encoder"]),
        "encoder6": encoder(six, {**config["encoder"], "layers": 6}),
        "network": network(parameters, config),
    }
    for name, model in models.items():
        onnx.save(model, out / f"{name}.f32.onnx")

    worst = worst_difference(out / "network.f32.onnx", reference)
    if worst > TOLERANCE:
        raise SystemExit(f"the ONNX network in f32 is up to {worst:.2g} from ours: it is not the same network")
    for name in models:
        # As the users of transformers.js do: weights by channel, in seven bits so that no product saturates.
        options = {"per_channel": True, "reduce_range": True, "weight_type": QuantType.QInt8}
        quantize_dynamic(out / f"{name}.f32.onnx", out / f"{name}.int8.onnx", **options)
    quantised = worst_difference(out / "network.int8.onnx", reference)
    facts = {"upper_layers": origin, "f32_difference": worst, "int8_difference": quantised}
    (out / "facts.json").write_text(json.dumps(facts, indent=1))
    print(f"ONNX: f32 within {worst:.1e} of ours, int8 within {quantised:.1e}; upper layers of six: {origin}")


if __name__ == "__main__":
    main()
