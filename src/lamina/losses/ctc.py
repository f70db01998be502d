"""Connectionist temporal classification: labels of sequences, without saying where they are."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper

_BLANK = 0
_IMPOSSIBLE = -1e5  # a log probability; minus infinity would have no slope


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
    if y_true.ndim != 2 or y_pred.ndim != 3 or len(y_true) != len(y_pred):
        raise ShapeError(
            "ctc needs integer labels (batch, labels) and logits (batch, steps, classes), "
            f"but got y_true {y_true.shape} and y_pred {y_pred.shape}."
        )
    log_p = jax.nn.log_softmax(y_pred.astype(jnp.promote_types(y_pred.dtype, "float32")))
    lengths = jnp.sum(y_true != _BLANK, axis=-1)
    labels = y_true.astype("int32")

    # A path walks over places: blank, first label, blank, second label, …, blank.
    places = jnp.full((len(labels), 2 * labels.shape[1] + 1), _BLANK).at[:, 1::2].set(labels)
    emitted = jnp.take_along_axis(log_p, places[:, None, :], axis=-1)  # (batch, steps, places)
    # Blanks between different labels may be left out, those between equal ones may not.
    may_skip = jnp.zeros(places.shape, bool).at[:, 3::2].set(labels[:, 1:] != labels[:, :-1])

    def step(arrived: jax.Array, emitted: jax.Array) -> tuple[jax.Array, None]:
        skipped = jnp.where(may_skip, _shift(arrived, 2), _IMPOSSIBLE)
        arrived = jnp.logaddexp(jnp.logaddexp(arrived, _shift(arrived, 1)), skipped)
        return arrived + emitted, None

    # Before the first step a path stands on the first blank, and may take one step from there.
    start = jnp.full(places.shape, _IMPOSSIBLE, log_p.dtype).at[:, 0].set(0.0)
    arrived, _ = jax.lax.scan(step, start, jnp.swapaxes(emitted, 0, 1))
    last_blank = jnp.take_along_axis(arrived, 2 * lengths[:, None], axis=1)[:, 0]
    last_label = jnp.take_along_axis(arrived, jnp.maximum(2 * lengths - 1, 0)[:, None], axis=1)[:, 0]
    return -jnp.where(lengths > 0, jnp.logaddexp(last_blank, last_label), last_blank)


def _shift(arrived: jax.Array, by: int) -> jax.Array:
    """What had arrived so many places before."""
    return jnp.pad(arrived, ((0, 0), (by, 0)), constant_values=_IMPOSSIBLE)[:, : arrived.shape[1]]


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
