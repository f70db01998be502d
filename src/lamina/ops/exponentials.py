"""Powers, roots, exponentials and logarithms."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.ops.arrays import as_array, as_floats

__all__ = [
    *("cbrt", "exp", "exp2", "expm1", "i0", "ldexp", "log", "log10", "log1p", "log2", "logaddexp"),
    *("logaddexp2", "power", "sqrt", "square"),
]


@operation
def cbrt(x: Any) -> jax.Array:
    """The cube root.

    Example:
        >>> cbrt([8.0, 27.0])
        Array([2., 3.], dtype=float32)
    """
    return jnp.cbrt(as_array(x))


@operation
def exp(x: Any) -> jax.Array:
    """The exponential.

    Example:
        >>> exp([0.0, 1.0])
        Array([1.       , 2.7182817], dtype=float32)
    """
    return jnp.exp(as_floats(x))


@operation
def exp2(x: Any) -> jax.Array:
    """Two to the power of `x`.

    Example:
        >>> exp2([3.0])
        Array([8.], dtype=float32)
    """
    return jnp.exp2(as_floats(x))


@operation
def expm1(x: Any) -> jax.Array:
    """`exp(x) - 1`, exact near zero.

    Example:
        >>> expm1([1e-8])
        Array([1.e-08], dtype=float32)
    """
    return jnp.expm1(as_floats(x))


@operation
def i0(x: Any) -> jax.Array:
    """The modified Bessel function of the first kind and order zero.

    Example:
        >>> i0([0.0])
        Array([1.0000001], dtype=float32)
    """
    return jnp.i0(as_floats(x))


@operation
def ldexp(x1: Any, x2: Any) -> jax.Array:
    """`x1 * 2**x2`, for integers `x2`.

    Example:
        >>> ldexp([1.0, 1.5], [2, 3])
        Array([ 4., 12.], dtype=float32)
    """
    x1, x2 = as_array(x1), as_array(x2)
    if not jnp.issubdtype(x2.dtype, jnp.integer):
        raise TypeError(f"ldexp takes integers for x2, the exponents. Received: x2 of dtype {x2.dtype}")
    return jnp.ldexp(x1, x2)


@operation
def log(x: Any) -> jax.Array:
    """The natural logarithm.

    Example:
        >>> log([1.0])
        Array([0.], dtype=float32)
    """
    return jnp.log(as_floats(x))


@operation
def log10(x: Any) -> jax.Array:
    """The logarithm to base ten.

    Example:
        >>> log10([100.0])
        Array([2.], dtype=float32)
    """
    return jnp.log10(as_floats(x))


@operation
def log1p(x: Any) -> jax.Array:
    """`log(1 + x)`, exact near zero.

    Example:
        >>> log1p([1e-8])
        Array([1.e-08], dtype=float32)
    """
    return jnp.log1p(as_floats(x))


@operation
def log2(x: Any) -> jax.Array:
    """The logarithm to base two.

    Example:
        >>> log2([8.0])
        Array([3.], dtype=float32)
    """
    return jnp.log2(as_floats(x))


@operation
def logaddexp(x1: Any, x2: Any) -> jax.Array:
    """`log(exp(x1) + exp(x2))`, without overflow.

    Example:
        >>> logaddexp([1000.0], [-1000.0])
        Array([1000.], dtype=float32)
    """
    return jnp.logaddexp(as_floats(x1), as_floats(x2))


@operation
def logaddexp2(x1: Any, x2: Any) -> jax.Array:
    """`log2(2**x1 + 2**x2)`, without overflow.

    Example:
        >>> logaddexp2([3.0], [3.0])
        Array([4.], dtype=float32)
    """
    return jnp.logaddexp2(as_floats(x1), as_floats(x2))


@operation
def power(x1: Any, x2: Any) -> jax.Array:
    """`x1` to the power of `x2`.

    Example:
        >>> power([2, 3], 2)
        Array([4, 9], dtype=int32)
    """
    return jnp.power(as_array(x1), as_array(x2))


@operation
def sqrt(x: Any) -> jax.Array:
    """The square root.

    Example:
        >>> sqrt([4, 9])
        Array([2., 3.], dtype=float32)
    """
    return jnp.sqrt(as_floats(x))


@operation
def square(x: Any) -> jax.Array:
    """`x * x`.

    Example:
        >>> square([2, 3])
        Array([4, 9], dtype=int32)
    """
    return jnp.square(as_array(x))
