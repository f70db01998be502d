"""The largest or the mean of neighbouring places."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.operation import operation
from lamina.core.validate import one_of
from lamina.ops.arrays import as_array
from lamina.ops.convolution import Sizes, channels_last, sizes

__all__ = ["adaptive_average_pool", "adaptive_max_pool", "average_pool", "max_pool"]


def _windows(
    name: str, inputs: jax.Array, pool_size: Sizes, strides: Sizes | None, padding: str, data_format: str | None
) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Sizes and strides of the windows along all axes, and the padding in XLA's words."""
    one_of(name, "padding", padding, ("valid", "same"))
    last, rank = channels_last(name, data_format), inputs.ndim - 2

    def every(value: Sizes) -> tuple[int, ...]:
        places = sizes(value, rank)
        return (1, *places, 1) if last else (1, 1, *places)

    window = every(pool_size)
    return window, window if strides is None else every(strides), padding.upper()


@operation
def max_pool(
    inputs: Any,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> jax.Array:
    """The largest entry of each window.

    Args:
        inputs: `(batch, *places, channels)`, or with the channels behind the batch.
        pool_size: of a window.
        strides: from one window to the next; `pool_size` when left out.
        padding: `"valid"` for windows that lie within the inputs, `"same"` for others as well.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        An array of the same rank.

    Raises:
        ArgumentError: for another padding or data format.

    Example:
        >>> max_pool(jnp.array([1.0, 3.0, 2.0, 5.0]).reshape(1, 4, 1), 2).ravel()
        Array([3., 5.], dtype=float32)
    """
    inputs = as_array(inputs)
    window, steps, sides = _windows("max_pool", inputs, pool_size, strides, padding, data_format)
    lowest = -jnp.inf if jnp.issubdtype(inputs.dtype, jnp.floating) else jnp.iinfo(inputs.dtype).min
    return jax.lax.reduce_window(inputs, lowest, jax.lax.max, window, steps, sides)


@operation
def average_pool(
    inputs: Any,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> jax.Array:
    """The mean of each window, of the entries that lie within the inputs.

    Args:
        inputs: `(batch, *places, channels)`, or with the channels behind the batch.
        pool_size: of a window.
        strides: from one window to the next; `pool_size` when left out.
        padding: `"valid"` for windows that lie within the inputs, `"same"` for others as well.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        An array of the same rank.

    Raises:
        ArgumentError: for another padding or data format.

    Example:
        >>> average_pool(jnp.array([1.0, 3.0, 2.0, 5.0]).reshape(1, 4, 1), 2).ravel()
        Array([2. , 3.5], dtype=float32)
    """
    inputs = as_array(inputs)
    window, steps, sides = _windows("average_pool", inputs, pool_size, strides, padding, data_format)
    total = jax.lax.reduce_window(inputs, 0.0, jax.lax.add, window, steps, sides)
    if sides == "VALID":
        return total / math.prod(window)
    present = jnp.ones([n if size > 1 else 1 for n, size in zip(inputs.shape, window, strict=True)], inputs.dtype)
    return total / jax.lax.reduce_window(present, 0.0, jax.lax.add, window, steps, sides)


def _adaptive(
    name: str, reduce: Callable[..., jax.Array], inputs: Any, output_size: Sizes, data_format: str | None
) -> jax.Array:
    """Reduces as many windows as there are to be outputs, one axis after the other."""
    inputs = as_array(inputs)
    rank = inputs.ndim - 2
    if rank not in (1, 2, 3):
        raise ShapeError(f"{name} takes inputs with one to three axes of places, but got shape {inputs.shape}.")
    first = 1 if channels_last(name, data_format) else 2
    for axis, count in enumerate(sizes(output_size, rank), first):
        size = inputs.shape[axis]
        bounds = [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
        parts = [jax.lax.slice_in_dim(inputs, start, end, axis=axis) for start, end in bounds]
        inputs = jnp.concatenate([reduce(part, axis=axis, keepdims=True) for part in parts], axis=axis)
    return inputs


@operation
def adaptive_average_pool(inputs: Any, output_size: Sizes, data_format: str | None = None) -> jax.Array:
    """The means of windows that are as large as it takes to have so many of them.

    Args:
        inputs: `(batch, *places, channels)`, or with the channels behind the batch.
        output_size: how many windows along each axis.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        An array of the same rank.

    Example:
        >>> adaptive_average_pool(jnp.arange(5.0).reshape(1, 5, 1), 2).ravel()
        Array([1., 3.], dtype=float32)
    """
    return _adaptive("adaptive_average_pool", jnp.mean, inputs, output_size, data_format)


@operation
def adaptive_max_pool(inputs: Any, output_size: Sizes, data_format: str | None = None) -> jax.Array:
    """The largest entries of windows that are as large as it takes to have so many of them.

    Args:
        inputs: `(batch, *places, channels)`, or with the channels behind the batch.
        output_size: how many windows along each axis.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        An array of the same rank.

    Example:
        >>> adaptive_max_pool(jnp.arange(5.0).reshape(1, 5, 1), 2).ravel()
        Array([2., 4.], dtype=float32)
    """
    return _adaptive("adaptive_max_pool", jnp.max, inputs, output_size, data_format)
