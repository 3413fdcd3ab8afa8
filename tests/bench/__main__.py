"""Measure the course: lessons' time and peak memory, and ratios taken in one run.

    python tests/bench                everything
    python tests/bench lessons ratios --json bench.json

Parts: lessons (time and memory of each), ratios, ladder (how fast lesson 7 trains, on a CPU and, if
there is one, a GPU), mnist (needs all 70,000 digits: COURSE_DATA), grading (installs nbgrader under
build/, to compare). Only where they are named: thousand (grades a class of 1,000, some minutes),
sst2 (needs SST-2, and an hour).

Not a test: machines are noisy. Ratios compare two things run in turn on the same machine.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from unittest import mock

sys.path += [str(Path(__file__).parents[1] / name) for name in ("lessons", "grading")]

import finetune
import grading
import images
import nbformat
import numpy as np
import psutil
import sequences
from lesson_sources import ROOT, build
from nbclient import NotebookClient

from course_lib import data, layers, value


def seconds(call, *, least=0.3):
    """Median time of a call, in seconds, over at least five calls and `least` seconds."""
    times, began = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - began < least:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def run_lesson(path):
    """Wall time (s) and peak resident memory (MiB) of the kernel, for one notebook."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=build.TIMEOUT, kernel_name="python3",
                            resources={"metadata": {"path": str(path.parent)}})
    peak, done = 0, threading.Event()

    def watch():
        nonlocal peak
        while not done.wait(0.05):
            for child in psutil.Process().children(recursive=True):
                try:
                    peak = max(peak, child.memory_info().rss)
                except psutil.NoSuchProcess:
                    pass
    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    try:
        client.execute()
    finally:
        done.set()
        watcher.join()
    return time.perf_counter() - began, peak / 2**20


@contextlib.contextmanager
def embedded_data():
    """Only the embedded data, as where nothing was downloaded."""
    with tempfile.TemporaryDirectory() as empty, \
            mock.patch.dict(os.environ, COURSE_OFFLINE="1", COURSE_CACHE=empty):
        os.environ.pop("COURSE_DATA", None)
        yield


def lessons():
    """Yield each solved lesson's time and memory, on embedded data."""
    total = 0
    for path in sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb")):
        with embedded_data():
            wall, peak = run_lesson(path)
        total += wall
        yield f"lesson {int(path.stem[:2])}: time", wall, "s"
        yield f"lesson {int(path.stem[:2])}: peak memory", peak, "MiB"
    yield "all lessons: time", total, "s"


def scalar_step(x, y, weights):
    """One forward and backward of the two-moons network on the scalar graph."""
    graph = [np.vectorize(value.Value, otypes=[object])(w) for w in weights]
    total = value.Value(0.0)
    for row, label in zip(x, y, strict=True):
        h = [float(v) for v in row]
        for k in range(0, len(graph), 2):
            W, b = graph[k], graph[k + 1]
            h = [sum((h[d] * W[d, j] for d in range(len(h))), b[j]) for j in range(len(b))]
            h = [value.tanh(v) for v in h] if k + 2 < len(graph) else h
        total = total + value.log(1.0 + value.exp(h[0] * (1.0 - 2.0 * label)))
    (total * (1 / len(x))).backward()
    return [np.vectorize(lambda v: v.grad, otypes=[float])(w) for w in graph]


def array_step(x, y, weights):
    """The same with arrays."""
    logits, cache = layers.mlp_forward(x, *weights)
    _, loss_cache = layers.binary_cross_entropy_forward(logits[:, 0], labels=y)
    dlogits = layers.binary_cross_entropy_backward(1.0, loss_cache)
    return layers.mlp_backward(dlogits[:, None], cache)[1:]


def time_to_95():
    """Seconds and epochs until 95 % on the digits' test set, seed 0."""
    x_train, y_train, x_test, y_test = data.digits()
    x_train, x_test = x_train.reshape(-1, 64), x_test.reshape(-1, 64)
    rng = np.random.default_rng(0)
    weights = layers.initialise_mlp([64, 64, 32, 10], rng=rng)
    began = time.perf_counter()
    for epoch in range(1, 101):
        for batch in np.array_split(rng.permutation(len(x_train)), len(x_train) // 32):
            logits, cache = layers.mlp_forward(x_train[batch], *weights)
            _, loss_cache = layers.cross_entropy_forward(logits, labels=y_train[batch])
            _, *grads = layers.mlp_backward(layers.cross_entropy_backward(1.0, loss_cache), cache)
            weights = [w - 0.5 * g for w, g in zip(weights, grads, strict=True)]
        if (layers.mlp_forward(x_test, *weights)[0].argmax(axis=1) == y_test).mean() >= 0.95:
            return time.perf_counter() - began, epoch
    raise RuntimeError("95 % was not reached in 100 passes")


def ratios():
    """Yield the ratios and times that the lessons state."""
    rng = np.random.default_rng(0)
    x, y = data.two_moons(100, noise=0.15, rng=rng)
    weights = layers.initialise_mlp([2, 16, 16, 1], rng=rng)
    pairs = zip(scalar_step(x, y, weights), array_step(x, y, weights), strict=True)
    assert all(np.allclose(a, b, atol=1e-12) for a, b in pairs), "they compute different things"
    ratio = seconds(lambda: scalar_step(x, y, weights)) / seconds(lambda: array_step(x, y, weights))
    yield "two moons: arrays faster than the scalar graph", ratio, "times"
    wall, epochs = time_to_95()
    yield "digits: time to 95 % test accuracy", wall, "s"
    yield "digits: passes to 95 % test accuracy", epochs, "passes"
    yield from images.pairs(seconds)
    yield from sequences.lstm(seconds)
    yield from sequences.heads(seconds)
    with embedded_data():
        digits = data.mnist()
    yield "LeNet in NumPy: time to 95 % on 1,000 digits", images.lenet_to_95(*digits), "s"


PARTS = {"lessons": lessons, "ratios": ratios, "mnist": images.mnist,
         "grading": grading.grading, "ladder": finetune.ladder,
         "thousand": grading.thousand, "sst2": finetune.sst2}
DEFAULT_PARTS = ["lessons", "ratios", "ladder", "mnist", "grading"]
# What was promised, by how a row's name begins: at most, or at least.
TARGETS = {
    **{f"lesson {k}: time": ("≤", s) for k, s in enumerate((12, 12, 20, 60, 60, 60, 100), 1)},
    **{f"lesson {k}: peak memory": ("≤", 600) for k in (1, 2, 3)},
    **{f"lesson {k}: peak memory": ("≤", 900) for k in (4, 5, 6)},
    "lesson 7: peak memory": ("≤", 1200), "all lessons: time": ("≤", 300),
    "two moons: arrays": ("≥", 1000), "digits: time to 95 %": ("≤", 10),
    "conv2d": ("≤", 4), "max_pool2d": ("≤", 4), "batch_norm": ("≤", 4),
    "LSTM: NumPy": ("≤", 3), "attention: NumPy": ("≤", 3), "LeNet in NumPy": ("≤", 40),
    "MNIST: its worst accuracy": ("≥", 99.0), "MNIST: everyone's time over": ("≥", 20),
    "MNIST: ten passes": ("≥", 99.3), "ladder on cuda: torch.compile": ("≥", 5),
    "grading faster": ("≥", 10), "a class of 1,000: memory": ("≤", 1000),
}


def target(name, number):
    """The target of a measurement and whether it was missed, as text."""
    for start, (sign, bound) in TARGETS.items():
        if name.startswith(start):
            kept = number <= bound if sign == "≤" else number >= bound
            return f"{sign} {bound:g}" + " MISSED" * (not kept)
    return ""


def main():
    """Measure what is named, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=DEFAULT_PARTS)
    parser.add_argument("--json", help="file to write the numbers to")
    options = parser.parse_args()
    rows = []
    for part in options.parts:
        for name, number, unit in PARTS[part]():
            asked = target(name, number)
            rows.append({"name": name, "value": number, "unit": unit, "asked": asked})
            digits = 1 if number >= 10 else 3
            print(f"{name:<62} {number:>10,.{digits}f} {unit:<20} {asked}".rstrip(), flush=True)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
