"""Focal binary cross-entropy."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.core.validate import fraction, not_negative
from lamina.losses.binary_crossentropy import smooth
from lamina.losses.loss import LossFunctionWrapper, of_one_shape
from lamina.ops import nn


@builtin("losses")
@operation
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> jax.Array:
    """`-(1 - p) ** gamma log p` of the right answer, the mean over `axis`: easy examples count for little.

    Args:
        y_true: zeros and ones.
        y_pred: probabilities, or logits, of the same shape.
        apply_class_balancing: whether ones are weighted by `alpha`, and zeros by `1 - alpha`.
        alpha: the weight of ones.
        gamma: how much easy examples are played down.
        from_logits: whether `y_pred` has yet to go through a sigmoid.
        label_smoothing: how far targets are drawn from 0 and 1 towards one half.
        axis: over which the mean is taken.

    Returns:
        Losses, without that axis.

    Raises:
        ShapeError: if the shapes differ.

    Example:
        >>> binary_focal_crossentropy([[1.0]], [[0.5]])
        Array([0.1732868], dtype=float32)

    Reference:
        Lin et al., 2017, "Focal loss for dense object detection", equations 4 and 5.
    """
    y_true, y_pred = of_one_shape("binary_focal_crossentropy", y_true, y_pred)
    y_true = smooth(y_true, label_smoothing)
    if from_logits:
        y_pred = jax.nn.sigmoid(y_pred)
    right = y_true * y_pred + (1 - y_true) * (1 - y_pred)
    losses = jnp.power(1.0 - right, gamma) * nn.binary_crossentropy(y_true, y_pred)
    if apply_class_balancing:
        losses = (y_true * alpha + (1 - y_true) * (1 - alpha)) * losses
    return jnp.mean(losses, axis=axis)


@builtin("losses")
class BinaryFocalCrossentropy(LossFunctionWrapper):
    """The cross-entropy of yes-or-no answers, with easy examples played down.

    Args:
        apply_class_balancing: whether ones are weighted by `alpha`, and zeros by `1 - alpha`.
        alpha: the weight of ones, from 0 to 1.
        gamma: how much easy examples are played down; 0 is the plain cross-entropy.
        from_logits: whether predictions have yet to go through a sigmoid.
        label_smoothing: how far targets are drawn from 0 and 1 towards one half.
        axis: over which the mean is taken.
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Raises:
        ArgumentError: for a negative `gamma`, or another number outside of its range.

    Example:
        >>> round(float(BinaryFocalCrossentropy()([[1.0], [0.0]], [[0.9], [0.5]])), 4)
        0.0872
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        fraction("BinaryFocalCrossentropy", "alpha", alpha, closed=True)
        not_negative("BinaryFocalCrossentropy", "gamma", gamma)
        fraction("BinaryFocalCrossentropy", "label_smoothing", label_smoothing, closed=True)
        arguments = {"apply_class_balancing": apply_class_balancing, "alpha": alpha, "gamma": gamma}
        arguments |= {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(binary_focal_crossentropy, reduction, name, dtype, **arguments)
