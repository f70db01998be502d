"""Labels and rows, made ready for training."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.errors import DataError


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Integer classes as one-hot rows.

    Args:
        x: integers from 0, of any shape; a last axis of 1 is dropped.
        num_classes: the length of the rows; one more than the largest class when left out.

    Returns:
        float64, with an axis for the classes behind those of `x`; for an array of JAX another, of `floatx`.

    Raises:
        DataError: for negative classes, or classes beyond `num_classes`.

    Example:
        >>> to_categorical([0, 2])
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
    classes = np.asarray(x).astype("int64")
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    count = int(num_classes) if num_classes else int(classes.max(initial=-1)) + 1
    if classes.size and (classes.min() < 0 or classes.max() >= count):
        wrong = classes.min() if classes.min() < 0 else classes.max()
        raise DataError(f"x holds the class {wrong}, but classes go from 0 to {count - 1}.")
    rows = np.eye(count)[classes]
    return jnp.asarray(rows, config.floatx()) if isinstance(x, jax.Array) else rows


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """`x`, divided by its norms along an axis; zeros stay zeros.

    Args:
        x: an array.
        axis: along which norms are taken.
        order: of the norm.

    Example:
        >>> normalize([[3.0, 4.0]])
        array([[0.6, 0.8]])
    """
    norms = np.linalg.norm(np.asarray(x), order, axis, keepdims=True)
    rows = np.asarray(x) / np.where(norms == 0, 1, norms)
    return jnp.asarray(rows) if isinstance(x, jax.Array) else rows
