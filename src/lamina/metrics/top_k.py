"""How often the right class is among the best few."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.core.validate import positive_int
from lamina.losses.loss import misfit
from lamina.metrics.mean import MeanMetricWrapper


@builtin("metrics")
@operation
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> jax.Array:
    """1 where the target's class has one of the `k` largest predictions, else 0.

    Args:
        y_true: one-hot `(batch, ..., classes)`.
        y_pred: scores of the same shape.
        k: how many predictions are looked at.

    Returns:
        Zeros and ones `(batch, ...)`.

    Raises:
        ShapeError: if the shapes do not fit.

    Example:
        >>> top_k_categorical_accuracy([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.5, 0.1, 0.4]], k=2)
        Array([1., 0.], dtype=float32)
    """
    y_pred = jnp.asarray(y_pred)
    y_true = jnp.asarray(y_true, y_pred.dtype)
    if y_true.shape != y_pred.shape:
        hint = "for integer targets use sparse_top_k_categorical_accuracy."
        raise misfit("top_k_categorical_accuracy", y_true, y_pred, hint)
    return _among_best(jnp.argmax(y_true, axis=-1), y_pred, k)


@builtin("metrics")
@operation
def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> jax.Array:
    """1 where the target has one of the `k` largest predictions, else 0.

    Args:
        y_true: integers `(batch, ...)`, or with a last axis of 1.
        y_pred: scores `(batch, ..., classes)`; or classes, the best first.
        k: how many predictions are looked at.
        from_sorted_ids: whether `y_pred` holds classes instead of scores.

    Returns:
        Zeros and ones of the targets' shape.

    Raises:
        ShapeError: if there is not one target for each row of predictions.

    Example:
        >>> sparse_top_k_categorical_accuracy([2, 1], [[0.1, 0.9, 0.8], [0.5, 0.1, 0.4]], k=2)
        Array([1., 0.], dtype=float32)
    """
    y_pred = jnp.asarray(y_pred)
    y_true = jnp.asarray(y_true, y_pred.dtype if from_sorted_ids else "int32")
    rows = y_pred.shape[:-1]
    if y_true.shape not in (rows, (*rows, 1)):
        raise misfit("sparse_top_k_categorical_accuracy", y_true, y_pred)
    classes = y_true.reshape(rows)
    if from_sorted_ids:
        matches = jnp.any(classes[..., None] == y_pred[..., :k], axis=-1).astype(config.floatx())
    else:
        matches = _among_best(classes, y_pred, k)
    return matches.reshape(y_true.shape)


def _among_best(classes: jax.Array, scores: jax.Array, k: int) -> jax.Array:
    """Whether fewer than `k` scores are larger than that of the class; NaN is the smallest of all."""
    own = jnp.take_along_axis(scores, classes[..., None], axis=-1)
    own = jnp.where(jnp.isnan(own), -jnp.inf, own)
    return (jnp.sum(scores > own, axis=-1) < k).astype(config.floatx())


@builtin("metrics")
class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class of a one-hot target is among the `k` largest predictions.

    Args:
        k: how many predictions are looked at.
        name: in logs.
        dtype: of the sums.

    Example:
        >>> float(TopKCategoricalAccuracy(k=2)([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.5, 0.1, 0.4]]))
        0.5
    """

    def __init__(self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: Any = None) -> None:
        positive_int("TopKCategoricalAccuracy", "k", k)
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


@builtin("metrics")
class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class that an integer names is among the `k` largest predictions.

    Args:
        k: how many predictions are looked at.
        name: in logs.
        dtype: of the sums.
        from_sorted_ids: whether predictions are classes, the best first, instead of scores.

    Example:
        >>> float(SparseTopKCategoricalAccuracy(k=2)([2, 1], [[0.1, 0.9, 0.8], [0.5, 0.1, 0.4]]))
        0.5
    """

    _untold = ("from_sorted_ids",)

    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        positive_int("SparseTopKCategoricalAccuracy", "k", k)
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
