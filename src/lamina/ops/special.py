"""Functions of mathematics: errors, distances, complex numbers, what is largest."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.operation import operation
from lamina.ops.arrays import Axes, as_array, as_axes, as_floats
from lamina.ops.linalg import slogdet

__all__ = [
    *("cdist", "erf", "erfc", "erfinv", "in_top_k", "logdet", "logsumexp", "polar", "psnr", "rsqrt", "segment_max"),
    *("segment_min", "segment_prod", "segment_sum", "top_k", "view_as_complex", "view_as_real"),
]


@operation
def erf(x: Any) -> jax.Array:
    """The error function: the probability that a normal draw of variance 1/2 lies within `x` of zero.

    Example:
        >>> erf([0.0, 10.0])
        Array([0., 1.], dtype=float32)
    """
    return jax.lax.erf(as_floats(x))


@operation
def erfc(x: Any) -> jax.Array:
    """`1 - erf(x)`, exact for large `x`.

    Example:
        >>> erfc([0.0])
        Array([1.], dtype=float32)
    """
    return jax.lax.erfc(as_floats(x))


@operation
def erfinv(x: Any) -> jax.Array:
    """The number whose `erf` is `x`.

    Example:
        >>> erfinv([0.0, 1.0])
        Array([ 0., inf], dtype=float32)
    """
    return jax.lax.erf_inv(as_floats(x))


@operation
def rsqrt(x: Any) -> jax.Array:
    """One over the square root.

    Example:
        >>> rsqrt([4.0])
        Array([0.5], dtype=float32)
    """
    return jax.lax.rsqrt(as_floats(x))


@operation
def logsumexp(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The logarithm of the sum of exponentials, without overflow.

    Args:
        x: an array.
        axis: over which to sum; all when left out.
        keepdims: whether to keep these axes with a size of 1.

    Returns:
        The logarithms.

    Example:
        >>> float(logsumexp([1000.0, -1000.0]))
        1000.0
    """
    return jax.nn.logsumexp(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def logdet(x: Any) -> jax.Array:
    """The logarithm of the absolute value of the determinant.

    Example:
        >>> float(logdet([[1.0, 0.0], [0.0, 1.0]]))
        0.0
    """
    return slogdet(x)[1]


@operation
def cdist(x: Any, y: Any) -> jax.Array:
    """The Euclidean distances between points.

    Args:
        x: `(..., points, features)`.
        y: `(..., others, features)`.

    Returns:
        `(..., points, others)`.

    Raises:
        ShapeError: for shapes that do not fit.

    Example:
        >>> cdist([[0.0, 0.0]], [[3.0, 4.0], [0.0, 1.0]])
        Array([[5., 1.]], dtype=float32)
    """
    x, y = as_array(x), as_array(y)
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-1]:
        raise ShapeError(
            f"cdist takes points (..., points, features) of equal features, but got {x.shape} and {y.shape}."
        )
    return jnp.sqrt(jnp.sum(jnp.square(x[..., :, None, :] - y[..., None, :, :]), axis=-1))


@operation
def top_k(x: Any, k: int, sorted: bool = True) -> tuple[jax.Array, jax.Array]:
    """The largest entries along the last axis, and their places.

    Args:
        x: an array.
        k: how many.
        sorted: accepted as Keras does; they always come in descending order.

    Returns:
        Values and places `(..., k)`.

    Example:
        >>> top_k([1, 5, 3], 2)
        (Array([5, 3], dtype=int32), Array([1, 2], dtype=int32))
    """
    del sorted
    values, places = jax.lax.top_k(as_array(x), k)
    return values, places


@operation
def in_top_k(targets: Any, predictions: Any, k: int) -> jax.Array:
    """Whether the right class is among the `k` likeliest.

    Args:
        targets: classes `(...)`.
        predictions: `(..., classes)`.
        k: how many count.

    Returns:
        bool `(...)`.

    Example:
        >>> in_top_k([0, 1], [[0.1, 0.9], [0.1, 0.9]], k=1)
        Array([False,  True], dtype=bool)
    """
    predictions = as_array(predictions)
    own = jnp.take_along_axis(predictions, as_array(targets)[..., None], axis=-1)
    own = jnp.where(jnp.isnan(own), -jnp.inf, own)
    return jnp.sum(predictions > own, axis=-1) < k


def _segments(name: str, data: Any, segment_ids: Any, num_segments: int | None, sorted: bool) -> jax.Array:
    data, segment_ids = as_array(data), as_array(segment_ids)
    if segment_ids.ndim != 1 or data.ndim < 1 or len(data) != len(segment_ids):
        raise ShapeError(
            f"{name} takes a segment for each entry along the first axis, but got data of shape {data.shape} and "
            f"segment_ids of shape {segment_ids.shape}."
        )
    return getattr(jax.ops, name)(data, segment_ids, num_segments, indices_are_sorted=sorted)


@operation
def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> jax.Array:
    """The sums of entries that belong together.

    Args:
        data: `(entries, ...)`.
        segment_ids: integers `(entries,)`: to which segment each belongs.
        num_segments: how many there are; in a program it has to be given.
        sorted: whether `segment_ids` ascends, which is quicker.

    Returns:
        `(num_segments, ...)`.

    Raises:
        ShapeError: for shapes that do not fit.

    Example:
        >>> segment_sum([1, 2, 5], [0, 0, 1], num_segments=2)
        Array([3, 5], dtype=int32)
    """
    return _segments("segment_sum", data, segment_ids, num_segments, sorted)


@operation
def segment_max(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> jax.Array:
    """The largest of entries that belong together; arguments as for `segment_sum`.

    Example:
        >>> segment_max([1, 2, 5], [0, 0, 1], num_segments=2)
        Array([2, 5], dtype=int32)
    """
    return _segments("segment_max", data, segment_ids, num_segments, sorted)


@operation
def segment_min(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> jax.Array:
    """The smallest of entries that belong together; arguments as for `segment_sum`.

    Example:
        >>> segment_min([1, 2, 5], [0, 0, 1], num_segments=2)
        Array([1, 5], dtype=int32)
    """
    return _segments("segment_min", data, segment_ids, num_segments, sorted)


@operation
def segment_prod(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> jax.Array:
    """The products of entries that belong together; arguments as for `segment_sum`.

    Example:
        >>> segment_prod([3, 2, 5], [0, 0, 1], num_segments=2)
        Array([6, 5], dtype=int32)
    """
    return _segments("segment_prod", data, segment_ids, num_segments, sorted)


@operation
def polar(abs_: Any, angle: Any) -> jax.Array:
    """Complex numbers of given size and angle in radians.

    Example:
        >>> polar([2.0], [0.0])
        Array([2.+0.j], dtype=complex64)
    """
    abs_, angle = as_floats(abs_), as_floats(angle)
    return jax.lax.complex(abs_ * jnp.cos(angle), abs_ * jnp.sin(angle))


@operation
def view_as_complex(x: Any) -> jax.Array:
    """Complex numbers from pairs along the last axis.

    Args:
        x: real and imaginary parts `(..., 2)`.

    Returns:
        Complex numbers `(...)`.

    Raises:
        ShapeError: for another last axis.

    Example:
        >>> view_as_complex([[1.0, 2.0]])
        Array([1.+2.j], dtype=complex64)
    """
    x = as_floats(x)
    if x.ndim < 1 or x.shape[-1] != 2:
        raise ShapeError(f"view_as_complex takes pairs (..., 2), but got an array of shape {x.shape}.")
    wide = x.astype(jnp.promote_types(x.dtype, "float32"))
    return jax.lax.complex(wide[..., 0], wide[..., 1])


@operation
def view_as_real(x: Any) -> jax.Array:
    """Pairs of real and imaginary parts along a new last axis.

    Example:
        >>> view_as_real([1 + 2j])
        Array([[1., 2.]], dtype=float32)
    """
    x = as_array(x)
    return jnp.stack((jnp.real(x), jnp.imag(x)), axis=-1)


@operation
def psnr(x1: Any, x2: Any, max_val: float) -> jax.Array:
    """The ratio of the largest signal to the noise between two images, in decibels.

    Args:
        x1: an image.
        x2: the other, of the same shape.
        max_val: the largest value that a pixel can have.

    Returns:
        A scalar.

    Raises:
        ShapeError: for shapes that differ.

    Example:
        >>> round(float(psnr([0.0, 0.0], [1.0, 1.0], max_val=10.0)), 4)
        20.0
    """
    x1, x2 = as_array(x1), as_array(x2)
    if x1.shape != x2.shape:
        raise ShapeError(f"psnr compares images of one shape, but got {x1.shape} and {x2.shape}.")
    noise = jnp.mean(jnp.square(x1 - x2))
    return 20 * jnp.log10(jnp.asarray(max_val, x2.dtype)) - 10 * jnp.log10(noise)
