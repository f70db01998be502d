"""Cosine similarity."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper, as_pair


@builtin("losses", "cosine_proximity", "cosine")
@operation
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> jax.Array:
    """Minus the cosine of the angle between targets and predictions: -1 where they point the same way.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.
        axis: of the vectors.

    Returns:
        Losses from -1 to 1, without that axis.

    Example:
        >>> cosine_similarity([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [0.0, 3.0]])
        Array([-1., -0.], dtype=float32)
    """
    y_true, y_pred = as_pair("cosine_similarity", y_true, y_pred)
    return -jnp.sum(_unit(y_true, axis) * _unit(y_pred, axis), axis=axis)


def _unit(x: jax.Array, axis: int) -> jax.Array:
    """Vectors of length one; those shorter than `epsilon()` are divided by that, so their slope is finite."""
    square = jnp.sum(jnp.square(x), axis=axis, keepdims=True)
    return x * jax.lax.rsqrt(jnp.maximum(square, config.epsilon() ** 2))


@builtin("losses")
class CosineSimilarity(LossFunctionWrapper):
    """Minus the cosine of the angle between targets and predictions.

    Args:
        axis: of the vectors.
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> float(CosineSimilarity()([[0.0, 1.0]], [[0.0, 2.0]]))
        -1.0
    """

    _untold = ("axis",)

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)
