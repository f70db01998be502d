"""The measurements: who is measured, in which order, how often. Every round asks each framework once, in turn."""

import contextlib
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from processes import Worker, pause, run_fresh
from task import Bound, FitTime, SizesTime
from works import HOUSING, Work

LARGEST_PREDICTED = 40
DTYPES = ("float64", "float32", "uint8")

_IMPORTS = {
    "jax": ("jax", {}),
    "lamina": ("lamina", {}),
    "keras-jax": ("keras", {"KERAS_BACKEND": "jax"}),
    "keras-tensorflow": ("keras", {"KERAS_BACKEND": "tensorflow"}),
    "pytorch": ("torch", {}),
}

Rounds = dict[str, list[float]]  # by framework, one value a round


@dataclass
class Results:
    """Everything measured in one run; what was not asked for stays empty. Times in seconds, memory in bytes."""

    fits: dict[str, dict[str, list[FitTime]]] = field(default_factory=dict)
    bounds: dict[str, list[Bound]] = field(default_factory=dict)
    one_row: Rounds = field(default_factory=dict)
    sizes: dict[str, tuple[SizesTime, SizesTime]] = field(default_factory=dict)
    imports: Rounds = field(default_factory=dict)
    first_epochs: Rounds = field(default_factory=dict)
    memory: dict[str, dict[str, int]] = field(default_factory=dict)
    others: list[float] = field(default_factory=list)  # cores that other programs kept busy, at each look

    def ask(self, worker: Worker, method: str, *args: object) -> Any:
        """Calls a worker's method after a short pause, in which it is noted how quiet the machine is."""
        self.others.append(pause())
        return worker.call(method, *args)


def progress(message: str) -> None:
    """Says on stderr what is being measured; the report alone goes to stdout."""
    print(message, file=sys.stderr, flush=True)


@contextlib.contextmanager
def tasks(frameworks: list[str], work: Work) -> Iterator[dict[str, Worker]]:
    """A waiting worker for each framework, holding its model and data."""
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(Worker("task.Task", name, work)) for name in frameworks}


def measure_fits(results: Results, frameworks: list[str], work: Work, rounds: int) -> None:
    """Steady training of one work, and the bound of its arithmetic."""
    fits = results.fits[work.name] = {name: [] for name in frameworks}
    bounds = results.bounds[work.name] = []
    with tasks(frameworks, work) as workers, Worker("arithmetic.Arithmetic", work) as arithmetic:
        for name, worker in workers.items():
            progress(f"{work.name}: {name} warms up")
            results.ask(worker, "time_fit")
        for turn in range(rounds):
            progress(f"{work.name}: round {turn + 1} of {rounds}")
            for name, worker in workers.items():
                fits[name].append(results.ask(worker, "time_fit"))
            bounds.append(results.ask(arithmetic, "time_step", 0.5))


def measure_predict(results: Results, frameworks: list[str], rounds: int) -> None:
    """`predict` of the housing model: of many sizes, then one row again and again."""
    results.one_row = {name: [] for name in frameworks}
    with tasks(frameworks, HOUSING) as workers:
        for name, worker in workers.items():
            progress(f"predict: {name}, sizes 1 to {LARGEST_PREDICTED}")
            first, second = (results.ask(worker, "time_sizes", LARGEST_PREDICTED) for _ in range(2))
            results.sizes[name] = (first, second)
        for turn in range(rounds):
            progress(f"predict: one row, round {turn + 1} of {rounds}")
            for name, worker in workers.items():
                results.one_row[name].append(results.ask(worker, "time_one_row"))


def measure_imports(results: Results, frameworks: list[str], rounds: int) -> None:
    """Imports in fresh processes; the first of each fills the file cache and is discarded."""
    wanted = [name for name in _IMPORTS if name == "jax" or name in frameworks]
    results.imports = {name: [] for name in wanted}
    for turn in range(rounds + 1):
        progress(f"import: round {turn} of {rounds}")
        for name in wanted:
            module, env = _IMPORTS[name]
            _, seconds = run_fresh("import_seconds", module, env=env)
            if turn > 0:
                results.imports[name].append(seconds)


def measure_first_epochs(results: Results, frameworks: list[str], rounds: int) -> None:
    """From the start of a process to the end of the housing model's first epoch, compilation caches cold and warm."""
    cached = {"lamina warm": "lamina", "keras-jax warm": "keras-jax"}
    cases = [name for name in frameworks if name != "pytorch-indexed"]
    cases += [case for case, framework in cached.items() if framework in frameworks]
    results.first_epochs = {case: [] for case in cases}
    with tempfile.TemporaryDirectory(prefix="programs-") as root:
        for turn in range(rounds + 1):  # turn 0 fills the warm caches and is discarded
            progress(f"first epoch: round {turn} of {rounds}")
            for case in cases:
                folder = f"{root}/{case if case in cached else f'cold {turn}'}"
                env = cache_variables(cached.get(case, case), folder, warm=case in cached)
                seconds, _ = run_fresh("first_epoch", cached.get(case, case), env=env)
                if turn > 0:
                    results.first_epochs[case].append(seconds)


def cache_variables(framework: str, folder: str, *, warm: bool) -> dict[str, str]:
    """The environment that gives a process its compilation cache; Keras has none unless its user sets JAX's up."""
    if framework == "lamina":
        return {"LAMINA_PROGRAM_CACHE": folder}
    if warm:
        return {"JAX_COMPILATION_CACHE_DIR": folder, "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
    return {}


def measure_memory(results: Results, frameworks: list[str]) -> None:
    """The peak that `fit` adds, by type of the input: the median of three processes."""
    for dtype in DTYPES:
        results.memory[dtype] = {}
        for name in frameworks:
            if name != "pytorch-indexed":
                progress(f"memory: {name}, {dtype}")
                peaks = [run_fresh("fit_memory", name, dtype)[1] for _ in range(3)]
                results.memory[dtype][name] = statistics.median(peaks)
