"""Weights of examples from weights of classes, and the split of a validation set."""

import math
from typing import Any

import jax
import numpy as np

from lamina.core.errors import ArgumentError, DataError
from lamina.data.arrays import count_rows


def apply_class_weight(y: Any, sample_weight: Any, class_weight: Any) -> Any:
    """Weights of examples by their class, times those that they have already.

    Args:
        y: integer classes `(rows,)` or `(rows, 1)`, or one-hot rows.
        sample_weight: `(rows,)`, or `None`.
        class_weight: from class to factor, as a dict or a list; classes that are not named have 1.

    Returns:
        Weights `(rows,)`.

    Raises:
        ArgumentError: for targets of several outputs, a class that is not an integer, or a factor that is
            no number.

    Example:
        >>> apply_class_weight(np.array([0, 1, 1]), None, {1: 3.0})
        array([1., 3., 3.], dtype=float32)
    """
    factors = _factors(class_weight)
    leaves = jax.tree.leaves(y)
    if len(leaves) != 1:
        raise ArgumentError(
            f"class_weight needs one target array, but there are {len(leaves)}.",
            hint="pass sample_weight with one array per output instead.",
        )
    target = np.asarray(leaves[0])
    if target.ndim > 1 and target.shape[-1] > 1:
        classes = target.argmax(axis=-1)
    else:
        classes = target.reshape(len(target), -1)[:, 0].astype(np.int64)
    weights = np.ones(len(target), np.float32)
    for label, factor in factors.items():
        weights[classes == label] = factor
    return weights if sample_weight is None else weights * np.asarray(sample_weight, np.float32)


def _factors(class_weight: Any) -> dict[Any, Any]:
    factors = dict(enumerate(class_weight)) if isinstance(class_weight, list | tuple | np.ndarray) else class_weight
    if isinstance(factors, dict):
        classes = all(isinstance(key, int | np.integer) for key in factors)
        if classes and all(isinstance(value, int | float | np.number) for value in factors.values()):
            return factors
    raise ArgumentError(
        f"class_weight maps integer classes to factors. Received: class_weight={class_weight!r}",
        hint="pass a dict such as {0: 1.0, 1: 2.5}.",
    )


def split(data: Any, validation_split: float) -> tuple[Any, Any]:
    """Cuts the last part of the rows off, before any shuffling.

    Args:
        data: the structure `(x, y, sample_weight)`.
        validation_split: the share to cut off, above 0 and below 1.

    Returns:
        The first part, and the part that was cut off.

    Raises:
        DataError: if one of them would be empty.
    """
    rows = count_rows(data, "the data")
    at = math.floor(rows * (1.0 - validation_split))
    if at in (0, rows):
        raise DataError(
            f"{rows} rows cannot be split with validation_split={validation_split}: one of the parts would be empty."
        )
    return jax.tree.map(lambda a: a[:at], data), jax.tree.map(lambda a: a[at:], data)
