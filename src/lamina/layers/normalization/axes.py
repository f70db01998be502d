"""The axes of an input that a normalization is about."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentTypeError, ShapeError
from lamina.layers.layer import Layer


def check_axes(owner: str, axis: Any, *, several: bool = True) -> int | list[int]:
    """`axis` as an integer, or as a list of integers if it is several.

    Args:
        owner: the name of the class, for messages.
        axis: as it was given.
        several: whether more than one is allowed.

    Raises:
        ArgumentTypeError: if it is neither.
    """
    many = isinstance(axis, list | tuple)
    items = list(axis) if many else [axis]
    if (many and not several) or not items or any(isinstance(a, bool) or not isinstance(a, Integral) for a in items):
        wanted = "an integer or a list of integers" if several else "an integer"
        raise ArgumentTypeError(f"{owner}: axis must be {wanted}. Received: axis={axis!r}")
    return [int(a) for a in items] if many else int(axis)


def sizes_along(layer: Layer, axis: int | Sequence[int], shape: Sequence[int | None]) -> tuple[int, ...]:
    """The sizes of the inputs along the axes, which must exist and be known.

    Args:
        layer: whose axes they are, for messages.
        axis: one or several.
        shape: of the inputs, the batch first.

    Raises:
        ShapeError: names the axis and the shape.
    """
    check_bounds(layer, axis, shape)
    axes = [axis] if isinstance(axis, int) else axis
    for one in axes:
        if shape[one] is None:
            raise ShapeError(
                f"{type(layer).__name__} '{layer.name}' cannot be built: axis {one} of its inputs is unknown, "
                f"shape {tuple(shape)}.",
                hint="give its size in the model's input shape.",
            )
    return tuple(size for size in (shape[one] for one in axes) if size is not None)


def check_bounds(layer: Layer, axis: int | Sequence[int], shape: Sequence[int | None]) -> None:
    """Raises if an axis lies outside of a shape, or is named twice.

    Raises:
        ShapeError: names the axis and the shape.
    """
    axes = [axis] if isinstance(axis, int) else axis
    for one in axes:
        if not -len(shape) <= one < len(shape):
            raise ShapeError(
                f"{type(layer).__name__} '{layer.name}': axis {one} is out of bounds for inputs of shape "
                f"{tuple(shape)}.",
                hint=f"axis counts from the batch, which is 0; here it is between {-len(shape)} and {len(shape) - 1}.",
            )
    if len({one % len(shape) for one in axes}) < len(axes):
        raise ShapeError(
            f"{type(layer).__name__} '{layer.name}': axis={list(axes)} names an axis of inputs of shape {tuple(shape)} "
            "twice."
        )


def widened(x: jax.Array) -> jax.Array:
    """`x` in at least 32 bits, in which statistics are computed."""
    return x.astype(jnp.promote_types(x.dtype, "float32"))


class AxisNormalization(Layer):
    """Base of layers that normalize along or over some axes.

    Args:
        axis: one or several.
        **kwargs: as for every layer.
    """

    row_independent = True
    several_axes = True

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis: Any = check_axes(type(self).__name__, axis, several=self.several_axes)

    def build(self, input_shape: Any) -> None:
        """Makes nothing, but checks the axes.

        Args:
            input_shape: of the inputs.
        """
        check_bounds(self, self.axis, input_shape)

    def axes_of(self, x: Any) -> tuple[int, ...]:
        """The axes of an input, counted from the batch."""
        return tuple(axis % x.ndim for axis in ([self.axis] if isinstance(self.axis, int) else self.axis))

    def along(self, x: Any) -> list[int]:
        """The shape of an input with the sizes of all other axes replaced by 1."""
        axes = self.axes_of(x)
        return [size if axis in axes else 1 for axis, size in enumerate(x.shape)]

    @property
    def is_row_independent(self) -> bool:
        """Rows stay apart unless the batch is among the axes."""
        rank = len(self._build_shapes["input_shape"]) if self._build_shapes else 0
        axes = [self.axis] if isinstance(self.axis, int) else self.axis
        return super().is_row_independent and not {0, -rank} & set(axes)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        check_bounds(self, self.axis, input_shape)
        return input_shape
