"""Trains the same network on the same batches with spanarc and with PyTorch, by turns, and prints a table in Markdown.

python benchmarks/training_speed/compare.py --data ../shared/data/conll04 --encoder ../shared/encoders/minilm-l6
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "configs/news.toml"


def run(*command, threads=None):
    """What a command prints; its messages are shown where it fails only."""
    environment = dict(os.environ)
    if threads:
        environment |= {"RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads), "CANDLE_NUM_THREADS": "1"}
    done = subprocess.run(list(map(str, command)), cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


class Utilisation:
    """Mean share of time in which the GPU had work, from a run's first work to its last."""

    def __init__(self, device):
        self.sampler = None
        if device != "cpu":
            query = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "200"]
            query += ["-i", device.partition(":")[2] or "0"]
            self.sampler = subprocess.Popen(query, stdout=subprocess.PIPE, text=True)

    def stop(self):
        if self.sampler is None:
            return None
        self.sampler.terminate()
        samples = [int(line) for line in self.sampler.communicate()[0].split() if line.isdigit()]
        busy = [at for at, sample in enumerate(samples) if sample]
        return statistics.mean(samples[busy[0] : busy[-1] + 1]) if busy else 0.0


class Comparison:
    """The files that both programs read."""

    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, folder
        self.encoder, self.programs = arguments.encoder.resolve(), arguments.programs.resolve()
        self.data, self.config, self.corpus = folder / "data", folder / "config.toml", folder / "corpus.safetensors"
        self.data.mkdir()
        # Dev is measured after training and outside the clock, so that a few sentences of it do.
        for name, count in [("train.jsonl", arguments.sentences), ("dev.jsonl", 8)]:
            with open(arguments.data / name, encoding="utf-8") as lines:
                (self.data / name).write_text("".join(islice(lines, count)), encoding="utf-8")
        self.config.write_text(re.sub(r"(?m)^epochs = .*", "epochs = 1", CONFIG.read_text()))
        export = self.programs / "examples/export_training"
        print(run(export, self.config, self.data, self.encoder, self.corpus), end="", file=sys.stderr)

    def pytorch(self, *options, threads):
        train = Path(__file__).parent / "train.py"
        device = self.arguments.device
        return json.loads(
            run(sys.executable, train, self.corpus, "--threads", threads, "--device", device, *options, threads=threads)
        )

    def spanarc(self, threads):
        out = self.folder / "run"
        command = [self.programs / "spanarc", "train", "--config", self.config, "--data", self.data]
        command += ["--encoder", self.encoder, "--out", out, "--force"]
        if self.arguments.device != "cpu":
            command += ["--device", self.arguments.device]
        run(*command, threads=threads)
        epoch = json.loads((out / "metrics.jsonl").read_text())
        return {
            "sentences": len((self.data / "train.jsonl").read_text(encoding="utf-8").splitlines()),
            "seconds": epoch["training_seconds"],
            "ner_loss": epoch["ner_loss"],
            "re_loss": epoch["re_loss"],
        }

    def measured(self, program, threads):
        utilisation = Utilisation(self.arguments.device)
        result = program(threads=threads)
        return {"speed": result["sentences"] / result["seconds"], "busy": utilisation.stop(), **result}


def processor():
    """The CPU's name where Linux tells it."""
    information = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*:\s*(.*)", information.read_text()) if information.exists() else []
    return f"{names[0]}, {len(names)} threads" if names else platform.machine()


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl and dev.jsonl")
    parser.add_argument("--encoder", type=Path, required=True, help="folder of the encoder")
    parser.add_argument("--threads", type=int, nargs="+", help="default: 1 2, and 2 with a GPU")
    parser.add_argument("--rounds", type=int, help="default: 3, and 2 with a GPU")
    parser.add_argument("--sentences", type=int, help="train on the first so many; default: all")
    parser.add_argument("--device", default="cpu", help="cpu or cuda:0")
    parser.add_argument("--programs", type=Path, help="folder of the built programs; without it they are built")
    arguments = parser.parse_args()
    # A GPU's time is dear: all of it is a minute's work.
    on_gpu = arguments.device != "cpu"
    arguments.threads = arguments.threads or ([2] if on_gpu else [1, 2])
    arguments.rounds = arguments.rounds or (2 if on_gpu else 3)
    if not arguments.programs:
        arguments.programs = build(arguments.device)
    with tempfile.TemporaryDirectory() as folder:
        compare(Comparison(arguments, Path(folder)), arguments)


def build(device):
    """Builds the programs, and gives their folder."""
    if device != "cpu":
        run("cargo", "xtask", "cuda")
        return ROOT / "target/cuda/release"
    run("cargo", "build", "--release", "-p", "spanarc-cli")
    run("cargo", "build", "--release", "-p", "spanarc-train", "--example", "export_training")
    return ROOT / "target/release"


def compare(comparison, arguments):
    difference = comparison.pytorch("--check", threads=arguments.threads[0])
    print(f"{processor()}; PyTorch {torch.__version__}; device {arguments.device}; `configs/news.toml`, f32")
    if arguments.device != "cpu":
        print(f"{torch.cuda.get_device_name(arguments.device)}")
    print("\nLargest differences of PyTorch's network from spanarc's, same weights and sentences, no dropout:\n")
    row("sentences", "pairs", "emissions", "relation logits", "NER loss", "RE loss", "gradients")
    row(*["---"] * 7)
    values = list(difference.values())
    row(*values[:2], *(f"{value:.1e}" for value in values[2:6]), values[6])

    print("\nSentences a second, by turns:\n")
    on_gpu = arguments.device != "cpu"
    titles = ["threads", "round", "spanarc", "PyTorch", "ratio", "losses of spanarc", "of PyTorch"]
    row(*titles, *(["GPU busy, spanarc", "PyTorch"] if on_gpu else []))
    row(*["---"] * (len(titles) + 2 * on_gpu))
    medians = []
    for threads in arguments.threads:
        speeds = []
        for number in range(1, arguments.rounds + 1):
            pair = [comparison.measured(program, threads) for program in (comparison.spanarc, comparison.pytorch)]
            ours, theirs = (result["speed"] for result in pair)
            speeds.append((ours, theirs, ours / theirs))
            losses = [f"{result['ner_loss']:.2f} + 5 · {result['re_loss']:.2f}" for result in pair]
            busy = [f"{result['busy']:.0f} %" for result in pair] if on_gpu else []
            row(threads, number, f"{ours:.1f}", f"{theirs:.1f}", f"{ours / theirs:.2f}", *losses, *busy)
        medians.append((threads, *map(statistics.median, zip(*speeds))))
    print("\nMedians:\n")
    row("threads", "spanarc", "PyTorch", "ratio")
    row(*["---"] * 4)
    for threads, ours, theirs, ratio in medians:
        row(threads, f"{ours:.1f}", f"{theirs:.1f}", f"{ratio:.2f}")


if __name__ == "__main__":
    main()
