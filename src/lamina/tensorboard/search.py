"""A search or a population for TensorBoard's HParams tab: what was varied, and what came of it."""

import itertools
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, suggestion
from lamina.core.validate import at_least, file_path
from lamina.tensorboard import summaries
from lamina.tensorboard.events import FileWriter
from lamina.training.directions import name_direction

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Trial(NamedTuple):
    """A network of a search.

    Attributes:
        hparams: what it differs in from the others.
        logs: its numbers by name, a list over the epochs each.
    """

    hparams: Mapping[str, Any]
    logs: Mapping[str, Sequence[float]]


def write_search(folder: str | os.PathLike[str], search: Any, most_runs: int = 200, monitor: str | None = None) -> None:
    """Writes a file that describes the search, a run for each of the best trials, and quantiles over all of them.

    Args:
        folder: of the search; the runs are in folders in it.
        search: a trained `Population` or `CrossValidation`; a fitted search of scikit-learn's kind, which has
            `cv_results_`; or pairs `(hyperparameters, history)`, with what `fit` returned or a dict of numbers.
        most_runs: how many trials become runs. TensorBoard gets slow with more than a few hundred.
        monitor: the log that tells which trials are the best; the first of `"val_loss"`, `"loss"` and
            `"mean_test_score"` that there is, when left out. Of losses and errors the least is best.

    Raises:
        ArgumentTypeError: for a search of another kind.
        ArgumentError: if it has no trials, or no log of the name.
        MissingExtraError: if TensorBoard is not installed.
        FileError: if the folder cannot be written to.

    Example:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> write_search(folder, [({"rate": rate}, {"loss": [1.0, rate]}) for rate in (0.1, 0.2, 0.3)], most_runs=2)
        >>> sorted(os.listdir(folder))[1:]
        ['quantiles', 'trial_0', 'trial_1']
    """
    folder = file_path("write_search", "folder", folder)
    most = at_least("write_search", "most_runs", most_runs, 0)
    trials = trials_of(search)
    names = list(dict.fromkeys(name for trial in trials for name in trial.logs))
    columns = _columns([trial.hparams for trial in trials])
    chosen = _best(trials, _monitored(monitor, names), most)
    with FileWriter(folder) as writer:
        writer.write(summaries.experiment(columns, [f"epoch_{name}" for name in names]), 0)
    width = len(str(len(trials) - 1))
    for number in chosen:
        trial = trials[number]
        with FileWriter(Path(folder, f"trial_{number:0{width}d}"), max_queue=1000) as writer:
            values = {name: column[number] for name, column in columns.items()}
            writer.write(summaries.hparams(values, trial_id=str(number)), 0)
            _write_logs(writer, trial.logs)
    if len(chosen) < len(trials):
        for share in _QUANTILES:
            with FileWriter(Path(folder, "quantiles", f"q{round(100 * share):02d}"), max_queue=1000) as writer:
                _write_logs(writer, {name: _quantile(trials, name, share) for name in names})


def trials_of(search: Any) -> list[Trial]:
    """The trials of a search of any kind.

    Raises:
        ArgumentTypeError: for what is no search.
        ArgumentError: if there are none.
    """
    search = getattr(search, "population", search)
    if hasattr(search, "candidates") and hasattr(search, "histories"):
        found = [Trial(*pair) for pair in zip(search.candidates, map(_logs, search.histories), strict=True)]
    elif hasattr(search, "cv_results_"):
        found = _of_results(search.cv_results_)
    else:
        found = _of_pairs(search)
    if not any(trial.logs for trial in found):
        raise ArgumentError("The search has no results yet.", hint="fit it first.")
    return found


def _of_pairs(search: Any) -> list[Trial]:
    several = isinstance(search, Iterable) and not isinstance(search, str | Mapping)
    pairs: list[Any] = list(search) if several else [search]
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise ArgumentTypeError(
            f"A search is a trained Population, something with cv_results_, or pairs (hyperparameters, history). "
            f"Received: {type(search).__name__}"
        )
    return [Trial(hparams, _logs(history)) for hparams, history in pairs]


def _logs(history: Any) -> dict[str, Sequence[float]]:
    logs = getattr(history, "history", history)
    return {name: values if np.ndim(values) else [values] for name, values in logs.items()}


def _of_results(results: Mapping[str, Any]) -> list[Trial]:
    """What scikit-learn's searches tell: a number for each candidate."""
    scores = [name for name in results if name.startswith(("mean_", "std_"))]
    return [
        Trial(parameters, {name: [float(results[name][place])] for name in scores})
        for place, parameters in enumerate(results["params"])
    ]


def _monitored(name: str | None, known: list[str]) -> str:
    if name is None:
        return next((usual for usual in ("val_loss", "loss", "mean_test_score") if usual in known), known[0])
    if name not in known:
        raise ArgumentError(f"The search has no log {name!r}.", hint=suggestion(name, known))
    return name


def _best(trials: Sequence[Trial], monitor: str, most: int) -> list[int]:
    """The numbers of the best trials, in their own order; those that diverged are the worst."""
    sign = -1 if name_direction(monitor) == "up" else 1

    def rank(number: int) -> float:
        values = [sign * value for value in trials[number].logs.get(monitor, ()) if math.isfinite(value)]
        return min(values, default=math.inf)

    return sorted(sorted(range(len(trials)), key=rank)[:most])


def _quantile(trials: Sequence[Trial], name: str, share: float) -> list[float]:
    """Over the trials that were still in training, epoch by epoch."""
    columns = itertools.zip_longest(*(trial.logs.get(name, ()) for trial in trials), fillvalue=math.nan)
    finite = ([value for value in column if math.isfinite(value)] for column in columns)
    return [float(np.quantile(column, share)) if column else math.nan for column in finite]


def _write_logs(writer: FileWriter, logs: Mapping[str, Sequence[float]]) -> None:
    for name, values in logs.items():
        for epoch, value in enumerate(values):
            writer.write(summaries.scalar(f"epoch_{name}", value), epoch)


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The values of each hyperparameter over the trials: all numbers, all bools, or else all text."""
    columns = {name: [row.get(name) for row in rows] for name in dict.fromkeys(name for row in rows for name in row)}
    return {
        name: [np.asarray(value).item() for value in column] if _is_plain(column) else [*map(str, column)]
        for name, column in columns.items()
    }


def _is_plain(column: Sequence[Any]) -> bool:
    kinds = {np.asarray(value).dtype.kind if np.ndim(value) == 0 else "O" for value in column}
    return kinds == {"b"} or kinds <= set("iuf")
