"""Huber loss."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper, match_ranks


@builtin("losses")
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
    y_pred = jnp.asarray(y_pred)
    y_true, y_pred = match_ranks(jnp.asarray(y_true, y_pred.dtype), y_pred)
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

    Example:
        >>> float(Huber()([[0.0, 0.0]], [[0.5, 3.0]]))
        1.3125
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=delta)
