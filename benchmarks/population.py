"""Many networks as one: steps of populations of housing networks, 8-30-30-1, and the course's search.

For the steps, one network trained by `fit` is the unit. Both take turns in processes of their own; times are
differences between a long and a short `fit`, so that what happens once does not count. On a GPU, networks per second by
their number follow.
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
from search import Outcome

TITLE = "Populations"
SEARCH_TITLE = "Populations: the course's search"
SKLEARN_TITLE = "Populations: the course's search with scikit-learn's networks"
GPU_TITLE = "Populations on a GPU"
GPU_COUNTS = (1, 10, 100, 1000, 10_000)
PROMISED_SEARCH = 15
ROWS, FEATURES, WIDTH, BATCH = 11_610, 8, 30, 32
STEPS = -(-ROWS // BATCH)
COUNTS = (1, 8, 32, 100, 1000)
# Enough epochs to take about a second.
EPOCHS = {0: 20, 1: 20, 8: 10, 10: 10, 32: 4, 100: 2, 1000: 1, 10_000: 1}
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

    def device(self) -> str:
        """What JAX computes on."""
        import jax

        return jax.default_backend()


def main() -> None:
    """Measures, and prints the report."""
    parser = argparse.ArgumentParser(description=TITLE)
    parser.add_argument("--part", choices=("steps", "search", "sklearn", "gpu"), help="this alone")
    parser.add_argument("--count", action="append", type=int, choices=COUNTS, help="this alone; may be repeated")
    parser.add_argument("--rounds", type=int, default=5, help="rounds in which they take turns")
    parser.add_argument("--save", action="store_true", help=f"also replace this report in {RESULTS.name}")
    chosen = parser.parse_args()
    os.environ |= {"LAMINA_PROGRAM_CACHE": "", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    command = shlex.join(["python", "benchmarks/population.py", *sys.argv[1:]])
    if chosen.part in (None, "steps"):
        counts = chosen.count or COUNTS
        busy: list[float] = []
        times, memory = _measure(counts, chosen.rounds, busy)
        _tell(TITLE, _render(command, counts, times, memory, chosen.rounds, busy), chosen.save)
    if chosen.part in (None, "search"):
        _tell(SEARCH_TITLE, _search_report(command), chosen.save)
    if chosen.part in (None, "sklearn"):
        _tell(SKLEARN_TITLE, _sklearn_report(command), chosen.save)
    if chosen.part in (None, "gpu"):
        _tell(GPU_TITLE, _gpu_report(command, chosen.rounds), chosen.save)


def _tell(title: str, text: str | None, save: bool) -> None:
    if text is None:
        print(f"{title}: there is none, so nothing was measured.", file=sys.stderr)
        return
    print(text, end="")
    if save:
        save_section(title, text)


def _searched(peer: str) -> tuple[Outcome, Outcome]:
    """Lamina's search, the median of three around the peer's since machines change their pace, and the peer's."""
    before = _search_by("lamina")
    theirs = _search_by(peer)
    ours = sorted([before, _search_by("lamina"), _search_by("lamina")], key=lambda outcome: outcome.seconds)[1]
    return ours, theirs


def _search_by(who: str) -> Outcome:
    with Worker("search.Search", who) as worker:
        pause()
        found: Outcome = worker.call("run")
    print(f"{who}: {found.seconds:.1f} s, {found.epochs} epochs", file=sys.stderr, flush=True)
    return found


def _search_report(command: str) -> str:
    ours, theirs = _searched("keras")
    times = theirs.seconds / ours.seconds
    apart = max(abs(a - b) / b for a, b in zip(ours.scores, theirs.scores, strict=True))
    promise = f"at least {PROMISED_SEARCH}: {'met' if times >= PROMISED_SEARCH else 'not met'}"
    rows = [
        ["lamina, one population", f"{ours.seconds:.1f}", "1", ""],
        ["Keras on JAX, one after the other", f"{theirs.seconds:.1f}", f"{times:.1f}", promise],
    ]
    note = (
        f"{_SEARCH} The scores of lamina and Keras for equal seeds differ by {apart:.1g} at most, relatively; "
        f"{ours.epochs} and {theirs.epochs} epochs were trained."
    )
    return _compared(SEARCH_TITLE, command, note, rows)


def _sklearn_report(command: str) -> str:
    ours, theirs = _searched("sklearn")
    times = theirs.seconds / ours.seconds
    rows = [
        ["lamina, one population", f"{ours.seconds:.1f}", "1", ""],
        [
            "MLPRegressor in RandomizedSearchCV, `n_jobs=2`",
            f"{theirs.seconds:.1f}",
            f"{times:.1f}",
            f"above 1: {'met' if times > 1 else 'not met'}",
        ],
    ]
    return _compared(SKLEARN_TITLE, command, f"{_SEARCH} scikit-learn holds a tenth of the rows back by itself.", rows)


_SEARCH = (
    "10 candidates × 3 folds, up to 100 epochs with early stopping, then the best one on all rows, with the import of "
    "the framework and without cached programs: lamina's is the median of three searches around that of the other."
)


def _compared(title: str, command: str, note: str, rows: list[list[str]]) -> str:
    header = ["search", "seconds", "times lamina's", "promised"]
    sections = [f"# {title}", f"`{command}`", table(("machine", ""), machine.describe()), note, table(header, rows)]
    return "\n\n".join(sections) + "\n"


def _gpu_report(command: str, rounds: int) -> str | None:
    rows = []
    for count in GPU_COUNTS:
        with Worker("population.HousingTask", count) as worker:
            if worker.call("device") == "cpu":
                return None
            worker.call("time_step")
            seconds = statistics.median(worker.call("time_step") for _ in range(rounds))
            rows.append([str(count), f"{1 / (seconds * STEPS):.3g}", f"{seconds * 1e6:.3g}"])
    sections = [
        f"# {GPU_TITLE}",
        f"`{command}`",
        table(("machine", ""), machine.describe()),
        f"{ROWS} rows in batches of {BATCH}. Medians of {rounds} rounds.",
        table(["networks 8-30-30-1", "networks per second and epoch", "a step and network, µs"], rows),
    ]
    return "\n\n".join(sections) + "\n"


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
