"""Poisson loss."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper, as_pair


@builtin("losses")
@operation
def poisson(y_true: Any, y_pred: Any) -> jax.Array:
    """`mean(y_pred - y_true log(y_pred))` over the last axis: how unlikely counts are when rates are predicted.

    Args:
        y_true: targets `(batch, ..., outputs)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses `(batch, ...)`.

    Example:
        >>> poisson([[2.0, 0.0]], [[1.0, 1.0]])
        Array([0.9999999], dtype=float32)
    """
    y_true, y_pred = as_pair("poisson", y_true, y_pred)
    return jnp.mean(y_pred - y_true * jnp.log(y_pred + config.epsilon()), axis=-1)


@builtin("losses")
class Poisson(LossFunctionWrapper):
    """The loss of predicted rates of Poisson distributions, up to what depends on the targets alone.

    Args:
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> round(float(Poisson()([[2.0, 0.0]], [[1.0, 1.0]])), 4)
        1.0
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "poisson", dtype: Any = None
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)
