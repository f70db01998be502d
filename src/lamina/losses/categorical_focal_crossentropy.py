"""Focal cross-entropy of classes given as distributions."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.errors import ArgumentError
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.core.validate import fraction, not_negative
from lamina.losses.categorical_crossentropy import distributions
from lamina.losses.loss import LossFunctionWrapper


@builtin("losses")
@operation
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> jax.Array:
    """`-alpha (1 - p) ** gamma log p` of the right class: easy examples count for little.

    Args:
        y_true: distributions over the classes, one-hot rows mostly.
        y_pred: probabilities (scaled here to a sum of one), or logits, of the same shape.
        alpha: a factor, or one for each class.
        gamma: how much easy examples are played down.
        from_logits: whether `y_pred` has yet to go through a softmax.
        label_smoothing: the share of each target that is spread over all classes.
        axis: of the classes.

    Returns:
        Losses, without that axis.

    Raises:
        ShapeError: if the shapes differ.

    Example:
        >>> categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        Array([0.0433217], dtype=float32)

    Reference:
        Lin et al., 2017, "Focal loss for dense object detection", equations 4 and 5.
    """
    y_true, y_pred = distributions("categorical_focal_crossentropy", y_true, y_pred, label_smoothing, axis)
    if from_logits:
        y_pred = jax.nn.softmax(y_pred, axis=axis)
    y_pred = y_pred / jnp.sum(y_pred, axis=axis, keepdims=True)
    y_pred = jnp.clip(y_pred, config.epsilon(), 1.0 - config.epsilon())
    factors = jnp.power(1.0 - y_pred, gamma) * jnp.asarray(alpha, y_pred.dtype)
    return jnp.sum(-factors * y_true * jnp.log(y_pred), axis=axis)


@builtin("losses")
class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """The cross-entropy of one class among several, with easy examples played down.

    Args:
        alpha: a factor, or one for each class.
        gamma: how much easy examples are played down.
        from_logits: whether predictions have yet to go through a softmax.
        label_smoothing: the share of each target that is spread over all classes.
        axis: of the classes.
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Raises:
        ArgumentError: for a negative `alpha` or `gamma`, or a `label_smoothing` outside of its range.

    Example:
        >>> round(float(CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.0433
    """

    def __init__(
        self,
        alpha: Any = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        if np.any(np.asarray(alpha) < 0):
            raise ArgumentError(
                f"CategoricalFocalCrossentropy: alpha must be zero or above, for each class. Received: alpha={alpha!r}"
            )
        not_negative("CategoricalFocalCrossentropy", "gamma", gamma)
        fraction("CategoricalFocalCrossentropy", "label_smoothing", label_smoothing, closed=True)
        arguments = {"alpha": alpha, "gamma": gamma, "from_logits": from_logits}
        arguments |= {"label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_focal_crossentropy, reduction, name, dtype, **arguments)
