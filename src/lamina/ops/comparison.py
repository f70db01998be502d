"""Comparisons, logic, and choice by it."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError
from lamina.core.operation import operation
from lamina.ops.arrays import as_array

__all__ = [
    *("equal", "greater", "greater_equal", "isclose", "isfinite", "isinf", "isnan", "isneginf", "isposinf"),
    *("isreal", "less", "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor", "not_equal"),
    *("signbit", "where"),
]


@operation
def equal(x1: Any, x2: Any) -> jax.Array:
    """Whether `x1` is `x2`.

    Example:
        >>> equal([1, 2], 2)
        Array([False,  True], dtype=bool)
    """
    return jnp.equal(as_array(x1), as_array(x2))


@operation
def greater(x1: Any, x2: Any) -> jax.Array:
    """Whether `x1 > x2`.

    Example:
        >>> greater([1, 3], 2)
        Array([False,  True], dtype=bool)
    """
    return jnp.greater(as_array(x1), as_array(x2))


@operation
def greater_equal(x1: Any, x2: Any) -> jax.Array:
    """Whether `x1 >= x2`.

    Example:
        >>> greater_equal([1, 2], 2)
        Array([False,  True], dtype=bool)
    """
    return jnp.greater_equal(as_array(x1), as_array(x2))


@operation
def isclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> jax.Array:
    """Whether `x1` is within `atol + rtol * abs(x2)` of `x2`.

    Example:
        >>> isclose([1.0, 1.1], 1.000001)
        Array([ True, False], dtype=bool)
    """
    return jnp.isclose(as_array(x1), as_array(x2), rtol, atol, equal_nan)


@operation
def isfinite(x: Any) -> jax.Array:
    """Whether `x` is neither infinite nor NaN.

    Example:
        >>> isfinite([1.0, float("inf"), float("nan")])
        Array([ True, False, False], dtype=bool)
    """
    return jnp.isfinite(as_array(x))


@operation
def isinf(x: Any) -> jax.Array:
    """Whether `x` is infinite.

    Example:
        >>> isinf([1.0, float("-inf")])
        Array([False,  True], dtype=bool)
    """
    return jnp.isinf(as_array(x))


@operation
def isnan(x: Any) -> jax.Array:
    """Whether `x` is NaN.

    Example:
        >>> isnan([1.0, float("nan")])
        Array([False,  True], dtype=bool)
    """
    return jnp.isnan(as_array(x))


@operation
def isneginf(x: Any) -> jax.Array:
    """Whether `x` is minus infinity.

    Example:
        >>> isneginf([float("inf"), float("-inf")])
        Array([False,  True], dtype=bool)
    """
    return jnp.isneginf(as_array(x))


@operation
def isposinf(x: Any) -> jax.Array:
    """Whether `x` is plus infinity.

    Example:
        >>> isposinf([float("inf"), float("-inf")])
        Array([ True, False], dtype=bool)
    """
    return jnp.isposinf(as_array(x))


@operation
def isreal(x: Any) -> jax.Array:
    """Whether `x` has no imaginary part.

    Example:
        >>> isreal([1 + 0j, 1j])
        Array([ True, False], dtype=bool)
    """
    return jnp.isreal(as_array(x))


@operation
def less(x1: Any, x2: Any) -> jax.Array:
    """Whether `x1 < x2`.

    Example:
        >>> less([1, 3], 2)
        Array([ True, False], dtype=bool)
    """
    return jnp.less(as_array(x1), as_array(x2))


@operation
def less_equal(x1: Any, x2: Any) -> jax.Array:
    """Whether `x1 <= x2`.

    Example:
        >>> less_equal([2, 3], 2)
        Array([ True, False], dtype=bool)
    """
    return jnp.less_equal(as_array(x1), as_array(x2))


@operation
def logical_and(x1: Any, x2: Any) -> jax.Array:
    """Whether both hold.

    Example:
        >>> logical_and([True, False], True)
        Array([ True, False], dtype=bool)
    """
    return jnp.logical_and(as_array(x1), as_array(x2))


@operation
def logical_not(x: Any) -> jax.Array:
    """Whether `x` does not hold.

    Example:
        >>> logical_not([True, False])
        Array([False,  True], dtype=bool)
    """
    return jnp.logical_not(as_array(x))


@operation
def logical_or(x1: Any, x2: Any) -> jax.Array:
    """Whether one of them holds.

    Example:
        >>> logical_or([True, False], False)
        Array([ True, False], dtype=bool)
    """
    return jnp.logical_or(as_array(x1), as_array(x2))


@operation
def logical_xor(x1: Any, x2: Any) -> jax.Array:
    """Whether just one of them holds.

    Example:
        >>> logical_xor([True, False], True)
        Array([False,  True], dtype=bool)
    """
    return jnp.logical_xor(as_array(x1), as_array(x2))


@operation
def not_equal(x1: Any, x2: Any) -> jax.Array:
    """Whether `x1` is not `x2`.

    Example:
        >>> not_equal([1, 2], 2)
        Array([ True, False], dtype=bool)
    """
    return jnp.not_equal(as_array(x1), as_array(x2))


@operation
def signbit(x: Any) -> jax.Array:
    """Whether the sign is minus, that of zero included.

    Example:
        >>> signbit([-0.0, 0.0])
        Array([ True, False], dtype=bool)
    """
    return jnp.signbit(as_array(x))


@operation
def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """`x1` where the condition holds, else `x2`; without both, the indices where it holds.

    Example:
        >>> where([True, False], [1, 2], 0)
        Array([1, 0], dtype=int32)
    """
    if (x1 is None) != (x2 is None):
        raise ArgumentError(
            "where takes both of x1 and x2, or neither. "
            f"Received: {'x2' if x1 is None else 'x1'} without {'x1' if x1 is None else 'x2'}"
        )
    if x1 is None:
        return jnp.where(as_array(condition))
    return jnp.where(as_array(condition), as_array(x1), as_array(x2))
