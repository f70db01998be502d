"""The rows that trainings share."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np


class Sheet:
    """Rows of data, filled in by the trainings that have them: what all have alike is kept once.

    Args:
        count: how many rows there are in all.
        columns: what a row consists of, as arrays of which the shapes behind the first axis and the dtypes count.

    Example:
        >>> sheet = Sheet(4, [np.array([0.5])])
        >>> sheet.accepts(np.array([0, 2]), [np.array([5.0, 7.0])])
        True
        >>> sheet.accepts(np.array([2, 3]), [np.array([0.0, 8.0])])
        False
        >>> sheet.accepts(np.array([2, 3]), [np.array([7.0, 8.0])])
        True
        >>> sheet.packed()[0], sheet.places(np.array([3, 0]))
        (array([5., 7., 8.]), array([2, 0]))
    """

    def __init__(self, count: int, columns: Sequence[np.ndarray]) -> None:
        self._columns = [np.zeros((count, *column.shape[1:]), column.dtype) for column in columns]
        self._filled = np.zeros(count, bool)

    def accepts(self, rows: np.ndarray, columns: Sequence[np.ndarray]) -> bool:
        """Fills rows in, unless they say otherwise than what is there.

        Args:
            rows: their numbers.
            columns: what they hold.

        Returns:
            Whether they fit.
        """
        known = self._filled[rows]
        for own, given in zip(self._columns, columns, strict=True):
            if not _equal(own[rows[known]], given[known]):
                return False
        for own, given in zip(self._columns, columns, strict=True):
            own[rows] = given
        self._filled[rows] = True
        return True

    def packed(self) -> list[np.ndarray]:
        """The columns, without rows that nobody has."""
        return self._columns if self._filled.all() else [column[self._filled] for column in self._columns]

    def places(self, rows: np.ndarray) -> np.ndarray:
        """Where rows stand when packed."""
        return np.cumsum(self._filled)[rows] - 1

    def holds(self, rows: np.ndarray, x: np.ndarray) -> bool:
        """Whether the first column says so about rows."""
        own = self._columns[0]
        return x.shape == (len(rows), *own.shape[1:]) and _equal(own[rows], x)

    @property
    def filled(self) -> int:
        """How many rows there are when packed."""
        return int(self._filled.sum())

    def __len__(self) -> int:
        return len(self._filled)


class Place(NamedTuple):
    """Rows of a sheet."""

    sheet: Sheet
    rows: np.ndarray


class Sheets:
    """As many sheets as it takes to hold the data of several trainings, all of one form."""

    def __init__(self) -> None:
        self._sheets: list[Sheet] = []
        self._structure: Any = None
        self._weighted = False

    def put(self, count: int, rows: np.ndarray, data: tuple[Any, Any, Any]) -> Place:
        """Puts data on the first sheet that they fit.

        Args:
            count: how many rows such a sheet has in all.
            rows: the numbers of those that are given.
            data: inputs, targets, and weights or `None`.
        """
        x, targets, weights = data
        leaves, self._structure = jax.tree.flatten((x, targets))
        self._weighted |= weights is not None
        weights = np.ones(len(rows), np.float32) if weights is None else np.asarray(weights, np.float32)
        columns = [*map(np.asarray, leaves), weights]
        for sheet in self._sheets:
            if len(sheet) == count and sheet.accepts(rows, columns):
                return Place(sheet, rows)
        sheet = Sheet(count, columns)
        sheet.accepts(rows, columns)
        self._sheets.append(sheet)
        return Place(sheet, rows)

    def joined(self) -> tuple[Any, Any, Any]:
        """All data, one sheet after the other: inputs, targets, and weights if any were given."""
        parts: Any = zip(*(sheet.packed() for sheet in self._sheets), strict=True)
        joined: list[Any] = [np.concatenate(part) if len(part) > 1 else part[0] for part in parts]
        *leaves, weights = joined
        return (*jax.tree.unflatten(self._structure, leaves), weights if self._weighted else None)

    def rows_of(self, place: Place | None) -> np.ndarray | None:
        """The numbers of rows among the data that are joined."""
        if place is None:
            return None
        before = self._sheets[: next(n for n, sheet in enumerate(self._sheets) if sheet is place.sheet)]
        return place.sheet.places(place.rows) + sum(sheet.filled for sheet in before)


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
