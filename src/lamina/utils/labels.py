"""Labels and rows, made ready for training."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.errors import ArgumentError, DataError
from lamina.core.validate import positive_int
from lamina.layers.preprocessing.host_layer import as_host_array


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Integer classes as one-hot rows.

    Args:
        x: integers from 0, of any shape; a last axis of 1 is dropped.
        num_classes: the length of the rows; one more than the largest class when left out.

    Returns:
        float64, with an axis for the classes behind those of `x`; for an array of JAX another, of `floatx`.

    Raises:
        ArgumentError: for a `num_classes` that is no positive integer.
        DataError: for what holds no integers, negative classes, or classes beyond `num_classes`.

    Example:
        >>> to_categorical([0, 2])
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
    given = as_host_array(x, "to_categorical")
    try:
        with np.errstate(invalid="raise"):
            classes = given.astype("int64")
    except (TypeError, ValueError, FloatingPointError) as error:
        raise DataError(
            f"to_categorical takes integer classes, but got an array of dtype {given.dtype}: {error}.",
            hint="number the classes first: np.unique(x, return_inverse=True)[1].",
        ) from error
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    largest = int(classes.max(initial=-1))
    count = positive_int("to_categorical", "num_classes", num_classes) if num_classes else largest + 1
    if classes.size and (classes.min() < 0 or classes.max() >= count):
        wrong = classes.min() if classes.min() < 0 else classes.max()
        raise DataError(f"x holds the class {wrong}, but classes go from 0 to {count - 1}.")
    rows = np.eye(count)[classes]
    return jnp.asarray(rows, config.floatx()) if isinstance(x, jax.Array) else rows


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """`x`, divided by its norms along an axis; zeros stay zeros.

    Args:
        x: an array, or nested lists.
        axis: along which norms are taken.
        order: of the norm.

    Returns:
        An array of NumPy for one of NumPy, else one of JAX.

    Raises:
        ArgumentError: for an array, an axis or an order that there is no norm of.

    Example:
        >>> normalize([[3.0, 4.0]])
        Array([[0.6, 0.8]], dtype=float32)
    """
    xp: Any = np if isinstance(x, np.ndarray) else jnp
    given = x if isinstance(x, jax.Array) else as_host_array(x, "normalize")
    try:
        norms = xp.linalg.norm(given, order, axis, keepdims=True)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"normalize cannot find the norms of {order=} along {axis=} of an array of shape {given.shape} and dtype "
            f"{given.dtype}: {error}."
        ) from error
    return given / xp.where(norms == 0, 1, norms)
