"""Binary cross-entropy."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.core.validate import fraction
from lamina.losses.loss import LossFunctionWrapper, of_one_shape
from lamina.ops import nn


@builtin("losses", "bce")
@operation
def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> jax.Array:
    """`-(t log p + (1 - t) log(1 - p))`, the mean over `axis`.

    Args:
        y_true: zeros and ones.
        y_pred: probabilities, or logits, of the same shape.
        from_logits: whether `y_pred` has yet to go through a sigmoid.
        label_smoothing: how far targets are drawn from 0 and 1 towards one half.
        axis: over which the mean is taken.

    Returns:
        Losses, without that axis.

    Raises:
        ShapeError: if the shapes differ.

    Example:
        >>> binary_crossentropy([[1.0]], [[0.5]])
        Array([0.6931472], dtype=float32)
    """
    y_true, y_pred = of_one_shape("binary_crossentropy", y_true, y_pred)
    return jnp.mean(nn.binary_crossentropy(smooth(y_true, label_smoothing), y_pred, from_logits), axis=axis)


def smooth(y_true: jax.Array, by: float) -> jax.Array:
    """Zeros and ones, drawn towards one half."""
    return y_true * (1.0 - by) + 0.5 * by if by else y_true


@builtin("losses")
class BinaryCrossentropy(LossFunctionWrapper):
    """The cross-entropy of yes-or-no answers, one per output.

    Args:
        from_logits: whether predictions have yet to go through a sigmoid.
        label_smoothing: how far targets are drawn from 0 and 1 towards one half.
        axis: over which the mean is taken.
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> round(float(BinaryCrossentropy()([[1.0], [0.0]], [[0.9], [0.2]])), 4)
        0.1643
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        fraction("BinaryCrossentropy", "label_smoothing", label_smoothing, closed=True)
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(binary_crossentropy, reduction, name, dtype, **arguments)
