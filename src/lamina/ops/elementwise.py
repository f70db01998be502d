"""Functions of each entry for itself: arithmetic, comparisons, logic, bits, waves and powers."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.errors import ArgumentError
from lamina.core.operation import operation
from lamina.ops.arrays import as_array, as_floats

__all__ = [
    *("abs", "absolute", "add", "angle", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh"),
    *("bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift"),
    *("bitwise_xor", "cbrt", "ceil", "clip", "conj", "conjugate", "cos", "cosh", "deg2rad", "divide"),
    *("divide_no_nan", "equal", "exp", "exp2", "expm1", "fabs", "floor", "floor_divide", "fmax", "fmin", "fmod"),
    *("gcd", "greater", "greater_equal", "heaviside", "hypot", "i0", "imag", "isclose", "isfinite", "isinf"),
    *("isnan", "isneginf", "isposinf", "isreal", "lcm", "ldexp", "left_shift", "less", "less_equal", "log"),
    *("log10", "log1p", "log2", "logaddexp", "logaddexp2", "logical_and", "logical_not", "logical_or"),
    *("logical_xor", "maximum", "minimum", "mod", "multiply", "nan_to_num", "negative", "nextafter", "not_equal"),
    *("power", "rad2deg", "real", "reciprocal", "right_shift", "round", "sign", "signbit", "sin", "sinc", "sinh"),
    *("sqrt", "square", "subtract", "tan", "tanh", "true_divide", "trunc", "where"),
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
def angle(x: Any) -> jax.Array:
    """The angle of complex numbers, in radians; of real ones, zero or pi.

    Example:
        >>> angle([1.0, -1.0])
        Array([0.       , 3.1415927], dtype=float32)
    """
    return jnp.angle(as_floats(x))


@operation
def arccos(x: Any) -> jax.Array:
    """The angle in [0, pi] whose cosine is `x`.

    Example:
        >>> arccos([1.0, 0.0])
        Array([0.       , 1.5707964], dtype=float32)
    """
    return jnp.arccos(as_floats(x))


@operation
def arccosh(x: Any) -> jax.Array:
    """The number from zero on whose hyperbolic cosine is `x`.

    Example:
        >>> arccosh([1.0, 2.0])
        Array([0.      , 1.316958], dtype=float32)
    """
    return jnp.arccosh(as_floats(x))


@operation
def arcsin(x: Any) -> jax.Array:
    """The angle in [-pi / 2, pi / 2] whose sine is `x`.

    Example:
        >>> arcsin([0.0, 1.0])
        Array([0.       , 1.5707964], dtype=float32)
    """
    return jnp.arcsin(as_floats(x))


@operation
def arcsinh(x: Any) -> jax.Array:
    """The number whose hyperbolic sine is `x`.

    Example:
        >>> arcsinh([0.0, 1.0])
        Array([0.        , 0.88137364], dtype=float32)
    """
    return jnp.arcsinh(as_floats(x))


@operation
def arctan(x: Any) -> jax.Array:
    """The angle in [-pi / 2, pi / 2] whose tangent is `x`.

    Example:
        >>> arctan([0.0, 1.0])
        Array([0.       , 0.7853981], dtype=float32)
    """
    return jnp.arctan(as_floats(x))


@operation
def arctan2(x1: Any, x2: Any) -> jax.Array:
    """The angle of the point with ordinate `x1` and abscissa `x2`, in [-pi, pi].

    Example:
        >>> arctan2([0.0, 1.0], [-1.0, 0.0])
        Array([3.1415927, 1.5707964], dtype=float32)
    """
    return jnp.arctan2(as_array(x1), as_array(x2))


@operation
def arctanh(x: Any) -> jax.Array:
    """The number whose hyperbolic tangent is `x`.

    Example:
        >>> arctanh([0.0, 0.5])
        Array([0.        , 0.54930615], dtype=float32)
    """
    return jnp.arctanh(as_floats(x))


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
def cbrt(x: Any) -> jax.Array:
    """The cube root.

    Example:
        >>> cbrt([8.0, 27.0])
        Array([2., 3.], dtype=float32)
    """
    return jnp.cbrt(as_array(x))


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
def cos(x: Any) -> jax.Array:
    """The cosine of an angle in radians.

    Example:
        >>> cos([0.0])
        Array([1.], dtype=float32)
    """
    return jnp.cos(as_floats(x))


@operation
def cosh(x: Any) -> jax.Array:
    """The hyperbolic cosine.

    Example:
        >>> cosh([0.0])
        Array([1.], dtype=float32)
    """
    return jnp.cosh(as_floats(x))


@operation
def deg2rad(x: Any) -> jax.Array:
    """From degrees to radians.

    Example:
        >>> deg2rad([180.0])
        Array([3.1415927], dtype=float32)
    """
    return jnp.deg2rad(as_array(x))


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
def equal(x1: Any, x2: Any) -> jax.Array:
    """Whether `x1` is `x2`.

    Example:
        >>> equal([1, 2], 2)
        Array([False,  True], dtype=bool)
    """
    return jnp.equal(as_array(x1), as_array(x2))


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
def heaviside(x1: Any, x2: Any) -> jax.Array:
    """Zero below zero, one above, `x2` at zero.

    Example:
        >>> heaviside([-1.0, 0.0, 1.0], 0.5)
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    return jnp.heaviside(as_array(x1), as_array(x2))


@operation
def hypot(x1: Any, x2: Any) -> jax.Array:
    """`sqrt(x1**2 + x2**2)`, without overflow.

    Example:
        >>> hypot([3.0], [4.0])
        Array([5.], dtype=float32)
    """
    return jnp.hypot(as_array(x1), as_array(x2))


@operation
def i0(x: Any) -> jax.Array:
    """The modified Bessel function of the first kind and order zero.

    Example:
        >>> i0([0.0])
        Array([1.0000001], dtype=float32)
    """
    return jnp.i0(as_floats(x))


@operation
def imag(x: Any) -> jax.Array:
    """The imaginary part.

    Example:
        >>> imag([1 + 2j])
        Array([2.], dtype=float32)
    """
    return jnp.imag(as_array(x))


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
def lcm(x1: Any, x2: Any) -> jax.Array:
    """The least common multiple.

    Example:
        >>> lcm([4, 6], 10)
        Array([20, 30], dtype=int32)
    """
    return jnp.lcm(as_array(x1), as_array(x2))


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
def left_shift(x: Any, y: Any) -> jax.Array:
    """`x` with its bits moved `y` places up.

    Example:
        >>> left_shift([1, 2], 3)
        Array([ 8, 16], dtype=int32)
    """
    return jnp.left_shift(as_array(x), as_array(y))


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
def not_equal(x1: Any, x2: Any) -> jax.Array:
    """Whether `x1` is not `x2`.

    Example:
        >>> not_equal([1, 2], 2)
        Array([ True, False], dtype=bool)
    """
    return jnp.not_equal(as_array(x1), as_array(x2))


@operation
def power(x1: Any, x2: Any) -> jax.Array:
    """`x1` to the power of `x2`.

    Example:
        >>> power([2, 3], 2)
        Array([4, 9], dtype=int32)
    """
    return jnp.power(as_array(x1), as_array(x2))


@operation
def rad2deg(x: Any) -> jax.Array:
    """From radians to degrees.

    Example:
        >>> rad2deg([0.0])
        Array([0.], dtype=float32)
    """
    return jnp.rad2deg(as_array(x))


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
def right_shift(x: Any, y: Any) -> jax.Array:
    """`x` with its bits moved `y` places down.

    Example:
        >>> right_shift([8, 16], 3)
        Array([1, 2], dtype=int32)
    """
    return jnp.right_shift(as_array(x), as_array(y))


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
def signbit(x: Any) -> jax.Array:
    """Whether the sign is minus, that of zero included.

    Example:
        >>> signbit([-0.0, 0.0])
        Array([ True, False], dtype=bool)
    """
    return jnp.signbit(as_array(x))


@operation
def sin(x: Any) -> jax.Array:
    """The sine of an angle in radians.

    Example:
        >>> sin([0.0])
        Array([0.], dtype=float32)
    """
    return jnp.sin(as_floats(x))


@operation
def sinc(x: Any) -> jax.Array:
    """`sin(pi * x) / (pi * x)`, and one at zero.

    Example:
        >>> sinc([0.0])
        Array([1.], dtype=float32)
    """
    return jnp.sinc(as_floats(x))


@operation
def sinh(x: Any) -> jax.Array:
    """The hyperbolic sine.

    Example:
        >>> sinh([0.0])
        Array([0.], dtype=float32)
    """
    return jnp.sinh(as_floats(x))


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


@operation
def subtract(x1: Any, x2: Any) -> jax.Array:
    """`x1 - x2`.

    Example:
        >>> subtract([1, 2], 3)
        Array([-2, -1], dtype=int32)
    """
    return jnp.subtract(as_array(x1), as_array(x2))


@operation
def tan(x: Any) -> jax.Array:
    """The tangent of an angle in radians.

    Example:
        >>> tan([0.0])
        Array([0.], dtype=float32)
    """
    return jnp.tan(as_floats(x))


@operation
def tanh(x: Any) -> jax.Array:
    """The hyperbolic tangent.

    Example:
        >>> tanh([0.0, 100.0])
        Array([0., 1.], dtype=float32)
    """
    return jnp.tanh(as_floats(x))


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
