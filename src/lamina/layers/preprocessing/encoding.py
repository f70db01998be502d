"""Category numbers as integers, one-hot rows, or counts per sample."""

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from lamina.core.engine import is_traced

# What an index is that leaves no trace in any encoding: a masked value.
DROPPED = -1


def encode(indices: Any, output_mode: str, depth: int, dtype: Any, count_weights: Any = None) -> Any:
    """Encodes indices below `depth`; those outside leave no trace, except in the mode `"int"`.

    Args:
        indices: integers of any shape, a NumPy array (the work is done by NumPy then) or one of JAX.
        output_mode: `"int"`, `"one_hot"`, or, over the samples' axis 1, `"multi_hot"` or `"count"`.
        depth: the length of the last axis of the result.
        dtype: of the result.
        count_weights: what each index counts, of the shape of `indices`.

    Example:
        >>> encode(np.array([[0, 2, 2]]), "count", 3, "float32")
        array([[1., 0., 2.]], dtype=float32)
    """
    xp: Any = np if isinstance(indices, np.ndarray) else jnp
    if output_mode == "int":
        return indices.astype(dtype)
    if indices.ndim == 0:
        indices = indices[None]
    if output_mode == "one_hot":
        last = indices[..., 0] if indices.ndim > 1 and indices.shape[-1] == 1 else indices
        return (last[..., None] == xp.arange(depth)).astype(dtype)
    counts = _counts(xp, indices, depth, count_weights)
    return (counts > 0 if output_mode == "multi_hot" else counts).astype(dtype)


def _counts(xp: Any, indices: Any, depth: int, weights: Any) -> Any:
    """How often each index occurs along axis 1, or along the only axis."""
    axis = min(1, indices.ndim - 1)
    rows = xp.moveaxis(indices, axis, -1)
    lead = rows.shape[:-1]
    if xp is jnp:
        given = None if weights is None else jnp.moveaxis(jnp.asarray(weights).reshape(indices.shape), axis, -1)
        return _scattered_counts(rows, depth, given)
    number = int(np.prod(lead))
    flat = rows.reshape(number, rows.shape[-1])
    # All samples are counted at once, each in a range of its own; what is outside goes to a place behind them all.
    valid = (flat >= 0) & (flat < depth)
    places = xp.where(valid, flat + xp.arange(number)[:, None] * depth, number * depth).ravel()
    if weights is not None:
        weights = xp.moveaxis(xp.asarray(weights).reshape(indices.shape), axis, -1).ravel()
    return xp.bincount(places, weights, minlength=number * depth + 1)[:-1].reshape(*lead, depth)


def _scattered_counts(rows: Any, depth: int, weights: Any) -> Any:
    """The same in a program, where the number of samples may be open."""
    flat = rows.reshape(math.prod(rows.shape[:-1]), rows.shape[-1])
    places = jnp.where((flat >= 0) & (flat < depth), flat, depth)
    table = jnp.zeros((flat.shape[0], depth + 1), "int32" if weights is None else weights.dtype)
    added = 1 if weights is None else weights.reshape(flat.shape)
    counts = table.at[jnp.arange(flat.shape[0])[:, None], places].add(added)
    return counts[:, :depth].reshape(*rows.shape[:-1], depth)


def output_shape(input_shape: Any, output_mode: str, depth: int | None) -> tuple[int | None, ...]:
    """The shape of what `encode` returns.

    Example:
        >>> output_shape((None, 3), "multi_hot", 5), output_shape((None, 3), "one_hot", 5)
        ((None, 5), (None, 3, 5))
    """
    shape = tuple(input_shape)
    if output_mode == "int":
        return shape
    if output_mode == "one_hot":
        return (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), depth)
    return (*shape[:1], *shape[2:], depth) if len(shape) > 1 else (depth,)


def first_outside(indices: Any, depth: int) -> Any:
    """The first index that is not in `[0, depth)`, or `None`; `None`, too, while values are not known."""
    if is_traced(indices):
        return None
    flat = np.asarray(indices).ravel()
    outside = flat[(flat < 0) | (flat >= depth)]
    return outside[0] if len(outside) else None
