"""Cross-entropy of classes given as distributions."""

import warnings
from typing import Any

import jax

from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.core.validate import fraction, integer
from lamina.losses.loss import LossFunctionWrapper, of_one_shape
from lamina.ops import nn


@builtin("losses")
@operation
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
    y_true, y_pred = distributions("categorical_crossentropy", y_true, y_pred, label_smoothing, axis)
    return nn.categorical_crossentropy(y_true, y_pred, from_logits, axis)


def distributions(name: str, y_true: Any, y_pred: Any, smoothing: float, axis: int) -> tuple[jax.Array, jax.Array]:
    """Targets, smoothed, and predictions, as arrays of one shape.

    Args:
        name: of the loss, for messages.
        y_true: targets.
        y_pred: predictions.
        smoothing: the share of each target that is spread over all classes.
        axis: of the classes.

    Raises:
        ShapeError: if the shapes differ.
        ArgumentError: for an axis that is no integer.
    """
    integer(name, "axis", axis)
    y_true, y_pred = of_one_shape(name, y_true, y_pred)
    if y_pred.shape[-1] == 1:
        warnings.warn(
            f"{name} was given predictions of a single class, {y_pred.shape}, so it is zero whatever they are. "
            "For yes-or-no answers with one output use binary_crossentropy.",
            SyntaxWarning,
            stacklevel=3,
        )
    if smoothing:
        # As in Keras, the last axis says how many classes there are, wherever they are.
        y_true = y_true * (1.0 - smoothing) + smoothing / y_true.shape[-1]
    return y_true, y_pred


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
