"""Connectionist temporal classification: labels of sequences, without saying where they are."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper
from lamina.ops.ctc import ctc_loss


@builtin("losses")
@operation
def ctc(y_true: Any, y_pred: Any) -> jax.Array:
    """`-log p` of the labels: the sum over all ways to spread them over the steps, with blanks in between.

    Args:
        y_true: integer labels `(batch, labels)` above zero, padded with zeros at the end.
        y_pred: logits `(batch, steps, classes)`; class 0 is the blank.

    Returns:
        Losses `(batch,)`.

    Raises:
        ShapeError: for other ranks, or batches of different lengths.

    Example:
        >>> ctc([[1]], [[[0.0, 0.0], [0.0, 0.0]]])  # of the four ways, only two blanks are wrong
        Array([0.2876821], dtype=float32)

    Reference:
        Graves et al., 2006, "Connectionist temporal classification", equations 6 to 8.
    """
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    steps = jnp.full(len(y_true), y_pred.shape[1] if y_pred.ndim > 1 else 0)
    return ctc_loss(y_true, y_pred, jnp.sum(y_true != 0, axis=-1), steps)


@builtin("losses")
class CTC(LossFunctionWrapper):
    """The loss of sequences of labels whose places in the input are not known, as in speech and handwriting.

    Args:
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Example:
        >>> round(float(CTC()([[1]], [[[0.0, 0.0], [0.0, 0.0]]])), 4)
        0.2877
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "ctc", dtype: Any = None
    ) -> None:
        super().__init__(ctc, reduction, name, dtype)
