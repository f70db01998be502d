"""Sines, their inverses, and angles."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.ops.arrays import as_array, as_floats

__all__ = [
    *("angle", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cos", "cosh"),
    *("deg2rad", "hypot", "rad2deg", "sin", "sinc", "sinh", "tan", "tanh"),
]


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
        >>> arctan([0.0, float("inf")])
        Array([0.       , 1.5707964], dtype=float32)
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
def hypot(x1: Any, x2: Any) -> jax.Array:
    """`sqrt(x1**2 + x2**2)`, without overflow.

    Example:
        >>> hypot([3.0], [4.0])
        Array([5.], dtype=float32)
    """
    return jnp.hypot(as_array(x1), as_array(x2))


@operation
def rad2deg(x: Any) -> jax.Array:
    """From radians to degrees.

    Example:
        >>> rad2deg([0.0])
        Array([0.], dtype=float32)
    """
    return jnp.rad2deg(as_array(x))


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
