"""Hinge losses: margins between the right side and the wrong one."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper, as_pair, mixes_rows


def _margins(name: str, y_true: Any, y_pred: Any) -> jax.Array:
    """How far predictions fall short of being on the right side by one."""
    y_true, y_pred = as_pair(name, y_true, y_pred)
    binary = jnp.all((y_true == 0) | (y_true == 1))
    return jnp.maximum(1.0 - jnp.where(binary, 2.0 * y_true - 1.0, y_true) * y_pred, 0.0)


@builtin("losses")
@mixes_rows  # one target of -1 tells how those of all rows are meant
@operation
def hinge(y_true: Any, y_pred: Any) -> jax.Array:
    """`mean(max(0, 1 - y_true * y_pred))` over the last axis.

    Args:
        y_true: -1 or 1; if all are 0 or 1, zeros are taken for -1.
        y_pred: scores of the same shape.

    Returns:
        Losses, without the last axis.

    Example:
        >>> hinge([[-1.0, 1.0]], [[-2.0, 0.5]])
        Array([0.25], dtype=float32)
    """
    return jnp.mean(_margins("hinge", y_true, y_pred), axis=-1)


@builtin("losses")
@mixes_rows
@operation
def squared_hinge(y_true: Any, y_pred: Any) -> jax.Array:
    """`mean(max(0, 1 - y_true * y_pred) ** 2)` over the last axis.

    Args:
        y_true: -1 or 1; if all are 0 or 1, zeros are taken for -1.
        y_pred: scores of the same shape.

    Returns:
        Losses, without the last axis.

    Example:
        >>> squared_hinge([[-1.0, 1.0]], [[-2.0, 0.5]])
        Array([0.125], dtype=float32)
    """
    return jnp.mean(jnp.square(_margins("squared_hinge", y_true, y_pred)), axis=-1)


@builtin("losses")
@operation
def categorical_hinge(y_true: Any, y_pred: Any) -> jax.Array:
    """`max(0, 1 + n - p)`: `p` is the score of the right class, `n` the largest of the others.

    Args:
        y_true: one-hot `(batch, ..., classes)`.
        y_pred: scores of the same shape.

    Returns:
        Losses `(batch, ...)`.

    Example:
        >>> categorical_hinge([[0.0, 1.0]], [[0.6, 0.4]])
        Array([1.2], dtype=float32)
    """
    y_true, y_pred = as_pair("categorical_hinge", y_true, y_pred)
    right = jnp.sum(y_true * y_pred, axis=-1)
    wrong = jnp.max((1.0 - y_true) * y_pred, axis=-1)
    return jnp.maximum(wrong - right + 1.0, 0.0)


@builtin("losses")
class Hinge(LossFunctionWrapper):
    """How far scores fall short of a margin of one.

    Args:
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> float(Hinge()([[-1.0, 1.0]], [[-2.0, 0.5]]))
        0.25
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "hinge", dtype: Any = None
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


@builtin("losses")
class SquaredHinge(LossFunctionWrapper):
    """The square of what scores fall short of a margin of one.

    Args:
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> float(SquaredHinge()([[-1.0, 1.0]], [[-2.0, 0.5]]))
        0.125
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "squared_hinge", dtype: Any = None
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


@builtin("losses")
class CategoricalHinge(LossFunctionWrapper):
    """How far the score of the right class falls short of leading the others by one.

    Args:
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> round(float(CategoricalHinge()([[0.0, 1.0]], [[0.6, 0.4]])), 4)
        1.2
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "categorical_hinge", dtype: Any = None
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)
