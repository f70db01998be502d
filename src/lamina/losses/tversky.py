"""Tversky loss."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.core.validate import not_negative
from lamina.losses.loss import LossFunctionWrapper, as_pair


@builtin("losses")
@operation
def tversky(
    y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: int | tuple[int, ...] | None = None
) -> jax.Array:
    """One minus the overlap of two sets, divided by the overlap and the weighted rest of each.

    Args:
        y_true: zeros and ones.
        y_pred: probabilities of the same shape.
        alpha: weight of what the targets alone have.
        beta: weight of what the predictions alone have.
        axis: over which a set extends; all of them when left out.

    Returns:
        Losses from 0 to 1, without those axes.

    Example:
        >>> round(float(tversky([[0.0, 1.0]], [[0.0, 0.5]], alpha=1.0)), 4)
        0.5

    Reference:
        Salehi et al., 2017, "Tversky loss function for image segmentation". The paper has alpha and beta the other way
        round.
    """
    y_true, y_pred = as_pair("tversky", y_true, y_pred)
    overlap = jnp.sum(y_true * y_pred, axis=axis)
    missed = jnp.sum((1 - y_pred) * y_true, axis=axis)
    invented = jnp.sum(y_pred * (1 - y_true), axis=axis)
    return 1 - overlap / (overlap + missed * alpha + invented * beta + config.epsilon())


@builtin("losses")
class Tversky(LossFunctionWrapper):
    """How little two sets overlap, with a price for each kind of error.

    Args:
        alpha: weight of what the targets alone have.
        beta: weight of what the predictions alone have.
        reduction: as for every loss.
        name: as for every loss.
        axis: over which a set extends; all of them, that of the batch included, when left out.
        dtype: as for every loss.

    Raises:
        ArgumentError: for negative weights.

    Example:
        >>> round(float(Tversky(alpha=1.0)([[0.0, 1.0]], [[0.0, 0.5]])), 4)
        0.5
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: int | tuple[int, ...] | None = None,
        dtype: Any = None,
    ) -> None:
        not_negative("Tversky", "alpha", alpha)
        not_negative("Tversky", "beta", beta)
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
