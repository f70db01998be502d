"""Which rows each member is trained on and validated on: folds are tables of indices, never copies of the data."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina.core.errors import ArgumentError, DataError
from lamina.data.dataset import DEFAULT_BATCH
from lamina.data.feeds import draw_order

Fold = tuple[np.ndarray, np.ndarray | None]


class Shuffle:
    """The orders of some rows, epoch by epoch, as `fit` draws them; members with equal draws share one.

    Args:
        rows: indices.
        batch: rows per batch, or `None`.
        mode: `shuffle` of `fit`.
        generator: where orders are drawn from.
    """

    def __init__(self, rows: np.ndarray, batch: int | None, mode: Any, generator: np.random.RandomState) -> None:
        self.rows = rows
        self.batch = min(batch or DEFAULT_BATCH, len(rows))
        self.generator = generator
        self.drawn = 0
        self._mode = mode
        self._order = rows

    def spend(self) -> None:
        """Draws the order that `fit` draws, and drops, before the first epoch of a model that is new."""
        if self._mode:
            self.generator.permutation(self.batch if self._mode == "batch" else len(self.rows))

    def order(self, epoch: int) -> np.ndarray:
        """The rows in the order of an epoch; to be asked for one epoch after the other.

        Args:
            epoch: counted from 0 in each training.
        """
        while self.drawn <= epoch:
            order = draw_order(len(self.rows), self.batch, self._mode, self.generator.permutation)
            self._order = self.rows if order is None else self.rows[order]
            self.drawn += 1
        return self._order


class Piece(NamedTuple):
    """What a program runs over: steps of equal size.

    Attributes:
        order: int32 `(members, steps, batch)`, the rows of each batch; without the first axis if all have the same.
        counts: int32 `(members,)`, how many of them are real. One number for all would be divided by in another way
            than a network alone does, and show in the last bit.
        padded: whether some are not.
    """

    order: np.ndarray
    counts: np.ndarray
    padded: bool


def cut(orders: Sequence[np.ndarray], batch: int, *, shared: bool, pads: bool) -> list[Piece]:
    """Rows in batches: a short last batch is padded, or a piece of its own where padding would show.

    Args:
        orders: the rows of each member; equally many but for what padding evens out.
        batch: rows per batch.
        shared: whether all see the same rows in the same order: programs take them once then.
        pads: whether padded rows change nothing.

    Example:
        >>> [piece.order.tolist() for piece in cut([np.arange(5)], 2, shared=False, pads=False)]
        [[[[0, 1], [2, 3]]], [[[4]]]]
        >>> cut([np.arange(3)], 2, shared=True, pads=True)[0].order.tolist()
        [[0, 1], [2, 0]]
    """
    counts = np.array([len(order) for order in orders], np.int32)
    kept = list(orders[:1]) if shared else list(orders)
    if pads:
        steps = -(-int(counts.max()) // batch)
        table = np.zeros((len(kept), steps * batch), np.int32)
        for row, order in zip(table, kept, strict=True):
            row[: len(order)] = order
        return [_piece(table, batch, counts, shared, bool((counts % batch).any()))]
    table = np.array(kept, np.int32)
    full = int(counts[0]) // batch * batch
    parts = [(table[:, :full], batch), (table[:, full:], int(counts[0]) - full)]
    return [_piece(part, size, np.full_like(counts, part.shape[1]), shared, False) for part, size in parts if part.size]


def _piece(table: np.ndarray, batch: int, counts: np.ndarray, shared: bool, padded: bool) -> Piece:
    order = table.reshape(len(table), -1, batch)
    return Piece(order[0] if shared else order, counts, padded)


def shape_of(count: int | None, batch: int, pads: bool) -> Any:
    """What has to be equal for two members to be trained in one block: how their rows fall into batches.

    Example:
        >>> shape_of(100, 32, True) == shape_of(101, 32, True), shape_of(96, 32, True) == shape_of(97, 32, True)
        (True, False)
    """
    if count is None or not pads:
        return count
    return -(-count // batch), count % batch != 0


def as_folds(given: Any, members: int, rows: int) -> list[Fold]:
    """A pair of row indices for each member: to train on, and to validate on.

    Raises:
        ArgumentError: if there is not one pair per member, or a fold is no list of integers.
        DataError: for rows that do not exist, and empty folds.
    """
    pairs = list(given)
    if len(pairs) != members:
        raise ArgumentError(
            f"folds has {len(pairs)} entries, but there are {members} candidates.",
            hint="give each candidate its own (train, validation): repeat candidates to train one on several folds.",
        )
    # Members that see the same rows share the table of them.
    known: dict[Any, np.ndarray] = {}
    folds = []
    for number, pair in enumerate(pairs):
        fold = _as_fold(number, pair, rows)
        train, held_out = (None if part is None else known.setdefault(part.tobytes(), part) for part in fold)
        folds.append((train, held_out))
    return folds


def _as_fold(number: int, pair: Any, rows: int) -> Fold:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ArgumentError(f"Fold {number} is {pair!r}, but a pair of row indices (train, validation) is expected.")
    train, held_out = pair
    return (
        _as_rows(f"the training rows of fold {number}", train, rows),
        None if held_out is None else _as_rows(f"the validation rows of fold {number}", held_out, rows),
    )


def _as_rows(name: str, given: Any, rows: int) -> np.ndarray:
    index = np.asarray(given)
    if index.dtype == bool and index.shape == (rows,):
        index = np.flatnonzero(index)
    if index.ndim != 1 or (index.size and index.dtype.kind not in "iu"):
        raise ArgumentError(f"{name} are {index.dtype} of shape {index.shape}, but integers of shape [n] are expected.")
    if not index.size:
        raise DataError(f"There are no rows in {name}.")
    wrong = index[(index < 0) | (index >= rows)]
    if wrong.size:
        raise DataError(f"Row {int(wrong[0])} is among {name}, but the data have {rows} rows, from 0 to {rows - 1}.")
    return index.astype(np.int32)
