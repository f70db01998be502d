"""Tensors, their shapes and dtypes, and writing into parts of them."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.operation import operation
from lamina.core.symbolic import is_symbolic
from lamina.core.validate import one_of
from lamina.core.variable import Variable
from lamina.ops.arrays import as_array

__all__ = [
    *("cast", "convert_to_numpy", "convert_to_tensor", "dtype", "is_tensor", "saturate_cast", "scatter"),
    *("scatter_update", "shape", "slice", "slice_update", "stop_gradient", "unstack"),
]


def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None) -> Any:
    """`x` as an array.

    Args:
        x: an array, a variable, a number or nested lists of such.
        dtype: of the result; its own when left out.
        sparse: accepted as Keras does.
        ragged: accepted as Keras does, but for true.

    Raises:
        ArgumentError: for `ragged=True`.

    Example:
        >>> convert_to_tensor([1, 2])
        Array([1, 2], dtype=int32)
    """
    del sparse
    if ragged:
        raise ArgumentError("Arrays on JAX cannot be ragged. Received: ragged=True")
    if is_symbolic(x):
        return x if dtype is None or x.dtype == str(dtype) else cast(x, dtype)
    return jnp.asarray(x.value if isinstance(x, Variable) else x, dtype=dtype)


def convert_to_numpy(x: Any) -> np.ndarray:
    """`x` as a NumPy array; in eager training, too, where the gradient does not go through it.

    Example:
        >>> convert_to_numpy(jnp.array([1, 2]))
        array([1, 2], dtype=int32)
    """
    return np.asarray(jax.lax.stop_gradient(x.value if isinstance(x, Variable) else x))


def is_tensor(x: Any) -> bool:
    """Whether `x` is an array of JAX's or a symbolic tensor.

    Example:
        >>> is_tensor(jnp.ones(2)), is_tensor(np.ones(2))
        (True, False)
    """
    return isinstance(x, jax.Array) or is_symbolic(x)


def shape(x: Any) -> tuple[int | None, ...]:
    """The shape of `x`, with `None` for unknown axes of symbolic tensors.

    Example:
        >>> shape([[1, 2, 3]])
        (1, 3)
    """
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def dtype(x: Any) -> str:
    """The name of the dtype of `x`.

    Example:
        >>> dtype(jnp.ones(2))
        'float32'
    """
    return str(x.dtype)


@operation
def cast(x: Any, dtype: Any) -> jax.Array:
    """`x` in another dtype.

    Example:
        >>> cast([1.7, -1.7], "int32")
        Array([ 1, -1], dtype=int32)
    """
    return jnp.asarray(x).astype(dtype)


def _limits(dtype: Any) -> tuple[Any, Any]:
    if jnp.issubdtype(dtype, jnp.bool_):
        return 0, 1
    info = jnp.iinfo(dtype) if jnp.issubdtype(dtype, jnp.integer) else jnp.finfo(dtype)
    return info.min, info.max


@operation
def saturate_cast(x: Any, dtype: Any) -> jax.Array:
    """`x` in another dtype; numbers that it does not have become the nearest that it has.

    Example:
        >>> saturate_cast([-3.0, 300.0], "uint8")
        Array([  0, 255], dtype=uint8)
    """
    x, dtype = as_array(x), jnp.dtype(dtype)
    (lowest, highest), (low, high) = _limits(x.dtype), _limits(dtype)
    low, high = (np.asarray(limit).astype(x.dtype) for limit in (max(lowest, low), min(highest, high)))
    # The limits of integers may lie between two floats; the outer one is out of range.
    if low < _limits(dtype)[0]:
        low = np.nextafter(low, np.zeros_like(low))
    if high > _limits(dtype)[1]:
        high = np.nextafter(high, np.zeros_like(high))
    return jnp.clip(x, low, high).astype(dtype)


@operation
def stop_gradient(variable: Any) -> jax.Array:
    """An array, as a constant to differentiation.

    Example:
        >>> float(jax.grad(lambda x: x * stop_gradient(x))(3.0))
        3.0
    """
    return jax.lax.stop_gradient(as_array(variable))


@operation
def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[jax.Array]:
    """The slices of `x` along `axis`.

    Args:
        x: an array.
        num: how many there are, if `x` is symbolic and does not tell.
        axis: along which to cut.

    Returns:
        Arrays without that axis.

    Example:
        >>> unstack([1, 2])
        [Array(1, dtype=int32), Array(2, dtype=int32)]
    """
    x = jnp.moveaxis(as_array(x), axis, 0)
    return [x[index] for index in range(len(x) if num is None else num)]


@operation
def scatter(indices: Any, values: Any, shape: Sequence[int]) -> jax.Array:
    """Zeros with values at some places; those at one place are added.

    Args:
        indices: integers `(..., axes)`.
        values: `(..., *rest)`: an entry, or a whole slice where there are fewer indices than axes.
        shape: of the result.

    Returns:
        An array with the dtype of the values.

    Example:
        >>> scatter([[0], [2], [2]], [1, 2, 3], (4,))
        Array([1, 0, 5, 0], dtype=int32)
    """
    values = as_array(values)
    place = tuple(jnp.moveaxis(as_array(indices), -1, 0))
    return jnp.zeros(shape, values.dtype).at[place].add(values)


@operation
def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> jax.Array:
    """`inputs` with other values at some places.

    Args:
        inputs: an array.
        indices: integers `(updates, axes)`.
        updates: `(updates, *rest)`.
        reduction: what becomes of the present value: replaced for `None`; or `"add"`, `"max"`, `"min"`, `"mul"`.

    Returns:
        An array like `inputs`.

    Raises:
        ArgumentError: for another reduction.

    Example:
        >>> scatter_update([1, 1, 1], [[0], [2]], [5, 6], reduction="add")
        Array([6, 1, 7], dtype=int32)
    """
    reduction = one_of("scatter_update", "reduction", reduction, (None, "add", "max", "min", "mul"))
    method = {None: "set", "mul": "multiply"}.get(reduction, reduction)
    place = as_array(inputs).at[tuple(as_array(indices).T)]
    return getattr(place, str(method))(as_array(updates))


@operation
def slice(inputs: Any, start_indices: Any, shape: Sequence[int]) -> jax.Array:
    """The part of an array that starts at some place, which need not be known before the program runs.

    Args:
        inputs: an array.
        start_indices: an integer for each axis.
        shape: of the part; -1 for all that is left of an axis.

    Returns:
        An array of that shape.

    Raises:
        ShapeError: if there is not a start and a size for each axis.

    Example:
        >>> slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, -1))
        Array([[2, 3],
               [5, 6]], dtype=int32)
    """
    inputs = as_array(inputs)
    if not len(start_indices) == len(shape) == inputs.ndim:
        raise ShapeError(
            f"slice takes a start and a size for each axis of the inputs, which have shape {inputs.shape}. "
            f"Received: {len(start_indices)} starts and shape={tuple(shape)}"
        )
    sizes = [
        n - start if size == -1 else size for n, start, size in zip(inputs.shape, start_indices, shape, strict=True)
    ]
    return jax.lax.dynamic_slice(inputs, start_indices, sizes)


@operation
def slice_update(inputs: Any, start_indices: Any, updates: Any) -> jax.Array:
    """`inputs` with other values in the part that starts at some place.

    Args:
        inputs: an array.
        start_indices: an integer for each axis.
        updates: the values, an array of as many axes.

    Returns:
        An array like `inputs`.

    Example:
        >>> slice_update([1, 2, 3, 4], [1], [8, 9])
        Array([1, 8, 9, 4], dtype=int32)
    """
    return jax.lax.dynamic_update_slice(as_array(inputs), as_array(updates), start_indices)
