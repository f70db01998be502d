"""Populations of housing networks, 8-30-30-1: the time of a step and network, and the memory, by their number.

One network trained by `fit` is the unit. Both take turns in processes of their own; times are differences between a
long and a short `fit`, so that what happens once does not count.
"""

import argparse
import contextlib
import os
import shlex
import statistics
import sys
import time

import machine
from comparison import RESULTS, ratio, save_section
from processes import Worker, pause
from report import table

TITLE = "Populations"
ROWS, FEATURES, WIDTH, BATCH = 11_610, 8, 30, 32
STEPS = -(-ROWS // BATCH)
COUNTS = (1, 8, 32, 100, 1000)
# Enough epochs to take about a second.
EPOCHS = {0: 20, 1: 20, 8: 10, 32: 4, 100: 2, 1000: 1}
PROMISED = 0.5


class HousingTask:
    """So many networks as a population, each with a rate of its own; 0 for a single one, trained by its own `fit`."""

    def __init__(self, count: int) -> None:
        import numpy as np

        import lamina
        from lamina.population import Population

        rng = np.random.default_rng(42)
        self._x = rng.normal(size=(ROWS, FEATURES)).astype("float32")
        self._y = (self._x[:, :1] ** 2 + self._x[:, 1:2]).astype("float32")
        self._epochs = EPOCHS[count]

        def build(rate: float = 1e-3) -> lamina.Model:
            layers = [lamina.layers.Dense(WIDTH, "relu"), lamina.layers.Dense(WIDTH, "relu"), lamina.layers.Dense(1)]
            model = lamina.Sequential([lamina.Input((FEATURES,)), *layers])
            model.compile(optimizer=lamina.optimizers.SGD(rate), loss="mse")
            return model

        rates = np.geomspace(1e-4, 1e-2, max(count, 1))
        self._trained = Population(build, [{"rate": float(rate)} for rate in rates]) if count else build()
        self._count = max(count, 1)

    def time_step(self) -> float:
        """Seconds per step and network."""
        seconds = [self._fit(epochs) for epochs in (1, 1 + self._epochs)]
        return (seconds[1] - seconds[0]) / self._epochs / STEPS / self._count

    def _fit(self, epochs: int) -> float:
        start = time.perf_counter()
        self._trained.fit(self._x, self._y, batch_size=BATCH, epochs=epochs, verbose=0)
        return time.perf_counter() - start

    def peak_memory(self) -> int:
        """Bytes of memory that the process has had at most."""
        from fresh import resident_bytes

        return resident_bytes("VmHWM")


def main() -> None:
    """Measures, and prints the report."""
    parser = argparse.ArgumentParser(description=TITLE)
    parser.add_argument("--count", action="append", type=int, choices=COUNTS, help="this alone; may be repeated")
    parser.add_argument("--rounds", type=int, default=5, help="rounds in which they take turns")
    parser.add_argument("--save", action="store_true", help=f"also replace this report in {RESULTS.name}")
    chosen = parser.parse_args()
    os.environ |= {"LAMINA_PROGRAM_CACHE": "", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    counts = chosen.count or COUNTS
    busy: list[float] = []
    times, memory = _measure(counts, chosen.rounds, busy)
    command = shlex.join(["python", "benchmarks/population.py", *sys.argv[1:]])
    text = _render(command, counts, times, memory, chosen.rounds, busy)
    print(text, end="")
    if chosen.save:
        save_section(TITLE, text)


def _measure(
    counts: list[int] | tuple[int, ...], rounds: int, busy: list[float]
) -> tuple[dict[int, list[float]], dict[int, int]]:
    """Seconds per step and network, one a round, and bytes of memory; by the number of networks, 0 for `fit`."""
    times: dict[int, list[float]] = {count: [] for count in (0, *counts)}
    with contextlib.ExitStack() as stack:
        workers = {count: stack.enter_context(Worker("population.HousingTask", count)) for count in times}
        for turn in range(rounds + 1):  # the first one compiles, and is discarded
            for count, worker in workers.items():
                busy.append(pause())
                seconds = worker.call("time_step")
                print(f"{count or 'fit'}: {seconds * 1e6:.3g} µs", file=sys.stderr, flush=True)
                if turn:
                    times[count].append(seconds)
        memory = {count: worker.call("peak_memory") for count, worker in workers.items()}
    return times, memory


def _render(
    command: str,
    counts: list[int] | tuple[int, ...],
    times: dict[int, list[float]],
    memory: dict[int, int],
    rounds: int,
    busy: list[float],
) -> str:
    rows = [["one, by its own fit", f"{statistics.median(times[0]) * 1e6:.3g}", "1", _mebibytes(memory[0]), ""]]
    for count in counts:
        share = ratio(times[count], times[0])
        promise = f"at most {PROMISED:g}: {'met' if share <= PROMISED else 'not met'}" if count == 32 else ""
        micro = f"{statistics.median(times[count]) * 1e6:.3g}"
        rows.append([f"{count} in a population", micro, f"{share:.2f}", _mebibytes(memory[count]), promise])
    header = ["networks 8-30-30-1", "a step and network, µs", "of one network's", "peak memory, MiB", "promised"]
    sections = [
        f"# {TITLE}",
        f"`{command}`",
        table(("machine", ""), machine.describe()),
        f"{ROWS} rows in batches of {BATCH}, SGD, a rate for each network. Medians of {rounds} rounds in which all "
        f"take turns. Other programs kept {statistics.median(busy):.1f} cores busy meanwhile.",
        table(header, rows),
    ]
    return "\n\n".join(sections) + "\n"


def _mebibytes(count: int) -> str:
    return f"{count / 2**20:.0f}"


if __name__ == "__main__":
    main()
