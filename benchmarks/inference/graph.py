"""ONNX graphs of the encoder and of the whole network, written node by node from the network's parameters by name."""

from __future__ import annotations

import json
import struct

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# The first version with Gelu as one operator.
OPSET = 20


def read_safetensors(path) -> dict[str, np.ndarray]:
    """The f32 tensors of a file."""
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            continue
        start, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[start:end], dtype="<f4").reshape(entry["shape"])
    return tensors


class Graph:
    """Collects nodes and constants. Methods add a node and return the name of its output."""

    def __init__(self, parameters: dict[str, np.ndarray]):
        self.parameters = parameters
        self.nodes, self.constants, self.inputs, self.outputs = [], {}, [], []

    def input(self, name: str, kind: int, shape: list) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, value: str, shape: list) -> None:
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def numbers(self, *values: int) -> str:
        return self.constant("i" + "_".join(map(str, values)), np.array(values, dtype=np.int64))

    def number(self, value: float) -> str:
        return self.constant(f"f{value}", np.array(value, dtype=np.float32))

    def parameter(self, name: str) -> str:
        return self.constant(name, self.parameters[name])

    def add(self, operator: str, *inputs: str, outputs: int = 1, **attributes):
        names = [f"{operator}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def linear(self, xs: str, name: str) -> str:
        weight = self.constant(f"{name}.weight.t", self.parameters[f"{name}.weight"].T)
        return self.add("Add", self.add("MatMul", xs, weight), self.parameter(f"{name}.bias"))

    def norm(self, xs: str, name: str) -> str:
        weight, bias = self.parameter(f"{name}.weight"), self.parameter(f"{name}.bias")
        return self.add("LayerNormalization", xs, weight, bias, axis=-1, epsilon=1e-12)

    def model(self) -> onnx.ModelProto:
        constants = list(self.constants.values())
        graph = helper.make_graph(self.nodes, "spanarc", self.inputs, self.outputs, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
        onnx.checker.check_model(model)
        return model


def encoder_states(graph: Graph, prefix: str, config: dict, mask: str | None, casings: str | None) -> list[str]:
    """States after the embeddings and after every layer, `[sentences, pieces, hidden]`, of the input `ids`.

    `mask [sentences, pieces]` is 1 where there is a piece; None where all sentences are of one length.
    """
    heads, hidden = config["heads"], config["hidden"]
    ids = graph.input("input_ids", TensorProto.INT64, ["sentences", "pieces"])
    embeddings = f"{prefix}embeddings."
    count = graph.add("Shape", ids, start=1, end=2)
    positions = graph.add(
        "Slice", graph.parameter(f"{embeddings}position_embeddings.weight"), graph.numbers(0), count, graph.numbers(0)
    )
    segment = graph.constant("segment", graph.parameters[f"{embeddings}token_type_embeddings.weight"][0])
    xs = graph.add("Gather", graph.parameter(f"{embeddings}word_embeddings.weight"), ids)
    xs = graph.add("Add", graph.add("Add", xs, positions), segment)
    if casings:
        xs = graph.add("Add", xs, graph.add("Gather", graph.parameter(f"{embeddings}casing_embeddings.weight"), casings))
    xs = graph.norm(xs, f"{embeddings}LayerNorm")
    if mask:
        held = graph.add("Cast", graph.add("Unsqueeze", mask, graph.numbers(1, 2)), to=TensorProto.FLOAT)
        bias = graph.add("Mul", graph.add("Sub", graph.number(1.0), held), graph.number(-10000.0))
    states = [xs]
    for index in range(config["layers"]):
        layer = f"{prefix}encoder.layer.{index}."

        def split(name: str, order: list[int]) -> str:
            projected = graph.linear(xs, f"{layer}attention.self.{name}")
            shaped = graph.add("Reshape", projected, graph.numbers(0, 0, heads, hidden // heads))
            return graph.add("Transpose", shaped, perm=order)

        scores = graph.add("MatMul", split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1]))
        scores = graph.add("Div", scores, graph.number(float(np.sqrt(hidden / heads))))
        if mask:
            scores = graph.add("Add", scores, bias)
        context = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), split("value", [0, 2, 1, 3]))
        context = graph.add("Transpose", context, perm=[0, 2, 1, 3])
        context = graph.add("Reshape", context, graph.numbers(0, 0, hidden))
        attended = graph.linear(context, f"{layer}attention.output.dense")
        xs = graph.norm(graph.add("Add", attended, xs), f"{layer}attention.output.LayerNorm")
        widened = graph.add("Gelu", graph.linear(xs, f"{layer}intermediate.dense"))
        xs = graph.norm(graph.add("Add", graph.linear(widened, f"{layer}output.dense"), xs), f"{layer}output.LayerNorm")
        states.append(xs)
    return states


def encoder(parameters: dict[str, np.ndarray], config: dict) -> onnx.ModelProto:
    """The encoder alone with the inputs that Hugging Face's exports have, but for the segments."""
    graph = Graph(parameters)
    mask = graph.input("attention_mask", TensorProto.INT64, ["sentences", "pieces"])
    states = encoder_states(graph, "", config, mask, None)
    graph.output("last_hidden_state", states[-1], ["sentences", "pieces", config["hidden"]])
    return graph.model()


def _gates(matrix: np.ndarray) -> np.ndarray:
    """PyTorch's order reset, update, new as ONNX's update, reset, new."""
    reset, update, new = np.split(matrix, 3)
    return np.concatenate([update, reset, new])


def _gru(graph: Graph, xs: str, name: str, lengths: str | None = None) -> tuple[str, str]:
    """Both directions of a GRU over `xs [steps, sequences, input]`: all states `[steps, 2, sequences, hidden]`, the last ones."""
    both = lambda part: [_gates(graph.parameters[f"{name}.{direction}.{part}"]) for direction in ("forward", "backward")]
    weight = graph.constant(f"{name}.w", np.stack(both("weight_ih")))
    recurrent = graph.constant(f"{name}.r", np.stack(both("weight_hh")))
    bias = graph.constant(f"{name}.b", np.concatenate([np.stack(both("bias_ih")), np.stack(both("bias_hh"))], axis=1))
    hidden = graph.parameters[f"{name}.forward.weight_hh"].shape[1]
    inputs = [xs, weight, recurrent, bias] + ([lengths] if lengths else [])
    options = {"direction": "bidirectional", "hidden_size": hidden, "linear_before_reset": 1}
    return graph.add("GRU", *inputs, outputs=2, **options)


def _stack(graph: Graph, xs: str, name: str, layers: int) -> str:
    """A stack of BiRNN layers over one sentence, `[words, 1, width]` to the same."""
    for index in range(layers):
        states, _ = _gru(graph, xs, f"{name}.{index}")
        xs = graph.add("Reshape", graph.add("Transpose", states, perm=[0, 2, 1, 3]), graph.numbers(0, 1, -1))
    return xs


def network(parameters: dict[str, np.ndarray], config: dict) -> onnx.ModelProto:
    """The whole network for one sentence up to the CRF and the relation scorer.

    Of the configurations there are it knows those of the shipped models: GRU cells, an encoder, characters, casing.
    """
    if config["cell"] != "gru" or config.get("elmo") or config.get("words") or not config["casing"]:
        raise SystemExit("the ONNX export knows networks of an encoder, characters and casing with GRU cells only")
    graph = Graph(parameters)
    casings = graph.input("piece_casings", TensorProto.INT64, [1, "pieces"])
    pool = graph.input("pool", TensorProto.FLOAT, ["words", "pieces"])
    one_hot = graph.input("casing", TensorProto.FLOAT, ["words", 7])
    characters = graph.input("characters", TensorProto.INT64, ["characters", "distinct"])
    lengths = graph.input("character_lengths", TensorProto.INT32, ["distinct"])
    places = graph.input("character_words", TensorProto.INT64, ["words"])

    has_casings = config["encoder"]["casing_embedding"]
    states = encoder_states(graph, "embedding.encoder.", config["encoder"], None, casings if has_casings else None)
    if config["encoder"]["output"] == "mix":
        weights = np.exp(parameters["embedding.mix.weights"] - parameters["embedding.mix.weights"].max())
        shares = weights / weights.sum() * parameters["embedding.mix.gamma"]
        mixed = [graph.add("Mul", state, graph.constant(f"share{i}", np.float32(share))) for i, (state, share) in enumerate(zip(states, shares))]
        piece_states = graph.add("Sum", *mixed)
    else:
        piece_states = states[-1]
    words = graph.add("MatMul", pool, graph.add("Squeeze", piece_states, graph.numbers(0)))

    letters = graph.add("Gather", graph.parameter("embedding.characters.embedding"), characters)
    _, last = _gru(graph, letters, "embedding.characters.rnn", lengths)
    spelled = graph.add("Reshape", graph.add("Transpose", last, perm=[1, 0, 2]), graph.numbers(0, -1))
    spelled = graph.add("Gather", spelled, places)
    embedded = graph.add("Concat", words, spelled, one_hot, axis=1)

    shared = _stack(graph, graph.add("Unsqueeze", embedded, graph.numbers(1)), "shared", config["shared_layers"])
    entity = _stack(graph, shared, "ner", config["ner_layers"])
    relation = _stack(graph, shared, "re", config["re_layers"])
    tanh = graph.add("Tanh", graph.linear(entity, "ner_feed_forward"))
    emissions = graph.linear(tanh, "emission")
    graph.output("emissions", graph.add("Squeeze", emissions, graph.numbers(1)), ["words", None])
    graph.output("relation_features", graph.add("Squeeze", relation, graph.numbers(1)), ["words", None])
    return graph.model()
