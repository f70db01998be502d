"""The data that `adapt` is given, as batches of rows."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from lamina.core.errors import ArgumentError


def rows_of(data: Any, steps: int | None = None) -> Iterator[Any]:
    """The batches in `data`, without their targets.

    Args:
        data: one array of rows (a list, a data frame, a tensor), or an iterable of batches `x` or `(x, y)`.
        steps: at most so many batches of an iterable.

    Raises:
        ArgumentError: for anything else.

    Example:
        >>> list(rows_of(iter([([1, 2], [0, 1]), ([3], [0])])))
        [[1, 2], [3]]
    """
    if is_array(data):
        yield data.to_numpy() if hasattr(data, "to_numpy") else data
        return
    for batch in itertools.islice(_batches(data), steps):
        yield batch[0] if isinstance(batch, tuple) else batch


def is_array(data: Any) -> bool:
    """Whether `data` are rows, not batches of rows."""
    if isinstance(data, list | tuple):
        return not (data and hasattr(data[0], "shape") and len(data[0].shape))
    return isinstance(data, str | bytes) or hasattr(data, "shape") or hasattr(data, "to_numpy")


def _batches(data: Any) -> Iterable[Any]:
    if hasattr(data, "num_batches") and hasattr(data, "__getitem__"):  # a PyDataset
        return (data[index] for index in range(data.num_batches))
    if hasattr(data, "__iter__"):
        return data
    raise ArgumentError(
        f"adapt() cannot read a {type(data).__name__}.", hint="pass an array, or an iterable of batches of rows."
    )
