"""Mean absolute error."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper, as_pair


@builtin("losses", "mae")
@operation
def mean_absolute_error(y_true: Any, y_pred: Any) -> jax.Array:
    """`mean(abs(y_true - y_pred))` over the last axis.

    Args:
        y_true: targets `(batch, ..., outputs)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses `(batch, ...)`.

    Example:
        >>> mean_absolute_error([[0.0, 1.0]], [[1.0, 3.0]])
        Array([1.5], dtype=float32)
    """
    y_true, y_pred = as_pair("mean_absolute_error", y_true, y_pred)
    return jnp.mean(jnp.abs(y_true - y_pred), axis=-1)


@builtin("losses")
class MeanAbsoluteError(LossFunctionWrapper):
    """The mean of the absolute errors: less moved by outliers than their squares.

    Args:
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> float(MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 3.0]]))
        1.5
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "mean_absolute_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)
