"""Errors of predictions, as metrics."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.cosine_similarity import cosine_similarity as cosine_loss
from lamina.losses.huber import huber
from lamina.losses.log_cosh import log_cosh
from lamina.losses.loss import as_arrays, as_pair
from lamina.losses.mean_absolute_error import mean_absolute_error
from lamina.losses.mean_absolute_percentage_error import mean_absolute_percentage_error
from lamina.losses.mean_squared_error import mean_squared_error
from lamina.losses.mean_squared_logarithmic_error import mean_squared_logarithmic_error
from lamina.metrics.mean import Mean, MeanMetricWrapper

builtin("metrics", "mse")(mean_squared_error)
builtin("metrics", "mae")(mean_absolute_error)
builtin("metrics", "mape")(mean_absolute_percentage_error)
builtin("metrics", "msle")(mean_squared_logarithmic_error)
builtin("metrics", "logcosh")(log_cosh)
builtin("metrics")(huber)


@builtin("metrics", "cosine_proximity", "cosine")
@operation
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> jax.Array:
    """The cosine of the angle between targets and predictions: 1 where they point the same way.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.
        axis: of the vectors.

    Returns:
        Values from -1 to 1, without that axis.

    Example:
        >>> cosine_similarity([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [0.0, 3.0]])
        Array([1., 0.], dtype=float32)
    """
    return -cosine_loss(y_true, y_pred, axis)


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


@builtin("metrics")
class MeanAbsolutePercentageError(MeanMetricWrapper):
    """The mean of the absolute errors, in percent of the targets.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> float(MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 3.0]]))
        37.5
    """

    def __init__(self, name: str = "mean_absolute_percentage_error", dtype: Any = None) -> None:
        super().__init__(mean_absolute_percentage_error, name, dtype)


@builtin("metrics")
class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """The mean of the squares of what predictions are off by, as factors.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> round(float(MeanSquaredLogarithmicError()([[0.0, 3.0]], [[0.0, 1.0]])), 4)
        0.2402
    """

    def __init__(self, name: str = "mean_squared_logarithmic_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_logarithmic_error, name, dtype)


@builtin("metrics", "logcosh", "log_cosh_error")
class LogCoshError(MeanMetricWrapper):
    """The mean of the logarithms of the hyperbolic cosines of the errors.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> round(float(LogCoshError()([[0.0, 0.0]], [[0.0, 1.0]])), 4)
        0.2169
    """

    def __init__(self, name: str = "logcosh", dtype: Any = None) -> None:
        super().__init__(log_cosh, name, dtype)


@builtin("metrics")
class CosineSimilarity(MeanMetricWrapper):
    """The mean of the cosines of the angles between targets and predictions.

    Args:
        name: in logs.
        dtype: of the sums.
        axis: of the vectors.

    Example:
        >>> float(CosineSimilarity()([[0.0, 1.0]], [[0.0, 2.0]]))
        1.0
    """

    _untold = ("axis",)

    def __init__(self, name: str = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)


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
        y_true, y_pred = as_pair(self.name, as_arrays(y_true, self.dtype), as_arrays(y_pred, self.dtype))
        super().update_state(jnp.square(y_true - y_pred), sample_weight)

    def result(self) -> jax.Array:
        """The root of the mean."""
        return jnp.sqrt(super().result())
