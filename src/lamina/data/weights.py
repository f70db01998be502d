"""Weights of examples from weights of classes, and the split of a validation set."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from lamina.core.errors import ArgumentError, DataError, suggestion
from lamina.data.arrays import count_rows


def apply_class_weight(y: Any, sample_weight: Any, class_weight: Any, names: Sequence[str] | None = None) -> Any:
    """Weights of examples by their class, times those that they have already.

    Args:
        y: integer classes `(rows,)` or `(rows, 1)`, or one-hot rows; a list or dict of such for several outputs.
        sample_weight: `(rows,)` for each output, or `None`.
        class_weight: from class to factor, as a dict or a list; classes that are not named have 1. For several
            outputs a dict of such by output name, or a list.
        names: of the outputs, if they are known.

    Returns:
        Weights `(rows,)`, in the structure of `y`.

    Raises:
        ArgumentError: for an output that does not exist, a class that is not an integer, or a factor
            that is no number.

    Example:
        >>> apply_class_weight(np.array([0, 1, 1]), None, {1: 3.0})
        array([1., 3., 3.], dtype=float32)
    """
    if isinstance(y, dict):
        given = _by_output(class_weight, list(y))
        weights = sample_weight if isinstance(sample_weight, dict) else dict.fromkeys(y, sample_weight)
        return {name: _weights(y[name], weights.get(name), given[name]) for name in y}
    if isinstance(y, list | tuple) and len(y) > 1:
        names = list(names) if names and len(names) == len(y) else [f"output_{n + 1}" for n in range(len(y))]
        given = _by_output(class_weight, names)
        weights = sample_weight
        if isinstance(sample_weight, dict):
            weights = [sample_weight.get(name) for name in names]
        elif not isinstance(sample_weight, list | tuple):
            weights = [sample_weight] * len(y)
        return [_weights(y[n], weights[n], given[name]) for n, name in enumerate(names)]
    return _weights(jax.tree.leaves(y)[0], sample_weight, class_weight)


def _by_output(class_weight: Any, names: list[str]) -> dict[str, Any]:
    """The class weights of each output by its name; `None` for those without."""
    if isinstance(class_weight, list | tuple) and len(class_weight) == len(names):
        return dict(zip(names, class_weight, strict=True))
    if isinstance(class_weight, dict) and all(isinstance(key, str) for key in class_weight):
        for name in class_weight:
            if name not in names:
                raise ArgumentError(
                    f"class_weight names the output {name!r}, but the model's outputs are "
                    f"{', '.join(map(repr, names))}.",
                    hint=suggestion(name, names),
                )
        return {name: class_weight.get(name) for name in names}
    raise ArgumentError(
        f"class_weight is one mapping, but there are targets for {len(names)} outputs.",
        hint="give it by output name: class_weight={" + f"{names[0]!r}: " + "{0: 1.0, 1: 2.5}}.",
    )


def _weights(y: Any, sample_weight: Any, class_weight: Any) -> Any:
    if class_weight is None:
        return sample_weight
    factors = _factors(class_weight)
    target = np.asarray(y)
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
