"""Kills trainings at random moments, and compares what they end with, resumed, with a training that was left alone.

    python benchmarks/resume.py                         50 kills, some minutes
    python benchmarks/resume.py --kills 5 --seed 3      fewer; another seed kills at other moments
    python benchmarks/resume.py --epochs 10             shorter trainings

Each training has Dropout, BatchNormalization, shuffled data, Adam, EarlyStopping, ReduceLROnPlateau and CSVLogger.
Weights, history and log file must be equal bit for bit. It ends with status 1 if any is not.
"""

import argparse
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SOURCES = ("arrays", "dataset", "generator")
FREQUENCIES = ("epoch", 5)


def train(folder: str, epochs: int, source: str, save_freq: str | int, slow_writes: bool) -> None:
    """Trains in a folder, going on from a snapshot if there is one, and writes down what it ends with."""
    import lamina
    from lamina import callbacks, layers

    if slow_writes:
        _slow_down("fsync", "replace")
    lamina.utils.set_random_seed(7)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(205, 6)).astype("float32")
    y = (np.sin(x[:, :1]) + 0.3 * rng.normal(size=(205, 1))).astype("float32")
    model = lamina.Sequential([lamina.Input((6,)), layers.Dense(24, activation="relu"), layers.BatchNormalization()])
    model.add(layers.Dropout(0.2))
    model.add(layers.Dense(1))
    model.compile("adam", "mse", metrics=["mae"])
    told = [
        Slow(),
        callbacks.EarlyStopping(patience=6, restore_best_weights=True),
        callbacks.ReduceLROnPlateau(factor=0.5, patience=2),
        callbacks.CSVLogger(Path(folder, "log.csv")),
        callbacks.BackupAndRestore(Path(folder, "backup"), save_freq, delete_checkpoint=False),
    ]
    given = {
        "arrays": {"x": x, "y": y, "batch_size": 10},
        "dataset": {"x": make_dataset(x, y)},
        "generator": {"x": endless(x, y), "steps_per_epoch": 20},
    }[source]
    history = model.fit(**given, epochs=epochs, callbacks=told, validation_data=(x[:50], y[:50]), verbose=0)
    kept = {"history": history.history, "epoch": history.epoch, "log": Path(folder, "log.csv").read_text()}
    np.savez(Path(folder, "end.npz"), *model.get_weights(), record=json.dumps(kept))


class Slow:
    """Takes its time every three batches, so that there are moments within epochs; any object may be a callback."""

    def __new__(cls):
        from lamina.callbacks import Callback

        class Pause(Callback):
            def batches_until_due(self):
                return 3

            def on_train_batch_end(self, batch, logs=None):
                time.sleep(0.004)

        return Pause()


def make_dataset(x: np.ndarray, y: np.ndarray) -> object:
    """A data set that adds noise to batches, and shuffles its rows after each epoch."""
    import lamina

    class Noisy(lamina.utils.PyDataset):
        def __init__(self):
            super().__init__()
            self.rows = np.arange(len(x))

        def __len__(self):
            return 21

        def __getitem__(self, index):
            rows = self.rows[10 * index : 10 * index + 10]
            return x[rows] + np.random.normal(0, 0.1, (len(rows), 1)).astype("float32"), y[rows]

        def on_epoch_end(self):
            np.random.shuffle(self.rows)

    return Noisy()


def endless(x: np.ndarray, y: np.ndarray):
    """A generator of batches, with a random generator of its own."""
    rng = np.random.default_rng(3)
    while True:
        rows = rng.integers(0, len(x), 10)
        yield x[rows], y[rows]


def _slow_down(*names: str) -> None:
    """Makes functions of `os` that writes end with take a while before and after, so that kills hit them."""
    for name in names:
        function = getattr(os, name)

        def slow(*args, function=function):
            time.sleep(0.02)
            function(*args)
            time.sleep(0.02)

        setattr(os, name, slow)


def end_of(folder: Path) -> dict[str, np.ndarray]:
    """What a training ended with."""
    with np.load(folder / "end.npz") as arrays:
        return dict(arrays)


def run(context, folder: Path, kill_after: float | None, *task) -> float:
    """Runs a training in a process of its own, and kills it after so many seconds; returns how long it ran."""
    process = context.Process(target=train, args=(str(folder), *task))
    began = time.monotonic()
    process.start()
    process.join(kill_after)
    if process.is_alive():
        process.kill()
        process.join()
    elif process.exitcode:
        sys.exit(f"a training failed, see above: {task}")
    return time.monotonic() - began


def main() -> None:
    """Kills, resumes, compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=25)
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lamina", "lamina.callbacks", "lamina.layers"])
    kinds = [(source, freq) for source in SOURCES for freq in FREQUENCIES]
    rng.shuffle(kinds)
    kinds = kinds[: max(1, min(len(kinds), chosen.kills))]
    wholes, kills, in_writes, unequal = {}, 0, 0, 0
    with tempfile.TemporaryDirectory() as root:
        for kind in kinds:
            folder = Path(root, "whole", *map(str, kind))
            folder.mkdir(parents=True)
            if not wholes:
                run(context, folder, None, chosen.epochs, *kind, True)  # compiles what the others find compiled
                (folder / "backup" / "latest.npz").unlink()
            wholes[kind] = run(context, folder, None, chosen.epochs, *kind, True), end_of(folder)
        while kills < chosen.kills:
            kind = kinds[kills % len(kinds)]
            seconds, whole = wholes[kind]
            folder = Path(root, str(kills))
            folder.mkdir()
            for _ in range(min(rng.choice((1, 1, 2)), chosen.kills - kills)):
                run(context, folder, rng.uniform(0.2, 1.0) * seconds, chosen.epochs, *kind, True)
                in_writes += any((folder / "backup").glob(".*.part"))
                kills += 1
            run(context, folder, None, chosen.epochs, *kind, False)
            end = end_of(folder)
            equal = end.keys() == whole.keys() and all(np.array_equal(end[name], whole[name]) for name in whole)
            unequal += not equal
            print(f"{kills} kills: {kind} {'equal' if equal else 'DIFFERS'}", file=sys.stderr, flush=True)
    print(f"{kills} kills, {in_writes} of them in the midst of a write: {unequal} trainings ended otherwise.")
    sys.exit(unequal > 0)


if __name__ == "__main__":
    main()
