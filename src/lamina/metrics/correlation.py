"""How predictions go up and down with their targets."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import as_pair
from lamina.metrics.mean import MeanMetricWrapper


@builtin("metrics")
@operation
def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> jax.Array:
    """The covariance of targets and predictions, divided by their standard deviations.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.
        axis: along which they go up and down.

    Returns:
        Values from -1 to 1, without that axis; NaN where either does not change.

    Example:
        >>> pearson_correlation([[0.0, 1.0, 0.5]], [[2.0, 4.0, 3.0]]).round(4)
        Array([1.], dtype=float32)
    """
    y_true, y_pred = (_centred(x, axis) for x in as_pair("pearson_correlation", y_true, y_pred))
    y_true, y_pred = (x / jnp.std(x, axis=axis, keepdims=True) for x in (y_true, y_pred))
    return jnp.mean(y_true * y_pred, axis=axis)


@builtin("metrics")
@operation
def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> jax.Array:
    """Like Pearson's correlation, but 1 only where predictions are equal to their targets.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.
        axis: along which they go up and down.

    Returns:
        Values from -1 to 1, without that axis.

    Example:
        >>> concordance_correlation([[0.0, 1.0, 0.5]], [[0.0, 1.0, 0.5]]).round(4)
        Array([1.], dtype=float32)

    Reference:
        Lin, 1989, "A concordance correlation coefficient to evaluate reproducibility".
    """
    y_true, y_pred = as_pair("concordance_correlation", y_true, y_pred)
    mean_true, mean_pred = (jnp.mean(x, axis=axis, keepdims=True) for x in (y_true, y_pred))
    spread = sum(jnp.var(_centred(x, axis), axis=axis, keepdims=True) for x in (y_true, y_pred))
    distance = jnp.square(mean_true - mean_pred)
    # About the mean of the predictions both times: their own deviations sum to zero, so it is the covariance.
    covariance = (y_true - mean_pred) * (y_pred - mean_pred)
    return jnp.mean(2 * covariance / (spread + distance + config.epsilon()), axis=axis)


def _centred(x: jax.Array, axis: int) -> jax.Array:
    return x - jnp.mean(x, axis=axis, keepdims=True)


@builtin("metrics")
class PearsonCorrelation(MeanMetricWrapper):
    """The mean of the correlations of targets and predictions, each example's outputs with its targets.

    Args:
        name: in logs.
        dtype: of the sums.
        axis: along which they go up and down.

    Example:
        >>> round(float(PearsonCorrelation()([[0.0, 1.0, 0.5]], [[2.0, 4.0, 3.0]])), 4)
        1.0
    """

    def __init__(self, name: str = "pearson_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


@builtin("metrics")
class ConcordanceCorrelation(MeanMetricWrapper):
    """The mean of the concordance correlations, each example's outputs with its targets.

    Args:
        name: in logs.
        dtype: of the sums.
        axis: along which they go up and down.

    Example:
        >>> round(float(ConcordanceCorrelation()([[0.0, 1.0, 0.5]], [[0.0, 1.0, 0.5]])), 4)
        1.0
    """

    def __init__(self, name: str = "concordance_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
