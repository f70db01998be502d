"""The logarithm of the hyperbolic cosine."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper, as_pair


@builtin("losses", "logcosh")
@operation
def log_cosh(y_true: Any, y_pred: Any) -> jax.Array:
    """`mean(log(cosh(y_pred - y_true)))` over the last axis: squares near zero, straight lines far from it.

    Args:
        y_true: targets `(batch, ..., outputs)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses `(batch, ...)`.

    Example:
        >>> log_cosh([[0.0, 0.0]], [[0.0, 1.0]])
        Array([0.2168904], dtype=float32)
    """
    y_true, y_pred = as_pair("log_cosh", y_true, y_pred)
    error = y_pred - y_true
    # log cosh e = e + log(1 + exp(-2 e)) - log 2, which overflows nowhere
    return jnp.mean(error + jax.nn.softplus(error * -2.0) - math.log(2.0), axis=-1)


@builtin("losses")
class LogCosh(LossFunctionWrapper):
    """Squared errors where they are small, absolute ones where they are large, without a seam.

    Args:
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> round(float(LogCosh()([[0.0, 0.0]], [[0.0, 1.0]])), 4)
        0.2169
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "log_cosh", dtype: Any = None
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)
