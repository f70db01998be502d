"""Axes by name, and pixels that become channels."""

import math
import re
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.operation import operation
from lamina.core.validate import at_least
from lamina.ops.arrays import as_array
from lamina.ops.convolution import channels_last

__all__ = ["depth_to_space", "rearrange", "space_to_depth"]


def _groups(side: str) -> list[list[str]]:
    """The names of one side of a pattern, those in parentheses together.

    Example:
        >>> _groups("b (h w) c")
        [['b'], ['h', 'w'], ['c']]
    """
    return [re.findall(r"\w+", group) for group in re.findall(r"\([^()]*\)|\w+", side)]


def _sizes(groups: list[list[str]], shape: tuple[int, ...], known: dict[str, int]) -> dict[str, int]:
    """The size of each name; one of each group may be unknown."""
    sizes = dict(known)
    for group, size in zip(groups, shape, strict=True):
        unknown = [name for name in group if name not in sizes]
        product = math.prod(sizes[name] for name in group if name in sizes)
        if len(unknown) > 1 or size % product or (not unknown and size != product):
            raise ShapeError(
                f"rearrange cannot part an axis of size {size} into ({' '.join(group)}).",
                hint="give the sizes of all names of a group but one.",
            )
        if unknown:
            sizes[unknown[0]] = size // product
    return sizes


@operation
def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> jax.Array:
    """The same entries with other axes, told by names: `"b (h k) c -> b h (k c)"`.

    Args:
        tensor: an array.
        pattern: the axes before and after, names in parentheses making one axis.
        **axes_lengths: the sizes of names that cannot be found out.

    Returns:
        An array with the axes of the pattern's right side.

    Raises:
        ArgumentError: for a pattern with other names on one side than on the other.
        ShapeError: for a shape that does not fit the left side.

    Example:
        >>> rearrange(jnp.arange(6), "(a b) -> b a", a=2).shape
        (3, 2)
    """
    tensor = as_array(tensor)
    before, arrow, after = pattern.partition("->")
    given, wanted = _groups(before), _groups(after)
    names, order = ([name for group in side for name in group] for side in (given, wanted))
    if not arrow or sorted(names) != sorted(order) or len(set(names)) != len(names):
        raise ArgumentError(f"rearrange takes the same names, each once, on both sides of '->'. Received: {pattern!r}")
    if len(given) != tensor.ndim:
        raise ShapeError(f"rearrange got a tensor of shape {tensor.shape}, but {pattern!r} names {len(given)} axes.")
    sizes = _sizes(given, tensor.shape, axes_lengths)
    split = tensor.reshape([sizes[name] for name in names])
    moved = jnp.transpose(split, [names.index(name) for name in order])
    return moved.reshape([math.prod(sizes[name] for name in group) for group in wanted])


def _check_block(name: str, block_size: int, divided: dict[str, int], by: int) -> None:
    at_least(name, "block_size", block_size, 2)
    for what, size in divided.items():
        if size % by:
            raise ShapeError(f"{name}: {what} must be a multiple of {by} for {block_size=}. Received: {size}")


@operation
def depth_to_space(x: Any, block_size: int, data_format: str | None = "channels_last") -> jax.Array:
    """Channels that become pixels: `block_size**2` of them make a square.

    Args:
        x: `(batch, height, width, channels)`, or with the channels behind the batch.
        block_size: by how much height and width grow.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        An array of the same rank.

    Raises:
        ArgumentError: for a block below 2.
        ShapeError: for channels that are not enough.

    Example:
        >>> depth_to_space(jnp.arange(4).reshape(1, 1, 1, 4), 2)[0, :, :, 0]
        Array([[0, 1],
               [2, 3]], dtype=int32)
    """
    x, last = as_array(x), channels_last("depth_to_space", data_format)
    _check_block("depth_to_space", block_size, {"channels": x.shape[-1 if last else 1]}, block_size**2)
    pattern = "b h w (p q c) -> b (h p) (w q) c" if last else "b (c p q) h w -> b c (h p) (w q)"
    return rearrange(x, pattern, p=block_size, q=block_size)


@operation
def space_to_depth(x: Any, block_size: int, data_format: str | None = "channels_last") -> jax.Array:
    """Pixels that become channels: the transpose of `depth_to_space`.

    Args:
        x: `(batch, height, width, channels)`, or with the channels behind the batch.
        block_size: by how much height and width shrink.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        An array of the same rank.

    Raises:
        ArgumentError: for a block below 2.
        ShapeError: for heights or widths that are no multiples of it.

    Example:
        >>> space_to_depth(jnp.arange(4).reshape(1, 2, 2, 1), 2).ravel()
        Array([0, 1, 2, 3], dtype=int32)
    """
    x, last = as_array(x), channels_last("space_to_depth", data_format)
    height, width = x.shape[1:3] if last else x.shape[2:]
    _check_block("space_to_depth", block_size, {"height": height, "width": width}, block_size)
    pattern = "b (h p) (w q) c -> b h w (p q c)" if last else "b c (h p) (w q) -> b (c p q) h w"
    return rearrange(x, pattern, p=block_size, q=block_size)
