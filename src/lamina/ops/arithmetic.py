"""Sums, products, rounding, signs, and other arithmetic of each entry for itself."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.ops.arrays import as_array, as_floats

__all__ = [
    *("abs", "absolute", "add", "ceil", "clip", "conj", "conjugate", "divide", "divide_no_nan", "fabs"),
    *("floor", "floor_divide", "fmax", "fmin", "fmod", "gcd", "heaviside", "imag", "lcm", "maximum"),
    *("minimum", "mod", "multiply", "nan_to_num", "negative", "nextafter", "real", "reciprocal", "round"),
    *("sign", "subtract", "true_divide", "trunc"),
]


@operation
def absolute(x: Any) -> jax.Array:
    """The absolute value.

    Example:
        >>> absolute([-2, 3])
        Array([2, 3], dtype=int32)
    """
    return jnp.abs(as_array(x))


abs = absolute


@operation
def add(x1: Any, x2: Any) -> jax.Array:
    """`x1 + x2`.

    Example:
        >>> add([1, 2], 3)
        Array([4, 5], dtype=int32)
    """
    return jnp.add(as_array(x1), as_array(x2))


@operation
def ceil(x: Any) -> jax.Array:
    """The next whole number from `x` upwards, as a float.

    Example:
        >>> ceil([1.2, -1.2])
        Array([ 2., -1.], dtype=float32)
    """
    return jnp.ceil(as_floats(x))


@operation
def conjugate(x: Any) -> jax.Array:
    """`x` with the sign of the imaginary part turned round.

    Example:
        >>> conjugate([1 + 2j])
        Array([1.-2.j], dtype=complex64)
    """
    return jnp.conjugate(as_array(x))


conj = conjugate


@operation
def divide(x1: Any, x2: Any) -> jax.Array:
    """`x1 / x2`, a float for integers too.

    Example:
        >>> divide([1, 2], 4)
        Array([0.25, 0.5 ], dtype=float32)
    """
    return jnp.divide(as_array(x1), as_array(x2))


@operation
def divide_no_nan(x1: Any, x2: Any) -> jax.Array:
    """`x1 / x2`, and zero where `x2` is zero.

    Example:
        >>> divide_no_nan([1.0, 2.0], [0.0, 4.0])
        Array([0. , 0.5], dtype=float32)
    """
    x1, x2 = as_array(x1), as_array(x2)
    zero = x2 == 0
    return jnp.where(zero, 0, x1 / jnp.where(zero, 1, x2))


@operation
def fabs(x: Any) -> jax.Array:
    """The absolute value, as a float.

    Example:
        >>> fabs([-2, 3])
        Array([2., 3.], dtype=float32)
    """
    return jnp.fabs(as_array(x))


@operation
def floor(x: Any) -> jax.Array:
    """The next whole number from `x` downwards, as a float.

    Example:
        >>> floor([1.2, -1.2])
        Array([ 1., -2.], dtype=float32)
    """
    return jnp.floor(as_floats(x))


@operation
def floor_divide(x1: Any, x2: Any) -> jax.Array:
    """How often `x2` goes into `x1`.

    Example:
        >>> floor_divide([7, -7], 2)
        Array([ 3, -4], dtype=int32)
    """
    return jnp.floor_divide(as_array(x1), as_array(x2))


@operation
def fmax(x1: Any, x2: Any) -> jax.Array:
    """The larger one; where one is NaN, the other.

    Example:
        >>> fmax([1.0, float("nan")], 2.0)
        Array([2., 2.], dtype=float32)
    """
    return jnp.fmax(as_array(x1), as_array(x2))


@operation
def fmin(x1: Any, x2: Any) -> jax.Array:
    """The smaller one; where one is NaN, the other.

    Example:
        >>> fmin([1.0, float("nan")], 2.0)
        Array([1., 2.], dtype=float32)
    """
    return jnp.fmin(as_array(x1), as_array(x2))


@operation
def fmod(x1: Any, x2: Any) -> jax.Array:
    """What is left when `x2` is taken out of `x1`, with the sign of `x1`.

    Example:
        >>> fmod([7, -7], 3)
        Array([ 1, -1], dtype=int32)
    """
    return jnp.fmod(as_array(x1), as_array(x2))


@operation
def gcd(x1: Any, x2: Any) -> jax.Array:
    """The greatest common divisor.

    Example:
        >>> gcd([12, 7], 18)
        Array([6, 1], dtype=int32)
    """
    return jnp.gcd(as_array(x1), as_array(x2))


@operation
def heaviside(x1: Any, x2: Any) -> jax.Array:
    """Zero below zero, one above, `x2` at zero.

    Example:
        >>> heaviside([-1.0, 0.0, 1.0], 0.5)
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    return jnp.heaviside(as_array(x1), as_array(x2))


@operation
def imag(x: Any) -> jax.Array:
    """The imaginary part.

    Example:
        >>> imag([1 + 2j])
        Array([2.], dtype=float32)
    """
    return jnp.imag(as_array(x))


@operation
def lcm(x1: Any, x2: Any) -> jax.Array:
    """The least common multiple.

    Example:
        >>> lcm([4, 6], 10)
        Array([20, 30], dtype=int32)
    """
    return jnp.lcm(as_array(x1), as_array(x2))


@operation
def maximum(x1: Any, x2: Any) -> jax.Array:
    """The larger one.

    Example:
        >>> maximum([1, 3], 2)
        Array([2, 3], dtype=int32)
    """
    return jnp.maximum(as_array(x1), as_array(x2))


@operation
def minimum(x1: Any, x2: Any) -> jax.Array:
    """The smaller one.

    Example:
        >>> minimum([1, 3], 2)
        Array([1, 2], dtype=int32)
    """
    return jnp.minimum(as_array(x1), as_array(x2))


@operation
def mod(x1: Any, x2: Any) -> jax.Array:
    """What is left when `x2` is taken out of `x1`, with the sign of `x2`.

    Example:
        >>> mod([7, -7], 3)
        Array([1, 2], dtype=int32)
    """
    return jnp.mod(as_array(x1), as_array(x2))


@operation
def multiply(x1: Any, x2: Any) -> jax.Array:
    """`x1 * x2`.

    Example:
        >>> multiply([1, 2], 3)
        Array([3, 6], dtype=int32)
    """
    return jnp.multiply(as_array(x1), as_array(x2))


@operation
def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> jax.Array:
    """`x` with numbers for NaN and infinities; the largest there are, when left out.

    Example:
        >>> nan_to_num([float("nan"), 1.0])
        Array([0., 1.], dtype=float32)
    """
    return jnp.nan_to_num(as_array(x), nan=nan, posinf=posinf, neginf=neginf)


@operation
def negative(x: Any) -> jax.Array:
    """`-x`.

    Example:
        >>> negative([1, -2])
        Array([-1,  2], dtype=int32)
    """
    return jnp.negative(as_array(x))


@operation
def nextafter(x1: Any, x2: Any) -> jax.Array:
    """The float next to `x1`, on the way to `x2`.

    Example:
        >>> nextafter([1.0], 2.0)
        Array([1.0000001], dtype=float32)
    """
    return jnp.nextafter(as_array(x1), as_array(x2))


@operation
def real(x: Any) -> jax.Array:
    """The real part.

    Example:
        >>> real([1 + 2j])
        Array([1.], dtype=float32)
    """
    return jnp.real(as_array(x))


@operation
def reciprocal(x: Any) -> jax.Array:
    """`1 / x`.

    Example:
        >>> reciprocal([4.0])
        Array([0.25], dtype=float32)
    """
    return jnp.reciprocal(as_array(x))


@operation
def round(x: Any, decimals: int = 0) -> jax.Array:
    """The nearest number with so many digits behind the point; halves go to the even one.

    Example:
        >>> round([0.5, 1.5, 1.26])
        Array([0., 2., 1.], dtype=float32)
    """
    x = as_array(x)
    if decimals >= 0 or not jnp.issubdtype(x.dtype, jnp.integer):
        return jnp.round(x, decimals)
    factor = 10.0**decimals
    return (jnp.round(x.astype(config.floatx()) * factor) / factor).astype(x.dtype)


@operation
def sign(x: Any) -> jax.Array:
    """Minus one, zero or one.

    Example:
        >>> sign([-2.0, 0.0, 3.0])
        Array([-1.,  0.,  1.], dtype=float32)
    """
    return jnp.sign(as_array(x))


@operation
def subtract(x1: Any, x2: Any) -> jax.Array:
    """`x1 - x2`.

    Example:
        >>> subtract([1, 2], 3)
        Array([-2, -1], dtype=int32)
    """
    return jnp.subtract(as_array(x1), as_array(x2))


@operation
def true_divide(x1: Any, x2: Any) -> jax.Array:
    """`x1 / x2`, a float for integers too.

    Example:
        >>> true_divide([1, 2], 4)
        Array([0.25, 0.5 ], dtype=float32)
    """
    return jnp.true_divide(as_array(x1), as_array(x2))


@operation
def trunc(x: Any) -> jax.Array:
    """`x` without the digits behind the point.

    Example:
        >>> trunc([1.7, -1.7])
        Array([ 1., -1.], dtype=float32)
    """
    x = as_array(x)
    return jnp.trunc(x) if jnp.issubdtype(x.dtype, jnp.inexact) else x


@operation
def clip(x: Any, x_min: Any, x_max: Any) -> jax.Array:
    """`x` brought into [x_min, x_max].

    Example:
        >>> clip([1, 5, 9], 2, 6)
        Array([2, 5, 6], dtype=int32)
    """
    x = as_array(x)
    return jnp.clip(x.astype("int32") if x.dtype == bool else x, x_min, x_max)
