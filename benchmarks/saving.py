"""Times of saving and loading ten million weights with Adam's state, lamina and Keras; and memory over 1000 models.

python benchmarks/saving.py            both, in processes of their own that take turns
python benchmarks/saving.py --save     also replaces its part of RESULTS.md
"""

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import machine
from comparison import ratio, save_section
from report import table

TITLE = "Saving and loading"
TITLES = {"save": "save", "load": "load", "process": "load, whole process"}
UNITS = 2230  # two layers of this size are ten million weights
ROUNDS = 3


def build(keras):
    model = keras.Sequential([keras.Input((UNITS,)), keras.layers.Dense(UNITS, "relu"), keras.layers.Dense(UNITS)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def imported(name):
    os.environ["KERAS_BACKEND"] = "jax"
    return __import__(name)


def best_of(times, function):
    def once():
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    return min(once() for _ in range(times))


def inside(name, path):
    """Seconds in a process that has everything loaded."""
    keras = imported(name)
    model = build(keras)
    save = best_of(3, lambda: model.save(path))
    load = best_of(3, lambda: keras.models.load_model(path))
    print(json.dumps({"save": save, "load": load}))


def load(name, path):
    imported(name).models.load_model(path)


def growth(name, widths):
    """MiB that memory grows by from the 50th model to the 1000th, of so many different widths."""
    import numpy as np

    keras = imported(name)
    x, y = np.ones((64, 8), "float32"), np.ones((64, 1), "float32")
    for number in range(1000):
        units = 4 + number % int(widths)
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units, "relu"), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(x, y, verbose=0)
        del model
        if number == 49:
            gc.collect()
            before = resident()
    gc.collect()
    print(json.dumps({"growth": resident() - before}))


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def run(*arguments):
    command = [sys.executable, __file__, *map(str, arguments)]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    lines = done.stdout.strip().splitlines()
    return time.perf_counter() - start, json.loads(lines[-1]) if lines else {}


def main(keep):
    rows = {key: {"lamina": [], "keras": []} for key in TITLES}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for name in ("lamina", "keras"):
                path = Path(folder, f"{name}.keras")
                for key, seconds in run("inside", name, path)[1].items():
                    rows[key][name].append(seconds)
                rows["process"][name].append(run("load", name, path)[0])
    times = []
    for key, title in TITLES.items():
        mine, theirs = rows[key]["lamina"], rows[key]["keras"]
        seconds = [f"{statistics.median(taken):.3f}" for taken in (mine, theirs)]
        times.append([title, *seconds, f"{ratio(theirs, mine):.2f}×"])
    grown = [
        [f"{n} widths" if n > 1 else "one structure", f"{run('growth', 'lamina', n)[1]['growth']:.1f}"] for n in (1, 36)
    ]
    text = "\n\n".join(
        [
            f"# {TITLE}",
            f"`{' '.join(['python benchmarks/saving.py', *sys.argv[1:]])}`",
            table(("machine", ""), machine.describe()),
            f"`.keras` files of ten million weights with Adam's state; medians of {ROUNDS} rounds that take turns.",
            table(("seconds", "lamina", "Keras on JAX", "times faster"), times),
            "1000 models built, fitted and dropped in one process: memory that was added after the first 50.",
            table(("models", "MiB"), grown),
        ]
    )
    print(text)
    if keep:
        save_section(TITLE, f"{text}\n")


if __name__ == "__main__":
    task = {"inside": inside, "load": load, "growth": growth}.get(sys.argv[1] if len(sys.argv) > 1 else "")
    task(*sys.argv[2:]) if task else main("--save" in sys.argv)
