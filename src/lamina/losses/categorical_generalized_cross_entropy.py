"""Generalized cross-entropy, for noisy labels."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.losses.loss import LossFunctionWrapper
from lamina.losses.sparse_categorical_crossentropy import labels


@builtin("losses")
@operation
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float = 0.5) -> jax.Array:
    """`(1 - p ** q) / q` of the right class: between cross-entropy (q near 0) and absolute error (q = 1).

    Args:
        y_true: integers from 0, of the predictions' shape without the classes (or 1 there).
        y_pred: probabilities `(batch, ..., classes)`.
        q: how little wrong labels weigh, between 0 and 1.

    Returns:
        Losses `(batch, ...)`.

    Raises:
        ShapeError: if there is not one target for each row of probabilities.

    Example:
        >>> categorical_generalized_cross_entropy([1], [[0.75, 0.25]], q=0.5)
        Array([1.], dtype=float32)

    Reference:
        Zhang and Sabuncu, 2018, "Generalized cross entropy loss", equation 6.
    """
    y_pred = jnp.asarray(y_pred)
    classes = labels("categorical_generalized_cross_entropy", y_true, y_pred)
    right = jnp.sum(y_pred * jax.nn.one_hot(classes, y_pred.shape[-1], dtype=y_pred.dtype), axis=-1)
    return (1 - jnp.power(right, q)) / q


@builtin("losses")
class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """A loss of integer classes that wrong labels spoil less than they do the cross-entropy.

    Args:
        q: how little wrong labels weigh, between 0 and 1, both excluded.
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Raises:
        ArgumentError: for a `q` outside of its range.

    Example:
        >>> float(CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]]))
        1.0
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        if isinstance(q, bool) or not isinstance(q, int | float) or not 0 < q < 1:
            raise ArgumentError(
                "CategoricalGeneralizedCrossEntropy: q must be a number between 0 and 1, both excluded. "
                f"Received: q={q!r}",
                hint="for q near 0 use SparseCategoricalCrossentropy, which is its limit.",
            )
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
