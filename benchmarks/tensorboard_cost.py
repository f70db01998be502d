"""What the callback TensorBoard costs, on epochs that take about a second.

    python benchmarks/tensorboard_cost.py           some minutes
    python benchmarks/tensorboard_cost.py --save    also replaces this report in RESULTS.md

A network of the size of the course's first one, 784-300-100-10, trains and validates; trainings without the callback,
with it, and with histograms of all weights after each epoch take turns in one process.
"""

import argparse
import shlex
import statistics
import sys
import tempfile
import time

import machine
import numpy as np
from comparison import ratio, save_section
from processes import pause
from report import table

TITLE = "TensorBoard"
BASE = "without the callback"
CASES = {
    "scalars and graph": ({}, 1.05),
    "and learning curves every 100 batches": ({"update_freq": 100}, None),
    "and histograms every epoch": ({"histogram_freq": 1}, 1.30),
    "and weights as images": ({"histogram_freq": 1, "write_images": True}, None),
}
ROWS = 80_000


def build(lamina):
    """The network, compiled."""
    layers = lamina.layers
    stack = [lamina.Input((784,)), layers.Dense(300, "relu"), layers.Dense(100, "relu"), layers.Dense(10, "softmax")]
    model = lamina.Sequential(stack)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def seconds_per_epoch(lamina, model, data, options, epochs):
    """From the beginning of an epoch to the beginning of the next, what callbacks do at its end included."""
    beginnings = []

    class Clock(lamina.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            beginnings.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        told = [] if options is None else [lamina.callbacks.TensorBoard(folder, **options)]
        x, y = data
        model.fit(x, y, epochs=epochs + 1, validation_data=(x[:5000], y[:5000]), verbose=0, callbacks=[Clock(), *told])
    return statistics.median(np.diff(beginnings))


def main():
    """Measures, prints the report, and ends with status 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=TITLE)
    parser.add_argument("--rounds", type=int, default=4, help="rounds in which the trainings take turns")
    parser.add_argument("--epochs", type=int, default=4, help="epochs of each, the first one not counted")
    parser.add_argument("--rows", type=int, default=ROWS, help="examples to train on")
    parser.add_argument("--save", action="store_true", help="also replace this report in RESULTS.md")
    chosen = parser.parse_args()
    import lamina

    rng = np.random.default_rng(0)
    data = rng.random((chosen.rows, 784), "float32"), rng.integers(0, 10, chosen.rows)
    model = build(lamina)
    works = {BASE: None, **{name: options for name, (options, _) in CASES.items()}}
    times = {name: [] for name in works}
    busy = []
    for turn in range(chosen.rounds + 1):  # the first one compiles, and is discarded
        for name, options in works.items():
            busy.append(pause())
            seconds = seconds_per_epoch(lamina, model, data, options, chosen.epochs if turn else 1)
            if turn:
                times[name].append(seconds)
    text, kept = render(times, chosen.rounds, busy)
    print(text, end="")
    if chosen.save:
        save_section(TITLE, text)
    sys.exit(0 if kept else 1)


def render(times, rounds, busy):
    """The report, and whether all promises are kept."""
    kept, rows = True, [(BASE, f"{statistics.median(times[BASE]):.3f}", "–", "–")]
    for name, (_, limit) in CASES.items():
        cost = ratio(times[name], times[BASE])
        verdict = "–" if limit is None else f"{limit - 1:.0%}: {'met' if cost <= limit else 'not met'}"
        kept = kept and (limit is None or cost <= limit)
        rows.append((name, f"{statistics.median(times[name]):.3f}", f"{cost - 1:+.1%}", verdict))
    command = shlex.join(["python", "benchmarks/tensorboard_cost.py", *sys.argv[1:]])
    lines = [
        f"# {TITLE}",
        f"`{command}`",
        table(["machine", ""], machine.describe()),
        f"Medians of {rounds} rounds in which the trainings take turns. "
        f"Other programs kept {statistics.fmean(busy):.1f} cores busy meanwhile.",
        table(["an epoch", "seconds", "costs", "promised at most"], rows),
    ]
    return "\n\n".join(lines) + "\n", kept


if __name__ == "__main__":
    main()
