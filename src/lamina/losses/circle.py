"""Circle loss, of embeddings."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.masking import set_mask
from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.core.validate import fraction, not_negative
from lamina.losses.loss import LossFunctionWrapper, mixes_rows


@builtin("losses")
@mixes_rows
@operation
def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> jax.Array:
    """Draws embeddings of one class together, and those of others apart, the more the worse they are placed.

    Args:
        y_true: integer classes `(batch,)` or `(batch, 1)`.
        y_pred: embeddings of length one, `(batch, features)`.
        ref_labels: classes of the embeddings to compare with; those of the batch when left out.
        ref_embeddings: what to compare with; the batch itself when left out.
        remove_diagonal: whether the i-th embedding is not compared with the i-th reference.
        gamma: scale of similarities.
        margin: by which classes have to be apart.

    Returns:
        Losses `(batch,)`; those that are zero count in no mean.

    Raises:
        ShapeError: if there is not one class for each embedding.

    Example:
        >>> circle([0, 0, 1], [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]]).round(1)
        Array([0. , 6.4, 0. ], dtype=float32)

    Reference:
        Sun et al., 2020, "Circle loss", equation 6.
    """
    y_pred = jnp.asarray(y_pred)
    classes = _classes("y_true", y_true, y_pred)
    others = y_pred if ref_embeddings is None else jnp.asarray(ref_embeddings)
    other_classes = classes if ref_labels is None else _classes("ref_labels", ref_labels, others)
    distances = jnp.maximum(1 - y_pred @ others.T, 0.0)
    alike = classes[:, None] == other_classes
    unlike = ~alike
    if remove_diagonal:
        alike &= ~jnp.eye(*alike.shape, dtype=bool)
    near = -gamma * (margin + distances) * (margin - distances)
    far = gamma * jnp.maximum(1 + margin - distances, 0.0) * (1 - margin - distances)
    pulls = jax.nn.logsumexp(jnp.where(alike, near, -jnp.inf), axis=1)
    pushes = jax.nn.logsumexp(jnp.where(unlike, far, -jnp.inf), axis=1)
    losses = jax.nn.softplus(pulls + pushes)
    set_mask(losses, losses > 0)
    return losses


def _classes(name: str, classes: Any, embeddings: jax.Array) -> jax.Array:
    classes = jnp.asarray(classes)
    if embeddings.ndim != 2 or classes.size != embeddings.shape[0]:
        raise ShapeError(
            f"circle needs embeddings (batch, features) and a class for each of them, but got {name} {classes.shape} "
            f"and embeddings {embeddings.shape}."
        )
    return classes.astype("int32").reshape(-1)


@builtin("losses")
class Circle(LossFunctionWrapper):
    """Draws embeddings of one class together and those of others apart.

    Args:
        gamma: scale of similarities.
        margin: by which classes have to be apart, from 0 to 1.
        remove_diagonal: whether an example is not compared with itself.
        reduction: as for every loss.
        name: as for every loss.
        dtype: as for every loss.

    Raises:
        ArgumentError: for a negative `gamma` or a `margin` outside of its range.

    Example:
        >>> round(float(Circle()([0, 0, 1], [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])), 2)
        3.2
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        not_negative("Circle", "gamma", gamma)
        fraction("Circle", "margin", margin, closed=True)
        arguments = {"gamma": gamma, "margin": margin, "remove_diagonal": remove_diagonal}
        super().__init__(circle, reduction, name, dtype, **arguments)
