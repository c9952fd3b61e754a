"""Counts what a program built with the feature `cuda` asks of the driver and of cuBLAS in a step of training.

python benchmarks/training_speed/calls.py --programs target/cuda/release --data DATA/conll04 --encoder ENCODER

Two runs differ by some steps, and so do their calls. Without a GPU nothing is computed: memory is the host's and kernels do
nothing, so that all numbers are zero, but the calls are those of a real run. `--gpu` counts on a real one.
"""

import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What counts as one call of a kind.
KINDS = {
    "launches of kernels": ["cuLaunchKernel", "cuLaunchKernelEx"],
    "products by cuBLAS": ["cublasGemmEx", "cublasGemmStridedBatchedEx", "cublasSgemm_v2", "cublasSgemmStridedBatched"],
    "memory taken": ["cuMemAllocAsync", "cuMemAlloc_v2"],
    "memory cleared": ["cuMemsetD8Async", "cuMemsetD8_v2"],
    "copies to the GPU": ["cuMemcpyHtoDAsync_v2", "cuMemcpyHtoD_v2"],
    "copies on the GPU": ["cuMemcpyDtoDAsync_v2", "cuMemcpyDtoD_v2"],
    # What is copied to memory that the driver does not know is waited for.
    "waits for the GPU": ["cuMemcpyDtoHAsync_v2", "cuMemcpyDtoH_v2", "cuStreamSynchronize", "cuCtxSynchronize"],
    "events": ["cuEventCreate", "cuEventRecord", "cuStreamWaitEvent"],
}

PRELUDE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef unsigned long W;
#define ARGUMENTS W a, W b, W c, W d, W e, W f, W g, W h, W i, W j, W k, W l, W m, W n, W o, W p, W q, W r, W s, W t, W u, W v, W w, W x, W y
#define PASSED a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y
"""

# Of the functions that a fake must do more for than say that all is well: what they do.
FAKES = {
    "cuDeviceGetCount": "*(int*)a = 1;",
    "cuDeviceGet": "*(int*)a = 0;",
    "cuDeviceGetAttribute": "*(int*)a = 1;",
    "cuDevicePrimaryCtxRetain": "*(W*)a = 1;",
    "cuCtxGetCurrent": "*(W*)a = 1;",
    "cuStreamCreate": "*(W*)a = 1;",
    "cuStreamCreateWithPriority": "*(W*)a = 1;",
    "cuEventCreate": "*(W*)a = 1;",
    "cuModuleLoadData": "*(W*)a = 1;",
    "cuModuleGetFunction": "*(W*)a = 1;",
    "cuDeviceGetDefaultMemPool": "*(W*)a = 1;",
    "cuMemAllocAsync": "*(W*)a = (W)calloc(b, 1);",
    "cuMemAlloc_v2": "*(W*)a = (W)calloc(b, 1);",
    "cuMemFreeAsync": "free((void*)a);",
    "cuMemFree_v2": "free((void*)a);",
    "cuMemsetD8Async": "memset((void*)a, (int)b, c);",
    "cuMemcpyHtoDAsync_v2": "memcpy((void*)a, (void*)b, c);",
    "cuMemcpyHtoD_v2": "memcpy((void*)a, (void*)b, c);",
    "cuMemcpyDtoHAsync_v2": "memcpy((void*)a, (void*)b, c);",
    "cuMemcpyDtoH_v2": "memcpy((void*)a, (void*)b, c);",
    "cuMemcpyDtoDAsync_v2": "memcpy((void*)a, (void*)b, c);",
    "cublasCreate_v2": "*(W*)a = 1;",
    "curandCreateGenerator": "*(W*)a = 1;",
}


def imported(program):
    """Names of CUDA's functions that a program takes from libraries."""
    symbols = subprocess.run(["nm", "-D", "--undefined-only", program], capture_output=True, text=True, check=True).stdout
    return sorted(set(re.findall(r"\bU ((?:cu|cublas|curand)[A-Z]\w+)", symbols)))


def interposer(program, folder, gpu):
    """A library that is loaded before CUDA's and counts."""
    code, report = [PRELUDE], []
    for name in imported(program):
        counted = any(name in names for names in KINDS.values())
        if gpu and not counted:
            continue
        code.append(f"static W count_{name};")
        if gpu:
            body = f'static int (*next)(ARGUMENTS); if (!next) next = dlsym(RTLD_NEXT, "{name}"); return next(PASSED);'
        else:
            body = FAKES.get(name, "") + " return 0;"
        code.append(f"int {name}(ARGUMENTS) {{ __atomic_add_fetch(&count_{name}, 1, __ATOMIC_RELAXED); {body} }}")
        report.append(f'fprintf(file, "{name} %lu\\n", count_{name});')
    code.append("__attribute__((destructor)) static void report(void) { FILE* file = fopen(getenv(\"CALLS\"), \"w\"); "
                + " ".join(report) + " fclose(file); }")
    source, library = folder / "calls.c", folder / "calls.so"
    source.write_text("\n".join(code))
    subprocess.run(["cc", "-w", "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


def calls(arguments, folder, library, sentences):
    data = folder / f"data-{sentences}"
    data.mkdir()
    for name, count in [("train.jsonl", sentences), ("dev.jsonl", 1)]:
        with open(arguments.data / name, encoding="utf-8") as lines:
            (data / name).write_text("".join(islice(lines, count)), encoding="utf-8")
    config = folder / "config.toml"
    # Nothing is measured on dev, where a network of zeros might find no end of relations.
    config.write_text(re.sub(r"(?m)^epochs = .*", "epochs = 1", arguments.config.read_text()))
    counts = folder / f"calls-{sentences}"
    command = [arguments.programs / "spanarc", "train", "--device", "cuda:0", "--config", config, "--data", data]
    command += ["--encoder", arguments.encoder, "--out", folder / f"run-{sentences}"]
    environment = dict(os.environ) | {"LD_PRELOAD": str(library), "CALLS": str(counts)}
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    found = dict(line.split() for line in counts.read_text().splitlines())
    return collections.Counter({name: int(count) for name, count in found.items()})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=Path, default=ROOT / "target/cuda/release")
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl and dev.jsonl")
    parser.add_argument("--encoder", type=Path, required=True, help="folder of the encoder")
    parser.add_argument("--config", type=Path, default=ROOT / "configs/news.toml")
    parser.add_argument("--gpu", action="store_true", help="on a real GPU")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        library = interposer(arguments.programs / "spanarc", folder, arguments.gpu)
        few, many = (calls(arguments, folder, library, 8 * steps) for steps in (8, 24))
    many.subtract(few)
    print("| a step of 8 sentences | calls |\n| --- | --- |")
    for kind, names in KINDS.items():
        print(f"| {kind} | {sum(many[name] for name in names) / 16:.1f} |")


if __name__ == "__main__":
    main()
