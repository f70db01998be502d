"""Which rows are held out: folds by number, by splitters, by class and by group."""

import reprlib
from collections.abc import Iterable
from typing import Any

import jax
import numpy as np

from lamina.core.errors import ArgumentError, DataError, missing_extra
from lamina.core.validate import at_least, positive_int
from lamina.data.arrays import count_rows, host_arrays
from lamina.population.heads import LossHead

Folds = list[tuple[np.ndarray, np.ndarray]]


def make_folds(
    owner: str,
    x: Any,
    y: Any,
    cv: Any,
    repeats: int = 1,
    seed: int | None = None,
    stratify: Any = None,
    groups: Any = None,
) -> Folds:
    """Pairs of row indices, to train on and to validate on.

    Args:
        owner: for whom, for messages.
        x: inputs.
        y: targets.
        cv: the number of folds; an object with `split(x, y)`; or pairs of row indices.
        repeats: how often to cut; from the second time on the rows are shuffled before.
        seed: of the shuffles; drawn from NumPy's generator when left out.
        stratify: whether all folds have classes in equal shares: `True` for those in `y`, or labels `(rows,)`.
        groups: labels `(rows,)`; rows of one group are in one fold.

    Raises:
        ArgumentError: for more folds than rows, or fewer than two, and for arguments that exclude each other.
        MissingExtraError: if scikit-learn is needed and missing.
    """
    rows = count_rows(host_arrays(x, "x"), "x")
    repeats = positive_int(owner, "repeats", repeats)
    strata = _labels(owner, "stratify", y if stratify is True else stratify, rows) if _is_given(stratify) else None
    groups = None if groups is None else _labels(owner, "groups", groups, rows)
    if not isinstance(cv, int | np.integer) or isinstance(cv, bool):
        if repeats != 1 or strata is not None:
            name = "repeats" if repeats != 1 else "stratify"
            raise ArgumentError(
                f"{owner}: {name} goes with a number of folds.", hint="list all folds in cv, as often as wanted."
            )
        return _given(owner, cv, x, y, groups)
    count = at_least(owner, "cv", cv, 2)
    if count > rows:
        raise ArgumentError(f"{owner}: {count} folds need as many rows, but there are {rows}.")
    if groups is not None and repeats != 1:
        raise ArgumentError(f"{owner}: groups are always cut the same way, so repeats have nothing to add.")
    generator = np.random if seed is None else np.random.RandomState(seed)
    orders = [np.arange(rows), *(generator.permutation(rows) for _ in range(repeats - 1))]
    if strata is None and groups is None:
        return [pair for order in orders for pair in _cut(order, count)]
    return [pair for order in orders for pair in _cut_by_labels(owner, order, count, strata, groups)]


def check_classes(owner: str, folds: Folds, y: Any, models: list[Any]) -> None:
    """Looks for folds that are validated on classes that they were not trained on.

    Args:
        owner: for whom, for messages.
        folds: pairs of row indices.
        y: targets.
        models: compiled; those of a classification have a cross-entropy as their loss.

    Raises:
        DataError: names the fold and the classes.
    """
    losses, targets = jax.tree.leaves(models[0].loss), jax.tree.leaves(y)
    head = LossHead(None, losses[0]) if len(losses) == 1 else None
    if head is None or not head.is_classification or len(targets) != 1:
        return
    labels = np.asarray(targets[0])
    if labels.ndim == 2 and labels.shape[1] > 1 and head.loss.startswith("categorical"):
        labels = labels.argmax(axis=1)
    if labels.size != len(labels) or (labels != np.floor(labels)).any():
        return  # several labels at a time, or shares of them
    labels = labels.reshape(-1)
    for number, (train, held_out) in enumerate(folds):
        missing = np.setdiff1d(labels[held_out], labels[train])
        if missing.size:
            shown = ", ".join(f"{label:g}" for label in missing[:5].astype(float))
            raise DataError(
                f"{owner}: fold {number} is validated on rows of the class {shown}{'…' if missing.size > 5 else ''}, "
                "of which it has none to train on.",
                hint="stratify=True gives all folds the classes in equal shares.",
            )


def _is_given(stratify: Any) -> bool:
    return stratify is not None and stratify is not False


def _labels(owner: str, name: str, given: Any, rows: int) -> np.ndarray:
    labels = np.asarray(given)
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = labels.argmax(axis=1)
    labels = labels.reshape(-1)
    if len(labels) != rows:
        raise ArgumentError(f"{owner}: {name} has {len(labels)} labels, but there are {rows} rows.")
    return labels


def _given(owner: str, cv: Any, x: Any, y: Any, groups: Any) -> Folds:
    pairs = cv
    if hasattr(cv, "split") and not isinstance(cv, str):
        if len(jax.tree.leaves(x)) > 1:  # splitters count the rows of one array
            x = np.arange(count_rows(host_arrays(x, "x"), "x"))
        labels = y if len(jax.tree.leaves(y)) == 1 else None
        pairs = cv.split(x, labels) if groups is None else cv.split(x, labels, groups)
    pairs = list(pairs) if isinstance(pairs, Iterable) else []
    if not pairs or not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise ArgumentError(
            f"{owner}: cv gives no pairs of row indices. Received: cv={reprlib.repr(cv)}",
            hint="give a number of folds, an object with split(x, y), or a list of pairs (train, validation).",
        )
    return [(np.asarray(train), np.asarray(held_out)) for train, held_out in pairs]


def _cut(order: np.ndarray, count: int) -> Folds:
    """Each part of an order held out in turn; the first ones are longer by a row if it does not come out even."""
    parts = np.array_split(order, count)
    return [(np.concatenate([*parts[:n], *parts[n + 1 :]]), part) for n, part in enumerate(parts)]


def _cut_by_labels(owner: str, order: np.ndarray, count: int, strata: Any, groups: Any) -> Folds:
    try:
        from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, StratifiedKFold
    except ImportError as error:
        name = "stratify" if groups is None else "groups"
        raise missing_extra("sklearn", "scikit-learn", f"{owner}({name}=…)") from error
    splitter = GroupKFold if strata is None else StratifiedKFold if groups is None else StratifiedGroupKFold
    y = None if strata is None else strata[order]
    of = None if groups is None else groups[order]
    try:
        pairs = list(splitter(n_splits=count).split(order, y, of))
    except ValueError as error:
        raise ArgumentError(f"{owner}: the rows cannot be cut into {count} folds: {error}") from None
    return [(order[train], order[held_out]) for train, held_out in pairs]
