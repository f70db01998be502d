"""Sums of products: of vectors, matrices and tensors."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.ops.arrays import as_array

__all__ = [
    *("correlate", "cross", "dot", "einsum", "inner", "kron", "matmul", "outer", "tensordot", "trace", "vdot"),
]


@operation
def correlate(x1: Any, x2: Any, mode: str = "valid") -> jax.Array:
    """The products of two sequences, one moved along the other.

    Example:
        >>> correlate([1, 2, 3], [0, 1])
        Array([2., 3.], dtype=float32)
    """
    return jnp.correlate(as_array(x1), as_array(x2), mode)


@operation
def cross(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> jax.Array:
    """The vector at right angles to two others.

    Example:
        >>> cross([1, 0, 0], [0, 1, 0])
        Array([0, 0, 1], dtype=int32)
    """
    return jnp.cross(as_array(x1), as_array(x2), axisa, axisb, axisc, axis)


@operation
def dot(x1: Any, x2: Any) -> jax.Array:
    """The sum of products over the last axis of `x1` and the last but one of `x2`.

    Example:
        >>> int(dot([1, 2], [3, 4]))
        11
    """
    return jnp.dot(as_array(x1), as_array(x2))


@operation
def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> jax.Array:
    """The sum of products that the letters of Einstein's notation ask for.

    Example:
        >>> int(einsum("i,i", [1, 2], [3, 4]))
        11
    """
    operands = tuple(as_array(x) for x in operands)
    return jnp.einsum(subscripts, *operands, **kwargs, preferred_element_type=_sum_dtype(*operands))


@operation
def inner(x1: Any, x2: Any) -> jax.Array:
    """The sum of products over the last axes.

    Example:
        >>> int(inner([1, 2], [3, 4]))
        11
    """
    return jnp.inner(as_array(x1), as_array(x2))


@operation
def kron(x1: Any, x2: Any) -> jax.Array:
    """A block for each entry of `x1`: `x2` times that entry.

    Example:
        >>> kron([1, 2], [1, 1])
        Array([1, 1, 2, 2], dtype=int32)
    """
    return jnp.kron(as_array(x1), as_array(x2))


@operation
def matmul(x1: Any, x2: Any) -> jax.Array:
    """The product of matrices, or of stacks of them.

    Example:
        >>> matmul([[1, 2]], [[3], [4]])
        Array([[11]], dtype=int32)
    """
    x1, x2 = as_array(x1), as_array(x2)
    return jnp.matmul(x1, x2, preferred_element_type=_sum_dtype(x1, x2))


@operation
def outer(x1: Any, x2: Any) -> jax.Array:
    """The products of each entry of `x1` with each of `x2`.

    Example:
        >>> outer([1, 2], [3, 4])
        Array([[3, 4],
               [6, 8]], dtype=int32)
    """
    return jnp.outer(as_array(x1), as_array(x2))


@operation
def tensordot(x1: Any, x2: Any, axes: Any = 2) -> jax.Array:
    """The sum of products over the last `axes` axes of `x1` and the first of `x2`, or over pairs of axes.

    Example:
        >>> int(tensordot([1, 2], [3, 4], 1))
        11
    """
    return jnp.tensordot(as_array(x1), as_array(x2), axes)


@operation
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> jax.Array:
    """The sum over a diagonal.

    Example:
        >>> int(trace([[1, 2], [3, 4]]))
        5
    """
    return jnp.trace(as_array(x), offset, axis1, axis2)


@operation
def vdot(x1: Any, x2: Any) -> jax.Array:
    """The sum of the products of all entries, those of `x1` conjugated.

    Example:
        >>> int(vdot([1, 2], [3, 4]))
        11
    """
    return jnp.vdot(as_array(x1), as_array(x2))


def _sum_dtype(*factors: jax.Array) -> Any:
    """Products of 8-bit integers are summed in 32 bits, those of others in their own dtype."""
    return "int32" if all(x.dtype == jnp.int8 for x in factors) else None
