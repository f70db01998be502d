"""Huber loss."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.core.validate import not_negative
from lamina.losses.loss import LossFunctionWrapper, as_pair


@builtin("losses", "huber_loss")
@operation
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> jax.Array:
    """Squares for small errors, straight lines for large ones, meeting with equal slope at `delta`.

    Args:
        y_true: targets `(batch, ..., outputs)`.
        y_pred: predictions of the same shape.
        delta: where the parabola `e ** 2 / 2` becomes the line `delta * (abs(e) - delta / 2)`.

    Returns:
        Losses `(batch, ...)`, means over the last axis.

    Example:
        >>> huber([[0.0, 0.0]], [[0.5, 3.0]])
        Array([1.3125], dtype=float32)

    Reference:
        Huber, 1964, "Robust estimation of a location parameter".
    """
    y_true, y_pred = as_pair("huber", y_true, y_pred)
    error = jnp.abs(y_true - y_pred)
    return jnp.mean(jnp.where(error <= delta, 0.5 * jnp.square(error), delta * error - 0.5 * delta * delta), axis=-1)


@builtin("losses")
class Huber(LossFunctionWrapper):
    """Squared errors where they are small, absolute ones where they are large.

    Args:
        delta: the error at which one becomes the other.
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Raises:
        ArgumentError: for a negative `delta`.

    Example:
        >>> float(Huber()([[0.0, 0.0]], [[0.5, 3.0]]))
        1.3125
    """

    _untold = ("delta",)

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        not_negative("Huber", "delta", delta)
        super().__init__(huber, reduction, name, dtype, delta=delta)
