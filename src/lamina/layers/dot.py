"""Dot: products of two tensors, row by row."""

from collections.abc import Sequence
from typing import Any

import jax

from lamina.core import config
from lamina.core.errors import ArgumentError, ArgumentTypeError, ShapeError
from lamina.core.serialization import builtin
from lamina.layers.merging import Merge, origin
from lamina.layers.normalization.unit_normalization import unit


@builtin("layers")
class Dot(Merge):
    """The products of two tensors, summed over one axis of each, for each row of the batch.

    Args:
        axes: the axis of both, or one for each; the batch is 0 and cannot be summed over.
        normalize: whether to bring both to length 1 along that axis, so that the cosine comes out.
        **kwargs: as for every layer.

    Raises:
        ArgumentTypeError: if `axes` is neither an integer nor a pair.
        ArgumentError: if it is no pair of integers, or names the batch.
        ShapeError: when called on tensors whose sizes along the axes differ.

    Example:
        >>> import jax.numpy as jnp
        >>> Dot(axes=1)([jnp.array([[1.0, 2.0]]), jnp.array([[3.0, 4.0]])])
        Array([[11.]], dtype=float32)
    """

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if type(axes) is not int and not isinstance(axes, list | tuple):
            raise ArgumentTypeError(f"Dot: axes must be an integer or a pair of integers. Received: axes={axes!r}")
        pair = (axes, axes) if isinstance(axes, int) else tuple(axes)
        if len(pair) != 2 or any(type(axis) is not int for axis in pair):
            raise ArgumentError(f"Dot: axes must be an integer or a pair of integers. Received: axes={axes!r}")
        if 0 in pair:
            raise ArgumentError(f"Dot: axis 0 is the batch, which cannot be summed over. Received: axes={axes!r}")
        self.axes: Any = axes
        self.normalize = normalize

    def merge(self, inputs: Sequence[Any]) -> jax.Array:
        """The products."""
        if len(inputs) != 2:
            raise ShapeError(f"Dot '{self.name}' takes two tensors, but got {len(inputs)}.")
        one, two = inputs
        first, second = self._checked_axes(one, two)
        if self.normalize:
            one, two = (unit(x, axis, config.epsilon()) for x, axis in ((one, first), (two, second)))
        outputs = jax.lax.dot_general(one, two, (((first,), (second,)), ((0,), (0,))))
        return outputs[:, None] if outputs.ndim == 1 else outputs

    def _checked_axes(self, one: Any, two: Any) -> tuple[int, int]:
        pair = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        places = []
        for tensor, axis in zip((one, two), pair, strict=True):
            if not -tensor.ndim < axis < tensor.ndim or tensor.ndim < 2:
                raise ShapeError(
                    f"Dot '{self.name}' sums over axis {axis}, which {origin(tensor)} does not have beside the batch."
                )
            places.append(axis % tensor.ndim)
        sizes = [tensor.shape[axis] for tensor, axis in zip((one, two), places, strict=True)]
        if sizes[0] != sizes[1]:
            raise ShapeError(
                f"Dot '{self.name}' cannot combine {origin(one)} and {origin(two)}: axis {pair[0]} of the first has "
                f"size {sizes[0]}, axis {pair[1]} of the second {sizes[1]}.",
                hint="the sizes along the axes must be equal.",
            )
        return places[0], places[1]

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Products have no masks."""
        del inputs, previous_mask


def dot(inputs: Sequence[Any], axes: int | Sequence[int] = -1, **kwargs: Any) -> Any:
    """`Dot` as a function of a list of two tensors.

    Args:
        inputs: the two tensors.
        axes: as for `Dot`.
        **kwargs: as for `Dot`.
    """
    return Dot(axes, **kwargs)(inputs)
