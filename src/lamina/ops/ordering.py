"""Places and orders: sorting, searching, counting."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.operation import operation
from lamina.ops.arrays import as_array

__all__ = [
    *("argmax", "argmin", "argpartition", "argsort", "bincount", "digitize", "histogram", "isin", "nonzero"),
    *("searchsorted", "sort", "unique", "unravel_index"),
]


@operation
def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> jax.Array:
    """The place of the largest entry.

    Example:
        >>> int(argmax([1, 3, 2]))
        1
    """
    return jnp.argmax(as_array(x), axis, keepdims=keepdims)


@operation
def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> jax.Array:
    """The place of the smallest entry.

    Example:
        >>> int(argmin([2, 1, 3]))
        1
    """
    return jnp.argmin(as_array(x), axis, keepdims=keepdims)


@operation
def argpartition(x: Any, kth: int, axis: int | None = -1) -> jax.Array:
    """Places in an order in which entry `kth` stands where it would if all were sorted.

    Example:
        >>> argpartition([3, 1, 2], 1)[1]
        Array(2, dtype=int32)
    """
    x = as_array(x)
    return jnp.argpartition(jnp.ravel(x), kth, 0) if axis is None else jnp.argpartition(x, kth, axis)


@operation
def argsort(x: Any, axis: int | None = -1) -> jax.Array:
    """Places in ascending order of the entries.

    Example:
        >>> argsort([3, 1, 2])
        Array([1, 2, 0], dtype=int32)
    """
    x = as_array(x)
    return jnp.argsort(x, None if x.ndim == 0 else axis)


@operation
def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> jax.Array:
    """How often each integer from zero on occurs, or the sum of its weights.

    Example:
        >>> bincount([0, 2, 2])
        Array([1, 0, 2], dtype=int32)
    """
    del sparse
    x = as_array(x)
    if x.ndim != 2:
        return jnp.bincount(x, None if weights is None else as_array(weights), minlength)
    length = minlength if x.size == 0 else max(minlength, int(x.max()) + 1)
    rows = (x,) if weights is None else (x, as_array(weights))
    return jax.vmap(lambda *row: jnp.bincount(*row, length=length))(*rows)


@operation
def digitize(x: Any, bins: Any) -> jax.Array:
    """In which interval between ascending bounds each entry lies.

    Example:
        >>> digitize([0.5, 1.5, 9.0], [1.0, 2.0])
        Array([0, 1, 2], dtype=int32)
    """
    return jnp.digitize(as_array(x), as_array(bins))


@operation
def histogram(x: Any, bins: Any = 10, range: tuple[float, float] | None = None) -> tuple[jax.Array, jax.Array]:
    """How many entries lie in each of some intervals, and the bounds of these.

    Example:
        >>> histogram([1.0, 2.0, 2.5], bins=2)
        (Array([1., 2.], dtype=float32), Array([1.  , 1.75, 2.5 ], dtype=float32))
    """
    return jnp.histogram(as_array(x), bins if isinstance(bins, int) else as_array(bins), range)


@operation
def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> jax.Array:
    """Whether each entry of `x1` occurs in `x2`.

    Example:
        >>> isin([1, 2, 3], [2, 5])
        Array([False,  True, False], dtype=bool)
    """
    return jnp.isin(as_array(x1), as_array(x2), assume_unique, invert)


@operation
def nonzero(x: Any) -> tuple[jax.Array, ...]:
    """The indices of entries that are not zero, for each axis.

    Example:
        >>> nonzero([0, 3, 0, 4])
        (Array([1, 3], dtype=int32),)
    """
    return jnp.nonzero(as_array(x))


@operation
def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> jax.Array:
    """Where each value would have to be put in so that the sequence stays sorted.

    Example:
        >>> searchsorted([1, 3, 5], [0, 4])
        Array([0, 2], dtype=int32)
    """
    sorted_sequence = as_array(sorted_sequence)
    if sorted_sequence.ndim != 1:
        raise ShapeError(
            f"searchsorted takes a sequence of one axis, but got one of shape {sorted_sequence.shape}.",
            hint="lamina.ops.vectorized_map applies it to each of several rows.",
        )
    return jnp.searchsorted(sorted_sequence, as_array(values), side)


@operation
def sort(x: Any, axis: int = -1) -> jax.Array:
    """The entries in ascending order.

    Example:
        >>> sort([3, 1, 2])
        Array([1, 2, 3], dtype=int32)
    """
    return jnp.sort(as_array(x), axis)


@operation
def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """The different entries; also, if wanted, where each occurs first, which of them each entry is, and how often.

    Example:
        >>> unique([3, 1, 3])
        Array([1, 3], dtype=int32)
    """
    return jnp.unique(
        as_array(x),
        return_index,
        return_inverse,
        return_counts,
        axis,
        equal_nan=False,
        size=size,
        fill_value=fill_value,
        sorted=sorted,
    )


@operation
def unravel_index(indices: Any, shape: Sequence[int]) -> tuple[jax.Array, ...]:
    """From indices into a flat array to those into one of this shape.

    Example:
        >>> unravel_index([5], (2, 3))
        (Array([1], dtype=int32), Array([2], dtype=int32))
    """
    return jnp.unravel_index(as_array(indices), shape)
