"""Mean squared logarithmic error."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper, as_pair


@builtin("losses", "msle")
@operation
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> jax.Array:
    """`mean((log(1 + y_true) - log(1 + y_pred)) ** 2)` over the last axis; values below `epsilon()` count as that.

    Args:
        y_true: targets `(batch, ..., outputs)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses `(batch, ...)`.

    Example:
        >>> mean_squared_logarithmic_error([[0.0, 3.0]], [[0.0, 1.0]])
        Array([0.2402265], dtype=float32)
    """
    y_true, y_pred = as_pair("mean_squared_logarithmic_error", y_true, y_pred)
    low = config.epsilon()
    ratio = jnp.log(jnp.maximum(y_pred, low) + 1.0) - jnp.log(jnp.maximum(y_true, low) + 1.0)
    return jnp.mean(jnp.square(ratio), axis=-1)


@builtin("losses")
class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """The mean of the squares of what predictions are off by, as factors.

    Args:
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> round(float(MeanSquaredLogarithmicError()([[0.0, 3.0]], [[0.0, 1.0]])), 4)
        0.2402
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)
