"""Functions of the bits of integers."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.ops.arrays import as_array

__all__ = [
    *("bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or"),
    *("bitwise_right_shift", "bitwise_xor", "left_shift", "right_shift"),
]


@operation
def bitwise_and(x: Any, y: Any) -> jax.Array:
    """The bits that both have.

    Example:
        >>> bitwise_and([5, 6], 3)
        Array([1, 2], dtype=int32)
    """
    return jnp.bitwise_and(as_array(x), as_array(y))


@operation
def bitwise_invert(x: Any) -> jax.Array:
    """The bits that `x` does not have.

    Example:
        >>> bitwise_invert([0, 5])
        Array([-1, -6], dtype=int32)
    """
    return jnp.invert(as_array(x))


@operation
def bitwise_left_shift(x: Any, y: Any) -> jax.Array:
    """`x` with its bits moved `y` places up.

    Example:
        >>> bitwise_left_shift([1, 2], 3)
        Array([ 8, 16], dtype=int32)
    """
    return jnp.left_shift(as_array(x), as_array(y))


@operation
def bitwise_not(x: Any) -> jax.Array:
    """The bits that `x` does not have.

    Example:
        >>> bitwise_not([0, 5])
        Array([-1, -6], dtype=int32)
    """
    return jnp.invert(as_array(x))


@operation
def bitwise_or(x: Any, y: Any) -> jax.Array:
    """The bits that one of them has.

    Example:
        >>> bitwise_or([5, 6], 3)
        Array([7, 7], dtype=int32)
    """
    return jnp.bitwise_or(as_array(x), as_array(y))


@operation
def bitwise_right_shift(x: Any, y: Any) -> jax.Array:
    """`x` with its bits moved `y` places down.

    Example:
        >>> bitwise_right_shift([8, 16], 3)
        Array([1, 2], dtype=int32)
    """
    return jnp.right_shift(as_array(x), as_array(y))


@operation
def bitwise_xor(x: Any, y: Any) -> jax.Array:
    """The bits that just one of them has.

    Example:
        >>> bitwise_xor([5, 6], 3)
        Array([6, 5], dtype=int32)
    """
    return jnp.bitwise_xor(as_array(x), as_array(y))


@operation
def left_shift(x: Any, y: Any) -> jax.Array:
    """`x` with its bits moved `y` places up.

    Example:
        >>> left_shift([1, 2], 3)
        Array([ 8, 16], dtype=int32)
    """
    return jnp.left_shift(as_array(x), as_array(y))


@operation
def right_shift(x: Any, y: Any) -> jax.Array:
    """`x` with its bits moved `y` places down.

    Example:
        >>> right_shift([8, 16], 3)
        Array([1, 2], dtype=int32)
    """
    return jnp.right_shift(as_array(x), as_array(y))
