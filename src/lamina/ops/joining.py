"""Several arrays joined into one, and one parted into several."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.ops.arrays import as_array

__all__ = [
    *("append", "array_split", "concatenate", "dsplit", "dstack", "hsplit", "hstack", "split", "stack"),
    *("vsplit", "vstack"),
]


@operation
def append(x1: Any, x2: Any, axis: int | None = None) -> jax.Array:
    """`x2` behind `x1`; both are made flat where there is no axis.

    Example:
        >>> append([1, 2], [3])
        Array([1, 2, 3], dtype=int32)
    """
    return jnp.append(as_array(x1), as_array(x2), axis)


@operation
def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[jax.Array]:
    """Parts of sizes that differ by one at most, or parted before the given indices.

    Example:
        >>> array_split([1, 2, 3], 2)
        [Array([1, 2], dtype=int32), Array([3], dtype=int32)]
    """
    return jnp.array_split(as_array(x), indices_or_sections, axis)


@operation
def concatenate(xs: Sequence[Any], axis: int | None = 0) -> jax.Array:
    """Several arrays, one behind the other.

    Example:
        >>> concatenate([[1, 2], [3]])
        Array([1, 2, 3], dtype=int32)
    """
    return jnp.concatenate([as_array(x) for x in xs], axis)


@operation
def dsplit(x: Any, indices_or_sections: Any) -> list[jax.Array]:
    """Equal parts along the third axis, or parted before the given indices.

    Example:
        >>> [part.shape for part in dsplit(jnp.ones((1, 2, 4)), 2)]
        [(1, 2, 2), (1, 2, 2)]
    """
    return jnp.dsplit(as_array(x), indices_or_sections)


@operation
def dstack(xs: Sequence[Any]) -> jax.Array:
    """Several arrays, joined along the third axis.

    Example:
        >>> dstack([[1, 2], [3, 4]])
        Array([[[1, 3],
                [2, 4]]], dtype=int32)
    """
    return jnp.dstack([as_array(x) for x in xs])


@operation
def hsplit(x: Any, indices_or_sections: Any) -> list[jax.Array]:
    """Equal parts along the second axis (the first of a vector), or parted before the given indices.

    Example:
        >>> hsplit([1, 2, 3, 4], 2)
        [Array([1, 2], dtype=int32), Array([3, 4], dtype=int32)]
    """
    return jnp.hsplit(as_array(x), indices_or_sections)


@operation
def hstack(xs: Sequence[Any]) -> jax.Array:
    """Several arrays, joined along the second axis (the first of vectors).

    Example:
        >>> hstack([[1, 2], [3]])
        Array([1, 2, 3], dtype=int32)
    """
    return jnp.hstack([as_array(x) for x in xs])


@operation
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[jax.Array]:
    """Equal parts, or parted before the given indices.

    Example:
        >>> split([1, 2, 3, 4], 2)
        [Array([1, 2], dtype=int32), Array([3, 4], dtype=int32)]
    """
    return jnp.split(as_array(x), indices_or_sections, axis)


@operation
def stack(x: Sequence[Any], axis: int = 0) -> jax.Array:
    """Several arrays, joined along a new axis.

    Example:
        >>> stack([[1, 2], [3, 4]])
        Array([[1, 2],
               [3, 4]], dtype=int32)
    """
    return jnp.stack([as_array(item) for item in x], axis)


@operation
def vsplit(x: Any, indices_or_sections: Any) -> list[jax.Array]:
    """Equal parts along the first axis, or parted before the given indices.

    Example:
        >>> vsplit([[1, 2], [3, 4]], 2)
        [Array([[1, 2]], dtype=int32), Array([[3, 4]], dtype=int32)]
    """
    return jnp.vsplit(as_array(x), indices_or_sections)


@operation
def vstack(xs: Sequence[Any]) -> jax.Array:
    """Several arrays, joined along the first axis; vectors are rows.

    Example:
        >>> vstack([[1, 2], [3, 4]])
        Array([[1, 2],
               [3, 4]], dtype=int32)
    """
    return jnp.vstack([as_array(x) for x in xs])
