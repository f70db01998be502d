"""Errors of predictions, as metrics."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.losses.loss import as_arrays, match_ranks
from lamina.losses.mean_absolute_error import mean_absolute_error
from lamina.losses.mean_squared_error import mean_squared_error
from lamina.metrics.mean import Mean, MeanMetricWrapper

builtin("metrics", "mse")(mean_squared_error)
builtin("metrics", "mae")(mean_absolute_error)


@builtin("metrics")
class MeanSquaredError(MeanMetricWrapper):
    """The mean of the squared errors.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> float(MeanSquaredError()([[0.0, 1.0]], [[1.0, 3.0]]))
        2.5
    """

    def __init__(self, name: str = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_error, name, dtype)


@builtin("metrics")
class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of the absolute errors.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> float(MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 3.0]]))
        1.5
    """

    def __init__(self, name: str = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(mean_absolute_error, name, dtype)


@builtin("metrics", "rmse", "root_mean_squared_error")
class RootMeanSquaredError(Mean):
    """The root of the mean of the squared errors.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> float(RootMeanSquaredError()([[0.0], [0.0]], [[3.0], [4.0]]))
        3.535533905029297
    """

    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds the squared errors of a batch."""
        y_true, y_pred = match_ranks(as_arrays(y_true, self.dtype), as_arrays(y_pred, self.dtype))
        super().update_state(jnp.square(y_true - y_pred), sample_weight)

    def result(self) -> jax.Array:
        """The root of the mean."""
        return jnp.sqrt(super().result())
