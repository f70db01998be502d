"""Dice loss."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper, as_pair


@builtin("losses")
@operation
def dice(y_true: Any, y_pred: Any, axis: int | tuple[int, ...] | None = None) -> jax.Array:
    """One minus twice the overlap of two sets, divided by the sum of their sizes.

    Args:
        y_true: zeros and ones.
        y_pred: probabilities of the same shape.
        axis: over which a set extends; all of them when left out.

    Returns:
        Losses from 0 to 1, without those axes.

    Example:
        >>> round(float(dice([[0.0, 1.0]], [[0.0, 0.5]])), 4)
        0.3333

    Reference:
        Milletari et al., 2016, "V-Net".
    """
    y_true, y_pred = as_pair("dice", y_true, y_pred)
    overlap = jnp.sum(y_true * y_pred, axis=axis)
    sizes = jnp.sum(y_true, axis=axis) + jnp.sum(y_pred, axis=axis)
    return 1 - 2.0 * overlap / (sizes + config.epsilon())


@builtin("losses")
class Dice(LossFunctionWrapper):
    """How little two sets overlap: for masks of which most is empty.

    Args:
        reduction: as for every loss.
        name: as for every loss.
        axis: over which a set extends; all of them, that of the batch included, when left out.
        dtype: as for every loss.

    Example:
        >>> round(float(Dice()([[0.0, 1.0]], [[0.0, 0.5]])), 4)
        0.3333
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: int | tuple[int, ...] | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)
