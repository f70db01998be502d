"""Times of saving and loading ten million weights with Adam's state, lamina and Keras; and memory over 1000 models.

python benchmarks/saving.py            both, each in processes of its own
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

UNITS = 2230  # two layers of this size are ten million weights


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


def growth(name):
    """MiB that memory grows by from the 50th model to the 1000th."""
    import numpy as np

    keras = imported(name)
    x, y = np.ones((64, 8), "float32"), np.ones((64, 1), "float32")
    for number in range(1000):
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)])
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


def main():
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for name in ("lamina", "keras"):
            path = Path(folder, f"{name}.keras")
            found[name] = run("inside", name, path)[1]
            found[name]["process"] = min(run("load", name, path)[0] for _ in range(3))
        print(f"{'':22}{'lamina':>10}{'Keras':>10}{'ratio':>8}")
        for key, title in (("save", "save"), ("load", "load"), ("process", "load, whole process")):
            mine, theirs = found["lamina"][key], found["keras"][key]
            print(f"{title:22}{mine:9.3f}s{theirs:9.3f}s{theirs / mine:8.1f}")
        print(f"1000 models: {run('growth', 'lamina')[1]['growth']:.1f} MiB more than after 50")


if __name__ == "__main__":
    task = {"inside": inside, "load": load, "growth": growth}.get(sys.argv[1] if len(sys.argv) > 1 else "")
    task(*sys.argv[2:]) if task else main()
