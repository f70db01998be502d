"""Mean absolute percentage error."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper, as_pair


@builtin("losses", "mape")
@operation
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> jax.Array:
    """`100 mean(abs(y_true - y_pred) / abs(y_true))` over the last axis; targets near zero count as `epsilon()`.

    Args:
        y_true: targets `(batch, ..., outputs)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses `(batch, ...)`.

    Example:
        >>> mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 3.0]])
        Array([37.5], dtype=float32)
    """
    y_true, y_pred = as_pair("mean_absolute_percentage_error", y_true, y_pred)
    error = (y_true - y_pred) / jnp.maximum(jnp.abs(y_true), config.epsilon())
    return 100.0 * jnp.mean(jnp.abs(error), axis=-1)


@builtin("losses")
class MeanAbsolutePercentageError(LossFunctionWrapper):
    """The mean of the absolute errors, in percent of the targets.

    Args:
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> float(MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 3.0]]))
        37.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)
