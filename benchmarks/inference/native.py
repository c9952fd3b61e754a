"""Times `spanarc annotate` and ONNX Runtime by turns on the same sentences: `cargo xtask bench native`.

`native.py INPUTS SPANARC MODEL PEAKS`: the folder of inputs, the program, its model, and a file with lines of JSON, one for each
set of instructions whose peak was measured. Writes native.json into the folder.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort

ROUNDS = int(os.environ.get("SPANARC_BENCH_ROUNDS", 10))
A_ROUND = 1000
BATCH = 16


class OnnxRuntime:
    """The encoder alone on word pieces that are cut already."""

    def __init__(self, model: Path, threads: int, batch: int):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.threads, self.batch = threads, batch
        how = "one by one" if batch == 1 else f"{batch} of similar length at a time"
        self.name = f"ONNX Runtime, encoder of 4 layers, int8, {how}"

    def seconds(self, ids: list[list[int]], _: list[str]) -> float:
        ids = sorted(ids, key=len) if self.batch > 1 else ids
        feeds = [self._feed(ids[start : start + self.batch]) for start in range(0, len(ids), self.batch)]
        start = time.perf_counter()
        for feed in feeds:
            self.session.run(None, feed)
        return time.perf_counter() - start

    @staticmethod
    def _feed(sentences: list[list[int]]) -> dict[str, np.ndarray]:
        longest = max(map(len, sentences))
        ids = np.zeros((len(sentences), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, sentence in enumerate(sentences):
            ids[row, : len(sentence)] = sentence
            mask[row, : len(sentence)] = 1
        return {"input_ids": ids, "attention_mask": mask}


class Spanarc:
    """The whole way from text to JSON lines, as a process; the time of one that reads a single sentence is taken off."""

    name = "spanarc annotate"

    def __init__(self, program: Path, model: Path, threads: int):
        self.threads = threads
        self.command = [program, "annotate", "--model", model, "--input", "lines"]
        usage = subprocess.run([program, "annotate", "--help"], capture_output=True, text=True, check=True).stdout
        if "--threads" in usage:
            self.command += ["--threads", str(threads)]
        self.environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}

    def seconds(self, _: list[list[int]], lines: list[str]) -> float:
        return self._elapsed(lines) - self._elapsed(lines[:1])

    def _elapsed(self, lines: list[str]) -> float:
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
            file.writelines(lines)
            file.flush()
            start = time.perf_counter()
            subprocess.run([*self.command, file.name], stdout=subprocess.DEVNULL, env=self.environment, check=True)
            return time.perf_counter() - start


def processor() -> str:
    info = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0] if names else platform.processor() or "unknown processor"


def main() -> None:
    inputs, program, model, peaks = (Path(argument) for argument in sys.argv[1:5])
    ids = json.loads((inputs / "many.json").read_text())["ids"]
    lines = (inputs / "many.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    cores = os.cpu_count() or 1
    encoder = inputs / "onnx" / "encoder4.int8.onnx"
    engines = [Spanarc(program, model, threads) for threads in sorted({1, 2, cores})]
    engines += [OnnxRuntime(encoder, threads, batch) for threads in sorted({1, cores}) for batch in (1, BATCH)]
    for engine in engines:
        engine.seconds(ids[:BATCH], lines[:BATCH])
    seconds = [[] for _ in engines]
    for number in range(ROUNDS):
        part = slice(number * A_ROUND, (number + 1) * A_ROUND)
        for turn in range(len(engines)):
            index = (turn + number) % len(engines)
            seconds[index].append(engines[index].seconds(ids[part], lines[part]))
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
    machine = {
        "processor": processor(),
        "cores": cores,
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "software": [f"ONNX Runtime {ort.__version__}", platform.system()],
    }
    timed = [
        {"engine": engine.name, "threads": engine.threads, "seconds": times} for engine, times in zip(engines, seconds)
    ]
    measured = {
        "machine": machine,
        "timed": timed,
        "sentences": A_ROUND,
        "peaks": [json.loads(line) for line in peaks.read_text().splitlines() if line.strip()],
    }
    (inputs / "native.json").write_text(json.dumps(measured))


if __name__ == "__main__":
    main()
