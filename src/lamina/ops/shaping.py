"""Other shapes and orders of the same entries: reshaping, turning, repeating, picking."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.operation import operation
from lamina.ops.arrays import Axes, as_array, as_axes

__all__ = [
    *("broadcast_to", "copy", "diag", "diagflat", "diagonal", "expand_dims", "flip", "fliplr", "flipud"),
    *("get_item", "meshgrid", "moveaxis", "ndim", "pad", "ravel", "repeat", "reshape", "roll", "rot90"),
    *("select", "size", "squeeze", "swapaxes", "take", "take_along_axis", "tile", "transpose", "tril", "triu"),
    "view",
]


@operation
def broadcast_to(x: Any, shape: Sequence[int]) -> jax.Array:
    """`x` repeated along new axes and axes of size 1.

    Example:
        >>> broadcast_to([1, 2], (2, 2))
        Array([[1, 2],
               [1, 2]], dtype=int32)
    """
    return jnp.broadcast_to(as_array(x), shape)


@operation
def copy(x: Any) -> jax.Array:
    """The same entries in an array of their own.

    Example:
        >>> copy([1, 2])
        Array([1, 2], dtype=int32)
    """
    return jnp.copy(as_array(x))


@operation
def diag(x: Any, k: int = 0) -> jax.Array:
    """A matrix with `x` on its `k`-th diagonal; the diagonal, for a matrix.

    Example:
        >>> diag([1, 2])
        Array([[1, 0],
               [0, 2]], dtype=int32)
    """
    return jnp.diag(as_array(x), k)


@operation
def diagflat(x: Any, k: int = 0) -> jax.Array:
    """A matrix with all entries of `x` on its `k`-th diagonal.

    Example:
        >>> diagflat([[1], [2]])
        Array([[1, 0],
               [0, 2]], dtype=int32)
    """
    return jnp.diagflat(as_array(x), k)


@operation
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> jax.Array:
    """The diagonals of the matrices that two axes make.

    Example:
        >>> diagonal([[1, 2], [3, 4]])
        Array([1, 4], dtype=int32)
    """
    return jnp.diagonal(as_array(x), offset, axis1, axis2)


@operation
def expand_dims(x: Any, axis: int | Sequence[int]) -> jax.Array:
    """`x` with a new axis of size 1.

    Example:
        >>> expand_dims([1, 2], 0)
        Array([[1, 2]], dtype=int32)
    """
    return jnp.expand_dims(as_array(x), as_axes(axis))


@operation
def flip(x: Any, axis: Axes = None) -> jax.Array:
    """The entries in reverse order.

    Example:
        >>> flip([1, 2, 3])
        Array([3, 2, 1], dtype=int32)
    """
    return jnp.flip(as_array(x), as_axes(axis))


@operation
def fliplr(x: Any) -> jax.Array:
    """The entries in reverse order along the second axis.

    Example:
        >>> fliplr([[1, 2], [3, 4]])
        Array([[2, 1],
               [4, 3]], dtype=int32)
    """
    return jnp.fliplr(as_array(x))


@operation
def flipud(x: Any) -> jax.Array:
    """The entries in reverse order along the first axis.

    Example:
        >>> flipud([[1, 2], [3, 4]])
        Array([[3, 4],
               [1, 2]], dtype=int32)
    """
    return jnp.flipud(as_array(x))


@operation
def get_item(x: Any, key: Any) -> jax.Array:
    """`x[key]`.

    Example:
        >>> get_item([1, 2, 3], slice(1, None))
        Array([2, 3], dtype=int32)
    """
    return as_array(x)[tuple(key) if isinstance(key, list) else key]  # so a key comes back from JSON


@operation
def meshgrid(*x: Any, indexing: str = "xy") -> list[jax.Array]:
    """The coordinates of the points of a grid.

    Example:
        >>> meshgrid([1, 2], [3])
        [Array([[1, 2]], dtype=int32), Array([[3, 3]], dtype=int32)]
    """
    return list(jnp.meshgrid(*(as_array(item) for item in x), indexing=indexing))


@operation
def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> jax.Array:
    """`x` with some axes at other places.

    Example:
        >>> moveaxis(jnp.ones((1, 2, 3)), 0, -1).shape
        (2, 3, 1)
    """
    return jnp.moveaxis(as_array(x), source, destination)


@operation
def ndim(x: Any) -> Any:
    """The number of axes.

    Example:
        >>> ndim([[1, 2]])
        2
    """
    return as_array(x).ndim


@operation
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> jax.Array:
    """`x` with entries put around it, `(before, after)` for each axis.

    Example:
        >>> pad([1, 2], (1, 2))
        Array([0, 1, 2, 0, 0], dtype=int32)
    """
    if constant_values is None:
        return jnp.pad(as_array(x), pad_width, mode)
    if mode != "constant":
        raise ArgumentError(f"pad takes constant_values only in mode 'constant'. Received: mode={mode!r}")
    return jnp.pad(as_array(x), pad_width, mode, constant_values=constant_values)


@operation
def ravel(x: Any) -> jax.Array:
    """All entries in a row.

    Example:
        >>> ravel([[1, 2], [3, 4]])
        Array([1, 2, 3, 4], dtype=int32)
    """
    return jnp.ravel(as_array(x))


@operation
def repeat(x: Any, repeats: Any, axis: int | None = None) -> jax.Array:
    """Each entry several times.

    Example:
        >>> repeat([1, 2], 2)
        Array([1, 1, 2, 2], dtype=int32)
    """
    return jnp.repeat(as_array(x), repeats if isinstance(repeats, int) else as_array(repeats), axis)


@operation
def reshape(x: Any, newshape: int | Sequence[int]) -> jax.Array:
    """The same entries in another shape; -1 stands for what is left.

    Example:
        >>> reshape([1, 2, 3, 4], (2, -1))
        Array([[1, 2],
               [3, 4]], dtype=int32)
    """
    return jnp.reshape(as_array(x), newshape)


@operation
def roll(x: Any, shift: Any, axis: Axes = None) -> jax.Array:
    """The entries moved on, from the end back to the front.

    Example:
        >>> roll([1, 2, 3], 1)
        Array([3, 1, 2], dtype=int32)
    """
    return jnp.roll(as_array(x), shift, as_axes(axis))


@operation
def rot90(array: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> jax.Array:
    """The entries turned by `k` times 90 degrees, from the first axis towards the second.

    Example:
        >>> rot90([[1, 2], [3, 4]])
        Array([[2, 4],
               [1, 3]], dtype=int32)
    """
    array = as_array(array)
    if array.ndim < 2:
        raise ShapeError(f"rot90 takes arrays with at least two axes, but got one of shape {array.shape}.")
    if len(axes) != 2 or axes[0] == axes[1]:
        raise ArgumentError(f"rot90 turns in the plane of two different axes. Received: axes={axes}")
    return jnp.rot90(array, k, axes)


@operation
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> jax.Array:
    """The entry of the first choice whose condition holds.

    Example:
        >>> select([[True, False]], [[1, 2]], 9)
        Array([1, 9], dtype=int32)
    """
    return jnp.select([as_array(c) for c in condlist], [as_array(c) for c in choicelist], default)


@operation
def size(x: Any) -> Any:
    """The number of entries.

    Example:
        >>> size([[1, 2], [3, 4]])
        4
    """
    return jnp.size(as_array(x))


@operation
def squeeze(x: Any, axis: Axes = None) -> jax.Array:
    """`x` without axes of size 1.

    Example:
        >>> squeeze([[1, 2]])
        Array([1, 2], dtype=int32)
    """
    return jnp.squeeze(as_array(x), as_axes(axis))


@operation
def swapaxes(x: Any, axis1: int, axis2: int) -> jax.Array:
    """`x` with two axes exchanged.

    Example:
        >>> swapaxes(jnp.ones((1, 2, 3)), 0, 2).shape
        (3, 2, 1)
    """
    return jnp.swapaxes(as_array(x), axis1, axis2)


@operation
def take(x: Any, indices: Any, axis: int | None = None) -> jax.Array:
    """The entries at some places; NaN for places that there are not.

    Example:
        >>> take([10, 20, 30], [2, 0])
        Array([30, 10], dtype=int32)
    """
    return jnp.take(as_array(x), as_array(indices), axis)


@operation
def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> jax.Array:
    """From each row the entries at places of its own.

    Example:
        >>> take_along_axis([[10, 20], [30, 40]], [[1], [0]], axis=1)
        Array([[20],
               [30]], dtype=int32)
    """
    return jnp.take_along_axis(as_array(x), as_array(indices), axis)


@operation
def tile(x: Any, repeats: Any) -> jax.Array:
    """`x`, several times side by side.

    Example:
        >>> tile([1, 2], 2)
        Array([1, 2, 1, 2], dtype=int32)
    """
    return jnp.tile(as_array(x), repeats)


@operation
def transpose(x: Any, axes: Sequence[int] | None = None) -> jax.Array:
    """`x` with its axes in another order, the reverse one when left out.

    Example:
        >>> transpose([[1, 2], [3, 4]])
        Array([[1, 3],
               [2, 4]], dtype=int32)
    """
    return jnp.transpose(as_array(x), axes)


@operation
def tril(x: Any, k: int = 0) -> jax.Array:
    """`x` with zeros above the `k`-th diagonal.

    Example:
        >>> tril([[1, 2], [3, 4]])
        Array([[1, 0],
               [3, 4]], dtype=int32)
    """
    return jnp.tril(as_array(x), k)


@operation
def triu(x: Any, k: int = 0) -> jax.Array:
    """`x` with zeros below the `k`-th diagonal.

    Example:
        >>> triu([[1, 2], [3, 4]])
        Array([[1, 2],
               [0, 4]], dtype=int32)
    """
    return jnp.triu(as_array(x), k)


@operation
def view(x: Any, dtype: Any = None) -> jax.Array:
    """The bytes of `x`, read as another dtype.

    Example:
        >>> view(jnp.array([1.0]), "int32")
        Array([1065353216], dtype=int32)
    """
    return as_array(x).view(dtype)
