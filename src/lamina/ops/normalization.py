"""Means and variances, and what is divided by them."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.core.validate import positive_int
from lamina.ops.arrays import as_array, at_least_float32

__all__ = ["batch_normalization", "layer_normalization", "moments", "normalize", "rms_normalization"]


@operation
def normalize(x: Any, axis: int = -1, order: int = 2, epsilon: float | None = None) -> jax.Array:
    """`x` divided by its norm along `axis`.

    Args:
        x: an array.
        axis: of the vectors that get a norm of one.
        order: 1 for the sum of absolute values, 2 for the Euclidean norm, and so on.
        epsilon: the least that is divided by; `lamina.config.epsilon()` when left out.

    Returns:
        An array like `x`.

    Raises:
        ArgumentError: for an order that is no positive integer.

    Example:
        >>> normalize([[3.0, 4.0], [0.0, 0.0]])
        Array([[0.6, 0.8],
               [0. , 0. ]], dtype=float32)
    """
    positive_int("normalize", "order", order)
    x = jnp.atleast_1d(as_array(x))
    epsilon = config.epsilon() if epsilon is None else epsilon
    if order == 2:
        inverse = jax.lax.rsqrt(jnp.sum(jnp.square(x), axis=axis, keepdims=True))
        return x * jnp.minimum(inverse, 1.0 / epsilon)
    return x / jnp.maximum(jnp.linalg.norm(x, ord=order, axis=axis, keepdims=True), epsilon)


@operation
def moments(
    x: Any, axes: int | Sequence[int], keepdims: bool = False, synchronized: bool = False
) -> tuple[jax.Array, jax.Array]:
    """Mean and variance over some axes; floats of 16 bits are summed in 32.

    Args:
        x: an array.
        axes: over which to take them.
        keepdims: whether to keep these axes with a size of 1.
        synchronized: over several devices; not implemented, as in Keras on JAX.

    Returns:
        The mean and the variance, in the dtype of `x`.

    Raises:
        NotImplementedError: for `synchronized=True`.

    Example:
        >>> [float(moment) for moment in moments([1.0, 3.0], axes=0)]
        [2.0, 1.0]
    """
    if synchronized:
        raise NotImplementedError("moments() cannot be synchronized over devices (received synchronized=True).")
    x = as_array(x)
    axes = tuple(axes) if isinstance(axes, list) else axes
    short = x.dtype in (jnp.float16, jnp.bfloat16)
    wide = x.astype("float32") if short else x
    found = jnp.mean(wide, axes, keepdims=keepdims), jnp.var(wide, axes, keepdims=keepdims)
    if not short:
        return found
    limit = float(jnp.finfo(jnp.float16).max)
    mean, variance = (jnp.clip(moment, -limit, limit).astype(x.dtype) for moment in found)
    return mean, variance


@operation
def batch_normalization(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> jax.Array:
    """`(x - mean) / sqrt(variance + epsilon) * scale + offset`, with numbers of their own for each channel.

    Args:
        x: an array.
        mean: `(channels,)`.
        variance: `(channels,)`.
        axis: of the channels in `x`.
        offset: `(channels,)`; zero when left out.
        scale: `(channels,)`; one when left out.
        epsilon: keeps the division finite.

    Returns:
        An array like `x`.

    Example:
        >>> batch_normalization([[1.0], [3.0]], mean=[2.0], variance=[1.0], axis=-1, epsilon=0.0)
        Array([[-1.],
               [ 1.]], dtype=float32)

    Reference:
        Ioffe & Szegedy, 2015, "Batch normalization".
    """
    x = as_array(x)
    shape = [1] * x.ndim
    shape[axis] = -1

    def channels(values: Any) -> jax.Array:
        return jnp.reshape(as_array(values), shape)

    factor = jax.lax.rsqrt(channels(variance) + epsilon)
    if scale is not None:
        factor = factor * channels(scale)
    shift = -channels(mean) * factor
    if offset is not None:
        shift = shift + channels(offset)
    return x * factor + shift


@operation
def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: int | Sequence[int] = -1, epsilon: float | None = None
) -> jax.Array:
    """`(x - mean) / sqrt(variance + epsilon) * gamma + beta`, with the mean and the variance of each row.

    Args:
        x: an array.
        gamma: of the sizes of `axis`; one when left out.
        beta: of the sizes of `axis`; zero when left out.
        axis: over which to take mean and variance.
        epsilon: keeps the division finite; `lamina.config.epsilon()` when left out.

    Returns:
        An array like `x`.

    Example:
        >>> layer_normalization([[1.0, 3.0]], epsilon=0.0)
        Array([[-1.,  1.]], dtype=float32)

    Reference:
        Ba et al., 2016, "Layer normalization".
    """
    x = as_array(x)
    axes = sorted(a % x.ndim for a in ([axis] if isinstance(axis, int) else axis))
    wide = x.astype(at_least_float32(x.dtype))
    shape = [n if axis in axes else 1 for axis, n in enumerate(x.shape)]

    def fitting(values: Any) -> jax.Array:
        values = as_array(values).astype(wide.dtype)
        return values if values.ndim == x.ndim or axes == [x.ndim - 1] else jnp.reshape(values, shape)

    mean, variance = jnp.mean(wide, axes, keepdims=True), jnp.var(wide, axes, keepdims=True)
    factor = jax.lax.rsqrt(variance + (config.epsilon() if epsilon is None else epsilon))
    if gamma is not None:
        factor = factor * fitting(gamma)
    shift = -mean * factor
    if beta is not None:
        shift = shift + fitting(beta)
    return (wide * factor + shift).astype(x.dtype)


@operation
def rms_normalization(
    x: Any, scale: Any = None, axis: int | Sequence[int] = -1, epsilon: float | None = None
) -> jax.Array:
    """`x / sqrt(mean(x**2) + epsilon) * scale`, with the mean of each row.

    Args:
        x: an array.
        scale: of the sizes of `axis`; one when left out.
        axis: over which to take the mean.
        epsilon: keeps the division finite; `lamina.config.epsilon()` when left out.

    Returns:
        An array like `x`.

    Example:
        >>> rms_normalization([[3.0, 4.0]], epsilon=0.0).round(3)
        Array([[0.84900004, 1.131     ]], dtype=float32)

    Reference:
        Zhang & Sennrich, 2019, "Root mean square layer normalization".
    """
    x = jnp.atleast_1d(as_array(x))
    wide = x.astype(at_least_float32(x.dtype))
    axes = axis if isinstance(axis, int) else tuple(axis)
    epsilon = config.epsilon() if epsilon is None else epsilon
    outputs = wide * jax.lax.rsqrt(jnp.mean(jnp.square(wide), axes, keepdims=True) + epsilon)
    if scale is not None:
        outputs = outputs * as_array(scale).astype(wide.dtype)
    return outputs.astype(x.dtype)
