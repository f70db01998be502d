"""Cross-entropy of classes given as integers."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.masking import set_mask
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.core.validate import integer, optional
from lamina.losses.loss import LossFunctionWrapper
from lamina.ops import nn


@builtin("losses")
@operation
def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> jax.Array:
    """`-log p` of the right class.

    Args:
        y_true: integers from 0, of the predictions' shape without the classes (or 1 there).
        y_pred: probabilities (scaled here to a sum of one), or logits.
        from_logits: whether `y_pred` has yet to go through a softmax.
        ignore_class: a class whose examples have no loss.
        axis: of the classes.

    Returns:
        Losses, without that axis.

    Raises:
        ShapeError: if there is not one target for each row of predictions.

    Example:
        >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]])
        Array([0.6931472], dtype=float32)
    """
    y_pred = jnp.asarray(y_pred)
    y_true = labels("sparse_categorical_crossentropy", y_true, y_pred, axis)
    if ignore_class is None:
        return nn.sparse_categorical_crossentropy(y_true, y_pred, from_logits, axis)
    counted = y_true != ignore_class
    losses = nn.sparse_categorical_crossentropy(jnp.where(counted, y_true, 0), y_pred, from_logits, axis)
    losses = jnp.where(counted, losses, 0.0)
    set_mask(losses, counted)
    return losses


def labels(name: str, y_true: Any, y_pred: jax.Array, axis: int = -1) -> jax.Array:
    """The classes as int32, without an axis of size 1 where the predictions have theirs.

    Args:
        name: of the loss, for messages.
        y_true: integers.
        y_pred: predictions, with one axis more, or with 1 there in `y_true`.
        axis: of the classes in `y_pred`.

    Raises:
        ShapeError: if there is not one target for each row of predictions.
        ArgumentError: for an axis that is no integer.
    """
    axis = integer(name, "axis", axis)
    y_true = jnp.asarray(y_true).astype("int32")
    if y_true.ndim == y_pred.ndim and y_true.ndim and y_true.shape[axis] == 1:
        y_true = jnp.squeeze(y_true, axis)
    axis = axis % max(y_pred.ndim, 1)
    expected = y_pred.shape[:axis] + y_pred.shape[axis + 1 :]
    if y_true.shape != expected:
        raise ShapeError(
            f"{name} needs integer targets of shape {expected} for predictions of shape {y_pred.shape}, "
            f"but got y_true {y_true.shape}.",
            hint="for one-hot targets use categorical_crossentropy." if y_true.shape == y_pred.shape else None,
        )
    return y_true


@builtin("losses")
class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """The cross-entropy of one class among several, with integer targets.

    Args:
        from_logits: whether predictions have yet to go through a softmax.
        ignore_class: a class whose examples have no loss, and do not count in the mean.
        reduction: as for every loss.
        axis: of the classes.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> round(float(SparseCategoricalCrossentropy()([1], [[0.2, 0.8]])), 4)
        0.2231
    """

    _untold = ("axis",)

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        optional(integer)("SparseCategoricalCrossentropy", "ignore_class", ignore_class)
        arguments = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(sparse_categorical_crossentropy, reduction, name, dtype, **arguments)
