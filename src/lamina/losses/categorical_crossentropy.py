"""Cross-entropy of classes given as distributions."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.core.validate import fraction
from lamina.losses.loss import LossFunctionWrapper, same_shape
from lamina.ops import nn


@builtin("losses")
def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> jax.Array:
    """`-sum(t log p)` over the classes.

    Args:
        y_true: distributions over the classes, one-hot rows mostly.
        y_pred: probabilities (scaled here to a sum of one), or logits, of the same shape.
        from_logits: whether `y_pred` has yet to go through a softmax.
        label_smoothing: the share of each target that is spread over all classes.
        axis: of the classes.

    Returns:
        Losses, without that axis.

    Raises:
        ShapeError: if the shapes differ.

    Example:
        >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        Array([0.6931472], dtype=float32)
    """
    y_pred = jnp.asarray(y_pred)
    y_true = jnp.asarray(y_true, y_pred.dtype)
    same_shape("categorical_crossentropy", y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / y_pred.shape[axis]
    return nn.categorical_crossentropy(y_true, y_pred, from_logits, axis)


@builtin("losses")
class CategoricalCrossentropy(LossFunctionWrapper):
    """The cross-entropy of one class among several, with one-hot targets.

    Args:
        from_logits: whether predictions have yet to go through a softmax.
        label_smoothing: the share of each target that is spread over all classes.
        axis: of the classes.
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.2, 0.8]])), 4)
        0.2231
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        fraction("CategoricalCrossentropy", "label_smoothing", label_smoothing, closed=True)
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, reduction, name, dtype, **arguments)
