"""What the functions of `keras.ops` take for an array, and in which dtype they compute."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.export import is_symbolic_dim

from lamina.core import config
from lamina.core.errors import ShapeError

# What the functions take for `axis`: one, several, or all.
Axes = int | Sequence[int] | None


def as_array(x: Any) -> jax.Array:
    """`x` as an array of JAX's: it may be one, a NumPy array, a number or nested lists.

    Example:
        >>> as_array([1, 2])
        Array([1, 2], dtype=int32)
    """
    return x if isinstance(x, jax.Array) else jnp.asarray(x)


def as_floats(x: Any) -> jax.Array:
    """`x` as an array of floats: integers and truth values become `floatx()`, floats stay what they are.

    Example:
        >>> as_floats([1, 2])
        Array([1., 2.], dtype=float32)
    """
    x = as_array(x)
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(config.floatx())


def at_least_float32(dtype: Any) -> Any:
    """The dtype in which sums over many numbers of `dtype` are taken: 16 bits are too few.

    Example:
        >>> at_least_float32("bfloat16"), at_least_float32("int32")
        (dtype('float32'), dtype('float32'))
    """
    return jnp.promote_types(dtype, "float32")


def as_shape(shape: int | Sequence[int]) -> tuple[int, ...]:
    """`shape` as a tuple of integers, none of them negative; a symbol may stand for one of them.

    Raises:
        ShapeError: if it is none, or not all known.

    Example:
        >>> as_shape(3), as_shape([2, 3])
        ((3,), (2, 3))
    """
    sizes = tuple(shape) if np.iterable(shape) else (shape,)  # type: ignore[arg-type]
    known = [n for n in sizes if not is_symbolic_dim(n)]
    if all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= 0 for n in known):
        found: Any = tuple(n if is_symbolic_dim(n) else int(n) for n in sizes)
        return found
    raise ShapeError(f"A shape is a tuple of integers, zero or above. Received: shape={shape}")


def as_axes(axis: Axes) -> Any:
    """`axis` as JAX takes it: lists are no tuples to it.

    Example:
        >>> as_axes([0, 1]), as_axes(2), as_axes(None)
        ((0, 1), 2, None)
    """
    return tuple(axis) if isinstance(axis, list) else axis
