"""Trainings of a search, collected first and then done as populations."""

import inspect
import math
import time
from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from lamina.callbacks import EarlyStopping
from lamina.core.errors import LaminaError
from lamina.core.generators import random_state, set_random_state
from lamina.estimators.network import NetworkEstimator
from lamina.estimators.training import Training
from lamina.model_selection.peers import Peers, together
from lamina.model_selection.sheet import Place, Sheets
from lamina.population import Population
from lamina.training.history import History


class InterruptedTrainingError(LaminaError, RuntimeError):
    """A network of a search that Ctrl-C has ended: scikit-learn counts it as a failed fit."""


_SHARED = frozenset(inspect.signature(Population.fit).parameters) - {"validation_data", "validation_split"}
_ABOUT_ROWS = ("validation_data", "validation_split")


@dataclass
class Entry:
    """A training that was collected.

    Attributes:
        candidate: its number.
        parameters: its parameters, and the number of the fold.
        rows: those of the fold that it is about.
        estimator: prepared, and when `history` is there trained.
        training: what it is about; `None` if the estimator raised an error before.
        randomness: the state of the generators that it goes on with; `None` for the global ones.
        place: where its rows stand.
        history: what came of it, if it was done together with others.
        status: how it ended.
    """

    candidate: int
    parameters: dict[str, Any]
    rows: np.ndarray
    estimator: Any = None
    training: Training | None = None
    randomness: dict[str, Any] | None = None
    place: Place | None = None
    history: History | None = None
    status: str = "waiting"


def network_of(estimator: Any) -> NetworkEstimator | None:
    """The one network in an estimator that can learn together with others: itself, or the end of a pipeline.

    Args:
        estimator: of any kind.

    Returns:
        It; `None` if there is none, or others besides.
    """
    last = estimator
    while isinstance(last, Pipeline):
        last = last.steps[-1][1]
    within = [value for value in estimator.get_params(deep=True).values() if isinstance(value, NetworkEstimator)]
    alone = all(value is last for value in within)
    return last if isinstance(last, NetworkEstimator) and alone else None


class Gathering:
    """Has the networks of a search learn together.

    First it lets every estimator of every fold prepare what it would learn. Those whose trainings have the same
    arguments become a population. When scikit-learn then fits the estimators one by one, they know already.

    Args:
        estimator: of the search.
        fit_arguments: of the estimators' `fit`.

    Attributes:
        seconds: what each candidate's share of the common trainings took, on average over the folds.
    """

    def __init__(self, estimator: Any, fit_arguments: Mapping[str, Any]) -> None:
        self._estimator = estimator
        self._fit_arguments = fit_arguments
        self._entries: deque[Entry] = deque()
        self._collecting: Entry | None = None
        self.seconds: list[float] = []

    # -- as the conductor of estimators ------------------------------------------------------------------------------

    def has_taught(self, estimator: Any, x: np.ndarray) -> bool:
        """Whether an estimator has learned with the others; if so, it now knows."""
        if self._collecting is not None:
            self._collecting.estimator = estimator
            return False
        entry = self._entries.popleft() if self._entries else None
        if entry is not None and entry.status == "interrupted":
            raise InterruptedTrainingError("The search was interrupted before this network was done.")
        if entry is None or entry.history is None or entry.place is None:
            return False
        if not entry.place.sheet.holds(entry.place.rows, x):  # a step before the network draws at random
            return False
        vars(estimator).update(vars(entry.estimator))
        return True

    def teach(self, estimator: Any, training: Training) -> History | None:
        """Takes note of a training, or does it."""
        if self._collecting is None:
            return training.run()
        self._collecting.training = training
        self._collecting.randomness = None if estimator.random_state is None else random_state()
        return None

    # -- the trainings -----------------------------------------------------------------------------------------------

    def train(self, candidates: Sequence[dict[str, Any]], X: Any, y: Any, splits: Sequence[Any]) -> None:
        """Trains all candidates on all folds.

        Args:
            candidates: parameters.
            X: all rows.
            y: likewise.
            splits: pairs of row indices, to train on and to test on.
        """
        began = len(self.seconds)
        self.seconds += [0.0] * len(candidates)
        entries = self._collected(candidates, X, y, splits)
        self._entries = deque(entries)
        groups: dict[Hashable, list[Entry]] = {}
        for entry in entries:
            key = _group_of(entry)
            if key is not None:
                groups.setdefault(key, []).append(entry)
        for group in groups.values():
            start = time.perf_counter()
            if any(entry.status == "interrupted" for entry in entries):
                for entry in group:
                    entry.status = "interrupted"
                continue
            _train_group(group, len(X))
            share = (time.perf_counter() - start) / len(group) / len(splits)
            for entry in group:
                self.seconds[began + entry.candidate] += share

    def _collected(self, candidates: Sequence[dict[str, Any]], X: Any, y: Any, splits: Sequence[Any]) -> list[Entry]:
        """An entry for each candidate and fold, in the order in which scikit-learn fits them; or none at all."""
        entries = []
        for number, parameters in enumerate(candidates):
            for fold, (train, _) in enumerate(splits):
                given: Any = clone(parameters, safe=False)  # type: ignore[arg-type]
                estimator: Any = clone(self._estimator)
                estimator = estimator.set_params(**given)
                if network_of(estimator) is None:
                    return []
                entry = self._collecting = Entry(number, {**parameters, "fold": fold}, np.asarray(train))
                x_part, y_part = _safe_split(estimator, X, y, train)
                arguments = _check_method_params(X, params=self._fit_arguments, indices=train)
                try:
                    estimator.fit(x_part, y_part, **arguments)
                except Exception:
                    # scikit-learn meets it again, and counts it as a failed fit; if it is from a step before the
                    # network, there is no telling which fits will get that far
                    if entry.estimator is None:
                        return []
                finally:
                    self._collecting = None
                entries.append(entry)
        return entries


def _group_of(entry: Entry) -> Hashable:
    """What has to be equal for trainings to be one population; `None` for those that are done alone."""
    training = entry.training
    if training is None or len(training.x) != len(entry.rows):
        return None
    arguments = {name: value for name, value in training.arguments.items() if value is not None}
    callbacks = arguments.pop("callbacks", None) or []
    callbacks = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
    held_out = arguments.get("validation_data", (training.x, training.targets))
    if not (
        all(isinstance(callback, EarlyStopping) for callback in callbacks)
        and arguments.keys() <= _SHARED | set(_ABOUT_ROWS)
        and isinstance(held_out, tuple | list)
        and len(held_out) in (2, 3)
        and _form(held_out[:2]) == _form((training.x, training.targets))
    ):
        return None
    others = sorted((name, repr(value)) for name, value in arguments.items() if name not in _ABOUT_ROWS)
    stoppers = tuple((type(callback), repr(sorted(vars(callback).items()))) for callback in callbacks)
    return _form((training.x, training.targets)), tuple(others), stoppers


def _form(data: Any) -> Hashable:
    leaves, structure = jax.tree.flatten(tuple(data))
    return structure, tuple((np.shape(leaf)[1:], np.result_type(leaf).str) for leaf in leaves)


def _train_group(group: list[Entry], count: int) -> None:
    """Trains a population. Data that cannot be trained on leave it undone: each then says so for itself."""
    sheets = Sheets()
    folds = [_fold(entry, sheets, count) for entry in group]
    x, targets, weights = sheets.joined()
    rows = [(sheets.rows_of(kept), sheets.rows_of(held)) for kept, held in folds]
    arguments = {name: value for name, value in _training_of(group[0]).arguments.items() if name in _SHARED}
    population = _population(group)
    try:
        histories = population.fit(x, targets, sample_weight=weights, folds=rows, **arguments)
    except LaminaError:
        return
    for entry, history, entry.status in zip(group, histories, population.status, strict=True):
        if entry.status != "interrupted":
            entry.history = history
            entry.estimator._learned(entry.training, history)
    _introduce([entry for entry in group if entry.history is not None])


def _training_of(entry: Entry) -> Training:
    assert entry.training is not None
    return entry.training


def _fold(entry: Entry, sheets: Sheets, count: int) -> tuple[Place, Place | None]:
    """Where an entry's rows stand: those to train on, and those to validate on."""
    training = _training_of(entry)
    sheet, rows = entry.place = sheets.put(count, entry.rows, (training.x, training.targets, training.weights))
    if training.kept is not None and training.held is not None:
        return Place(sheet, rows[training.kept]), Place(sheet, rows[training.held])
    held_out = training.arguments.get("validation_data")
    if held_out is not None:
        x, targets, *weights = held_out
        return entry.place, sheets.put(len(x), np.arange(len(x)), (x, targets, weights[0] if weights else None))
    share = training.arguments.get("validation_split")
    if share:
        at = math.floor(len(rows) * (1 - share))
        return Place(sheet, rows[:at]), Place(sheet, rows[at:])
    return entry.place, None


def _population(group: list[Entry]) -> Population:
    def go_on(n: int) -> None:
        state = group[n].randomness
        if state is not None:
            set_random_state(state)

    # The seeds stand for the states that are set when the models are handed over.
    seeds = [None if entry.randomness is None else 0 for entry in group]
    return together([entry.estimator.model_ for entry in group], go_on, seeds, [entry.parameters for entry in group])


def _introduce(group: list[Entry]) -> None:
    """Lets those that were trained on the same rows answer questions together."""
    circles: dict[Hashable, list[Any]] = {}
    for entry in group:
        assert entry.place is not None
        widths = tuple(head.width for head in entry.estimator._heads)
        circles.setdefault((id(entry.place.sheet), entry.rows.tobytes(), widths), []).append(entry.estimator)
    for circle in circles.values():
        peers = Peers([estimator.model_ for estimator in circle])
        for estimator in circle:
            vars(estimator)["_peers"] = peers
