"""Kullback-Leibler divergence."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper, as_pair


@builtin("losses", "kld", "kullback_leibler_divergence")
@operation
def kl_divergence(y_true: Any, y_pred: Any) -> jax.Array:
    """`sum(y_true log(y_true / y_pred))` over the last axis; probabilities are kept in [`epsilon()`, 1].

    Args:
        y_true: targets `(batch, ..., outputs)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses `(batch, ...)`.

    Example:
        >>> kl_divergence([[0.5, 0.5]], [[0.25, 0.75]])
        Array([0.14384104], dtype=float32)

    Reference:
        Kullback and Leibler, 1951, "On information and sufficiency".
    """
    y_true, y_pred = as_pair("kl_divergence", y_true, y_pred)
    y_true, y_pred = (jnp.clip(p, config.epsilon(), 1.0) for p in (y_true, y_pred))
    return jnp.sum(y_true * jnp.log(y_true / y_pred), axis=-1)


@builtin("losses")
class KLDivergence(LossFunctionWrapper):
    """How much one distribution surprises those who expect the other.

    Args:
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> round(float(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
        0.1438
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "kl_divergence", dtype: Any = None
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)
