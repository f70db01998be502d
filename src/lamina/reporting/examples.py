"""The data that a report is about, as arrays, and how single rows of them are shown."""

import itertools
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from lamina.core.config import image_data_format
from lamina.core.errors import DataError

_CHANNELS = (1, 3, 4)
_SMALLEST = 4  # pixels on a side of what may be an image


@dataclass(frozen=True)
class Examples:
    """Data to test on.

    Attributes:
        x: inputs, as the model takes them.
        y: targets.
        weights: of the rows, or `None`.
    """

    x: Any
    y: Any
    weights: Any = None

    def __len__(self) -> int:
        return len(next(iter(named(self.x, "input").values())))


def examples_of(test_data: Any) -> Examples:
    """What was given as data, as arrays.

    Args:
        test_data: `(x, y)` or `(x, y, sample_weight)`; or a source of such batches that knows its length.

    Raises:
        DataError: for anything else, and if there are no rows.

    Example:
        >>> len(examples_of((np.zeros((3, 2)), np.zeros(3))))
        3
    """
    if not isinstance(test_data, tuple | list):
        test_data = _gathered(test_data)
    if len(test_data) not in (2, 3) or test_data[1] is None:
        raise DataError(
            f"report: test_data must be (x, y) or (x, y, sample_weight). Received: {len(test_data)} items",
            hint="a report compares predictions with what is true, so it needs targets.",
        )
    examples = Examples(*test_data)
    if not len(examples):
        raise DataError("report: test_data has no rows.")
    return examples


def _gathered(source: Any) -> tuple[Any, ...]:
    """All batches of a source in one."""
    try:
        count = len(source)
    except TypeError:
        raise DataError(
            f"report: test_data must be (x, y), or a source of batches with a length. "
            f"Received: {type(source).__name__}",
            hint="collect the batches that you want to test on, and pass (x, y).",
        ) from None
    if hasattr(source, "dtype") or hasattr(source, "columns"):
        raise DataError(
            f"report: test_data must be (x, y). Received: a single {type(source).__name__} of shape {source.shape}",
            hint="a report compares predictions with what is true, so it needs targets.",
        )
    indexed = hasattr(source, "__getitem__")
    batches = [source[n] for n in range(count)] if indexed else list(itertools.islice(source, count))
    if not batches:
        raise DataError("report: test_data has no rows.")
    return jax.tree.map(lambda *parts: np.concatenate([np.asarray(part) for part in parts]), *map(tuple, batches))


def named(structure: Any, name: str) -> dict[str, Any]:
    """The arrays of inputs or targets with a name each.

    Example:
        >>> list(named([1, 2], "input")), list(named({"a": 1}, "input")), list(named(1, "input"))
        (['input 1', 'input 2'], ['a'], ['input'])
    """
    if isinstance(structure, dict):
        return dict(structure)
    if isinstance(structure, list | tuple):
        return {f"{name} {number}": array for number, array in enumerate(structure, 1)}
    return {name: structure}


def column_names(array: Any) -> list[str] | None:
    """The names of the columns of a table; `None` for plain arrays."""
    columns = getattr(array, "columns", None)
    return None if columns is None else [str(column) for column in columns]


def as_images(array: Any) -> np.ndarray | None:
    """Rows as images, `(rows, height, width)` or with channels behind; `None` if they are none.

    Example:
        >>> as_images(np.zeros((5, 8, 8, 3))).shape, as_images(np.zeros((5, 8)))
        ((5, 8, 8, 3), None)
    """
    pixels = np.asarray(array)
    if pixels.ndim == 4 and image_data_format() == "channels_first":
        pixels = np.moveaxis(pixels, 1, -1)
    if pixels.dtype.kind not in "biuf" or pixels.ndim not in (3, 4) or min(pixels.shape[1:3]) < _SMALLEST:
        return None
    return pixels if pixels.ndim == 3 or pixels.shape[-1] in _CHANNELS else None
