"""Arrays from nothing: constants, ranges, windows, triangles."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.ops.arrays import as_array

__all__ = [
    *("arange", "array", "bartlett", "blackman", "empty", "empty_like", "eye", "full", "full_like", "geomspace"),
    *("hamming", "hanning", "identity", "kaiser", "linspace", "logspace", "ones", "ones_like", "tri", "vander"),
    *("zeros", "zeros_like"),
]


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> jax.Array:
    """Numbers from `start` up to, not including, `stop`, `step` apart.

    Example:
        >>> arange(3)
        Array([0, 1, 2], dtype=int32)
    """
    if dtype is None:
        dtype = jnp.result_type(*(n if hasattr(n, "dtype") else type(n) for n in (start, stop, step) if n is not None))
        dtype = config.floatx() if dtype == jnp.result_type(float) else dtype
    return jnp.arange(start, stop, step, dtype)


@operation
def array(x: Any, dtype: Any = None) -> jax.Array:
    """`x` as an array of its own.

    Example:
        >>> array([1, 2])
        Array([1, 2], dtype=int32)
    """
    return jnp.array(x, dtype)


@operation
def bartlett(x: Any) -> jax.Array:
    """A triangular window of `x` numbers.

    Example:
        >>> bartlett(3)
        Array([0., 1., 0.], dtype=float32)
    """
    return jnp.bartlett(int(x)).astype(config.floatx())


@operation
def blackman(x: Any) -> jax.Array:
    """Blackman's window of `x` numbers.

    Example:
        >>> blackman(3).round(3) + 0
        Array([0., 1., 0.], dtype=float32)
    """
    return jnp.blackman(int(x)).astype(config.floatx())


def empty(shape: int | Sequence[int], dtype: Any = None) -> jax.Array:
    """An array of any values; here, zeros.

    Example:
        >>> empty((2,))
        Array([0., 0.], dtype=float32)
    """
    return jnp.empty(shape, dtype or config.floatx())


@operation
def empty_like(x: Any, dtype: Any = None) -> jax.Array:
    """An array of any values, of the shape of `x`; here, zeros.

    Example:
        >>> empty_like([1, 2])
        Array([0, 0], dtype=int32)
    """
    return jnp.empty_like(as_array(x), dtype)


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> jax.Array:
    """A matrix of `N` rows and `M` columns with ones on its `k`-th diagonal.

    Example:
        >>> eye(2)
        Array([[1., 0.],
               [0., 1.]], dtype=float32)
    """
    return jnp.eye(N, M, k, dtype or config.floatx())


@operation
def full(shape: int | Sequence[int], fill_value: Any, dtype: Any = None) -> jax.Array:
    """One value everywhere.

    Example:
        >>> full((2,), 3)
        Array([3., 3.], dtype=float32)
    """
    return jnp.full(shape, fill_value, dtype or config.floatx())


@operation
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> jax.Array:
    """One value everywhere, in the shape of `x`.

    Example:
        >>> full_like([1, 2], 3)
        Array([3, 3], dtype=int32)
    """
    return jnp.full_like(as_array(x), fill_value, dtype)


@operation
def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> jax.Array:
    """`num` numbers from `start` to `stop`, each the same multiple of the one before.

    Example:
        >>> geomspace(1.0, 8.0, 4).round(4)
        Array([1., 2., 4., 8.], dtype=float32)
    """
    return jnp.geomspace(as_array(start), as_array(stop), num, endpoint, dtype, axis)


@operation
def hamming(x: Any) -> jax.Array:
    """Hamming's window of `x` numbers.

    Example:
        >>> hamming(3).round(3)
        Array([0.08000001, 1.        , 0.08000001], dtype=float32)
    """
    return jnp.hamming(int(x)).astype(config.floatx())


@operation
def hanning(x: Any) -> jax.Array:
    """Hann's window of `x` numbers.

    Example:
        >>> hanning(3)
        Array([0., 1., 0.], dtype=float32)
    """
    return jnp.hanning(int(x)).astype(config.floatx())


def identity(n: int, dtype: Any = None) -> jax.Array:
    """The matrix of `n` rows with ones on its diagonal.

    Example:
        >>> identity(2)
        Array([[1., 0.],
               [0., 1.]], dtype=float32)
    """
    return jnp.identity(n, dtype or config.floatx())


@operation
def kaiser(x: Any, beta: Any) -> jax.Array:
    """Kaiser's window of `x` numbers.

    Example:
        >>> kaiser(3, 0.0)
        Array([1., 1., 1.], dtype=float32)
    """
    return jnp.kaiser(int(x), beta).astype(config.floatx())


@operation
def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    """`num` numbers from `start` to `stop`, equally far apart; also, if wanted, how far.

    Example:
        >>> linspace(0, 1, 3)
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    return jnp.linspace(as_array(start), as_array(stop), num, endpoint, retstep, dtype, axis)


@operation
def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: float = 10, dtype: Any = None, axis: int = 0
) -> jax.Array:
    """`num` powers of `base`, with exponents from `start` to `stop`.

    Example:
        >>> logspace(0, 2, 3)
        Array([  1.,  10., 100.], dtype=float32)
    """
    return jnp.logspace(as_array(start), as_array(stop), num, endpoint, base, dtype, axis)


def ones(shape: int | Sequence[int], dtype: Any = None) -> jax.Array:
    """All ones.

    Example:
        >>> ones((2,))
        Array([1., 1.], dtype=float32)
    """
    return jnp.ones(shape, dtype or config.floatx())


@operation
def ones_like(x: Any, dtype: Any = None) -> jax.Array:
    """All ones, in the shape of `x`.

    Example:
        >>> ones_like([3, 4])
        Array([1, 1], dtype=int32)
    """
    return jnp.ones_like(as_array(x), dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> jax.Array:
    """A matrix with ones up to its `k`-th diagonal.

    Example:
        >>> tri(2)
        Array([[1., 0.],
               [1., 1.]], dtype=float32)
    """
    return jnp.tri(N, M, k, dtype or config.floatx())


@operation
def vander(x: Any, N: int | None = None, increasing: bool = False) -> jax.Array:
    """A matrix of the powers of `x`, the highest first, or last.

    Example:
        >>> vander([2, 3], 3)
        Array([[4, 2, 1],
               [9, 3, 1]], dtype=int32)
    """
    return jnp.vander(as_array(x), N, increasing)


def zeros(shape: int | Sequence[int], dtype: Any = None) -> jax.Array:
    """All zeros.

    Example:
        >>> zeros((2,))
        Array([0., 0.], dtype=float32)
    """
    return jnp.zeros(shape, dtype or config.floatx())


@operation
def zeros_like(x: Any, dtype: Any = None) -> jax.Array:
    """All zeros, in the shape of `x`.

    Example:
        >>> zeros_like([3, 4])
        Array([0, 0], dtype=int32)
    """
    return jnp.zeros_like(as_array(x), dtype)
