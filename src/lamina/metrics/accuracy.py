"""How often predictions are right."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.core.validate import finite
from lamina.losses.loss import as_pair, match_ranks, misfit
from lamina.metrics.mean import MeanMetricWrapper


@builtin("metrics")
@operation
def accuracy(y_true: Any, y_pred: Any) -> jax.Array:
    """1 where prediction and target are equal, else 0.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.

    Returns:
        Zeros and ones of the same shape.

    Example:
        >>> accuracy([[1.0], [2.0]], [[1.0], [3.0]])
        Array([[1.],
               [0.]], dtype=float32)
    """
    y_true, y_pred = as_pair("accuracy", y_true, y_pred)
    return (y_true == y_pred).astype(config.floatx())


@builtin("metrics")
@operation
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> jax.Array:
    """1 where a probability is on the target's side of the threshold, else 0.

    Args:
        y_true: zeros and ones.
        y_pred: probabilities of the same shape.
        threshold: above it, a probability means one.

    Returns:
        Zeros and ones of the same shape.

    Example:
        >>> binary_accuracy([[1.0], [0.0]], [[0.7], [0.6]])
        Array([[1.],
               [0.]], dtype=float32)
    """
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    as_pair("binary_accuracy", y_true, y_pred)
    y_true, y_pred = match_ranks(y_true, y_pred)
    return (y_true == (y_pred > threshold).astype(y_true.dtype)).astype(config.floatx())


@builtin("metrics")
@operation
def categorical_accuracy(y_true: Any, y_pred: Any) -> jax.Array:
    """1 where the largest prediction is the target's class, else 0.

    Args:
        y_true: one-hot `(batch, ..., classes)`.
        y_pred: scores of the same shape.

    Returns:
        Zeros and ones `(batch, ...)`.

    Example:
        >>> categorical_accuracy([[0.0, 1.0]], [[0.2, 0.8]])
        Array([1.], dtype=float32)
    """
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    if y_true.ndim != y_pred.ndim:
        raise misfit("categorical_accuracy", y_true, y_pred, "for integer targets use sparse_categorical_accuracy.")
    return (jnp.argmax(y_true, -1) == jnp.argmax(y_pred, -1)).astype(config.floatx())


@builtin("metrics")
@operation
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> jax.Array:
    """1 where the largest prediction is the target, else 0.

    Args:
        y_true: integers `(batch, ...)`, or with a last axis of 1.
        y_pred: scores `(batch, ..., classes)`.

    Returns:
        Zeros and ones of the targets' shape, without a last axis of 1.

    Example:
        >>> sparse_categorical_accuracy([1, 0], [[0.2, 0.8], [0.3, 0.7]])
        Array([1., 0.], dtype=float32)
    """
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    if y_true.shape != y_pred.shape[:-1]:
        raise misfit("sparse_categorical_accuracy", y_true, y_pred, "for one-hot targets use categorical_accuracy.")
    matches = jnp.argmax(y_pred, -1) == y_true
    return (matches[..., 0] if matches.ndim > 1 and matches.shape[-1] == 1 else matches).astype(config.floatx())


@builtin("metrics")
class Accuracy(MeanMetricWrapper):
    """How often predictions equal targets.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> float(Accuracy()([1.0, 2.0], [1.0, 3.0]))
        0.5
    """

    def __init__(self, name: str = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


@builtin("metrics")
class BinaryAccuracy(MeanMetricWrapper):
    """How often probabilities are on the right side of a threshold.

    Args:
        name: in logs.
        dtype: of the sums.
        threshold: above it, a probability means one.

    Example:
        >>> float(BinaryAccuracy()([[1.0], [0.0]], [[0.7], [0.6]]))
        0.5
    """

    def __init__(self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5) -> None:
        finite("BinaryAccuracy", "threshold", threshold)
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


@builtin("metrics")
class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is the class of a one-hot target.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> float(CategoricalAccuracy()([[0.0, 1.0]], [[0.2, 0.8]]))
        1.0
    """

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


@builtin("metrics")
class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is the class that an integer names.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> float(SparseCategoricalAccuracy()([1, 0], [[0.2, 0.8], [0.3, 0.7]]))
        0.5
    """

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)
