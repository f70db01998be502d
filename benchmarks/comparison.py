"""Steps of many models, lamina and Keras on JAX in one run: what the benchmarks of layers, optimizers … share.

A benchmark lists its cases and calls `main`. Each case runs in two waiting processes that take turns; a step is the
mean over the epochs of one `fit`, the first epoch apart.
"""

import argparse
import contextlib
import importlib
import os
import shlex
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import machine
from peers import import_keras
from processes import Worker, pause
from report import table

RESULTS = Path(__file__).with_name("RESULTS.md")


class Fitting(NamedTuple):
    """A compiled model and what one timed `fit` of it is: enough epochs to take about a second."""

    model: Any
    x: Any
    y: Any
    batch_size: int = 32
    epochs: int = 10


@dataclass(frozen=True)
class Case:
    """Something to measure.

    Args:
        title: how the report calls it.
        make: from the module, `lamina` or `keras`, to a compiled model and its data.
        limit: how many times faster than Keras on JAX lamina promises to be, if it does.
        base: another case whose time on lamina this one's is compared with.
        base_limit: the largest promised ratio of the two.
    """

    title: str
    make: Callable[[ModuleType], Fitting]
    limit: float | None = None
    base: str | None = None
    base_limit: float | None = None


class CaseTask:
    """One case in one framework, built and ready."""

    def __init__(self, framework: str, module: str, case: str) -> None:
        keras = importlib.import_module("lamina") if framework == "lamina" else import_keras("jax")
        cases = importlib.import_module(module).CASES
        self._keras = keras
        self._fitting: Fitting = cases[case].make(keras)

    def time_step(self) -> float:
        """Seconds per step of one `fit`."""
        ends: list[float] = []

        class Clock(self._keras.callbacks.Callback):
            def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
                ends.append(time.perf_counter())

        model, x, y, batch_size, epochs = self._fitting
        model.fit(x, y, batch_size=batch_size, epochs=epochs, verbose=0, callbacks=[Clock()])
        rows = len(x[0] if isinstance(x, list) else next(iter(x.values())) if isinstance(x, dict) else x)
        return (ends[-1] - ends[0]) / (len(ends) - 1) / -(-rows // batch_size)


def main(title: str, module: str, cases: Mapping[str, Case]) -> None:
    """Measures what the command line asks for, and prints the report.

    Args:
        title: of the report.
        module: the importable name of the benchmark, whose `CASES` are these.
        cases: by name.
    """
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--case", action="append", choices=list(cases), help="measure this alone; may be repeated")
    parser.add_argument("--rounds", type=int, default=5, help="rounds in which the frameworks take turns")
    parser.add_argument("--save", action="store_true", help=f"also put the measured cases into {RESULTS.name}")
    chosen = parser.parse_args()
    os.environ |= {"LAMINA_PROGRAM_CACHE": "", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    times: dict[str, dict[str, list[float]]] = {}
    busy: list[float] = []
    for name in chosen.case or cases:
        print(f"{module}: {name}", file=sys.stderr, flush=True)
        times[name] = _measure(module, name, cases[name], chosen.rounds, busy)
    command = shlex.join(["python", f"benchmarks/{module}.py", *sys.argv[1:]])
    rows = {name: _row(name, cases, measured) for name, measured in times.items()}
    print(_render(title, command, rows, chosen.rounds, busy), end="")
    if chosen.save:
        command = f"python benchmarks/{module}.py --rounds {chosen.rounds} --save"
        kept = {name: row for name, case in cases.items() if (row := kept_row(title, case.title))}
        rows = {name: row for name in cases if (row := rows.get(name) or kept.get(name))}
        save_section(title, _render(title, command, rows, chosen.rounds, busy))


def _measure(module: str, name: str, case: Case, rounds: int, busy: list[float]) -> dict[str, list[float]]:
    """Seconds per step, one a round: of the two frameworks, and of lamina on the case to compare with."""
    tasks = {"lamina": ("lamina", name), "keras-jax": ("keras-jax", name)}
    if case.base is not None:
        tasks["base"] = ("lamina", case.base)
    times: dict[str, list[float]] = {task: [] for task in tasks}
    with contextlib.ExitStack() as stack:
        workers = {
            task: stack.enter_context(Worker("comparison.CaseTask", framework, module, which))
            for task, (framework, which) in tasks.items()
        }
        for turn in range(rounds + 1):  # the first one compiles, and is discarded
            for task, worker in workers.items():
                busy.append(pause())
                seconds = worker.call("time_step")
                if turn:
                    times[task].append(seconds)
    return times


def ratio(numerators: list[float], denominators: list[float]) -> float:
    """Median over rounds of the ratio within a round, so that a slow minute of the machine hits both sides."""
    return statistics.median(a / b for a, b in zip(numerators, denominators, strict=True))


def _row(name: str, cases: Mapping[str, Case], measured: dict[str, list[float]]) -> list[str]:
    """The line of the report about a case."""
    case = cases[name]
    faster = ratio(measured["keras-jax"], measured["lamina"])
    promises = [] if case.limit is None else [f"{case.limit:g}×: {'met' if faster >= case.limit else 'not met'}"]
    if case.base is not None:
        share = ratio(measured["lamina"], measured["base"])
        kept = case.base_limit is None or share <= case.base_limit
        promises.append(
            f"{share:.2f} of {cases[case.base].title}"
            + ("" if case.base_limit is None else f", at most {case.base_limit:g}: {'met' if kept else 'not met'}")
        )
    micro = [f"{statistics.median(measured[framework]) * 1e6:.4g}" for framework in ("lamina", "keras-jax")]
    return [case.title, *micro, f"{faster:.2f}×", "; ".join(promises)]


def _render(title: str, command: str, rows: Mapping[str, list[str]], rounds: int, busy: list[float]) -> str:
    header = ["a step, µs", "lamina", "Keras on JAX", "times faster", "promised"]
    sections = [
        f"# {title}",
        f"`{command}`",
        table(("machine", ""), machine.describe()),
        f"Medians of {rounds} rounds in which the two take turns. Other programs kept "
        f"{statistics.median(busy):.1f} cores busy meanwhile.",
        table(header, rows.values()),
    ]
    return "\n\n".join(sections) + "\n"


def _sections() -> list[str]:
    kept = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    return [f"# {part}" for part in ("\n" + kept).split("\n# ")[1:]]


def kept_row(title: str, case: str) -> list[str] | None:
    """The line about a case that an earlier run left, if there is one: long reports are measured in parts."""
    section = next((part for part in _sections() if part.startswith(f"# {title}\n")), "")
    cells = (line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith(f"| {case} | "))
    return next((line if len(line) == 5 else [*line, ""] for line in cells), None)


def save_section(title: str, text: str) -> None:
    """Puts a report in the file of kept results, in the place of the last one of that title."""
    parts = _sections()
    rest = [part.rstrip("\n") + "\n" for part in parts if not part.startswith(f"# {title}\n")]
    place = next((n for n, part in enumerate(parts) if part.startswith(f"# {title}\n")), len(rest))
    RESULTS.write_text("\n".join([*rest[:place], text, *rest[place:]]), encoding="utf-8")
