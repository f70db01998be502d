"""Zeros around sequences, images and volumes, or borders cut off."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.serialization import builtin
from lamina.layers.spatial import Pair, SpatialLayer, check_pairs


class _ZeroPadding(SpatialLayer):
    """Base of layers that put zeros around their inputs.

    Args:
        padding: how many before and behind, for all axes, for each, or as a pair for each.
        data_format: where the channels are.
        **kwargs: as for every layer.
    """

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self._pairs = check_pairs(type(self).__name__, "padding", padding, self.spatial_axes)
        self.padding: Any = self._pairs[0] if self.spatial_axes == 1 else self._pairs

    def new_size(self, index: int, size: int, shape: Sequence[int | None]) -> int:
        """The size with the zeros."""
        del shape
        return size + sum(self._pairs[index])

    def call(self, inputs: Any) -> jax.Array:
        """The inputs with zeros around them."""
        width: list[Pair] = [(0, 0)] * inputs.ndim
        width[self.places.start : self.places.stop] = self._pairs
        return jnp.pad(inputs, width)


@builtin("layers")
class ZeroPadding1D(_ZeroPadding):
    """Puts zeros before and behind sequences.

    Args:
        padding: how many, for both sides or as `(before, behind)`.
        data_format: `"channels_last"`, for `(batch, steps, features)`, or `"channels_first"`.
        **kwargs: as for every layer.

    Example:
        >>> ZeroPadding1D((1, 0))(jnp.ones((1, 2, 1)))[0, :, 0]
        Array([0., 1., 1.], dtype=float32)
    """

    spatial_axes = 1


@builtin("layers")
class ZeroPadding2D(_ZeroPadding):
    """Puts zeros around images.

    Args:
        padding: how many, for all sides, as `(height, width)`, or as `((top, bottom), (left, right))`.
        data_format: `"channels_last"`, for `(batch, height, width, channels)`, or `"channels_first"`.
        **kwargs: as for every layer.

    Example:
        >>> ZeroPadding2D(((1, 0), (0, 2)))(jnp.ones((1, 1, 1, 1)))[0, :, :, 0]
        Array([[0., 0., 0.],
               [1., 0., 0.]], dtype=float32)
    """

    spatial_axes = 2


@builtin("layers")
class ZeroPadding3D(_ZeroPadding):
    """Puts zeros around volumes.

    Args:
        padding: how many, for all sides, one for each axis, or a pair for each axis.
        data_format: `"channels_last"`, for `(batch, depth, height, width, channels)`, or `"channels_first"`.
        **kwargs: as for every layer.

    Example:
        >>> ZeroPadding3D((1, 0, 2))(jnp.ones((1, 2, 2, 2, 1))).shape
        (1, 4, 2, 6, 1)
    """

    spatial_axes = 3


class _Cropping(SpatialLayer):
    """Base of layers that cut off the borders of their inputs.

    Args:
        cropping: how much before and behind, for all axes, for each, or as a pair for each.
        data_format: where the channels are.
        **kwargs: as for every layer.
    """

    def __init__(self, cropping: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self._pairs = check_pairs(type(self).__name__, "cropping", cropping, self.spatial_axes)
        self.cropping: Any = self._pairs[0] if self.spatial_axes == 1 else self._pairs

    def new_size(self, index: int, size: int, shape: Sequence[int | None]) -> int:
        """The size without the borders."""
        left = size - sum(self._pairs[index])
        if isinstance(left, int) and left <= 0:  # else it is a symbol
            raise ShapeError(
                f"{type(self).__name__} '{self.name}' cuts {self._pairs[index]} off axis {self.places[index]}, which "
                f"leaves nothing of inputs of shape {tuple(shape)}.",
                hint="crop less than the size of the axis.",
            )
        return left

    def call(self, inputs: Any) -> jax.Array:
        """The inputs without their borders."""
        self.compute_output_shape(inputs.shape)
        kept = [slice(None)] * inputs.ndim
        for place, (before, behind) in zip(self.places, self._pairs, strict=True):
            kept[place] = slice(before, -behind or None)
        return inputs[tuple(kept)]


@builtin("layers")
class Cropping1D(_Cropping):
    """Cuts off the ends of sequences `(batch, steps, features)`.

    Args:
        cropping: how many steps, for both sides or as `(before, behind)`.
        **kwargs: as for every layer.

    Raises:
        ShapeError: when called on shorter sequences.

    Example:
        >>> Cropping1D((1, 0))(jnp.arange(3.0).reshape(1, 3, 1))[0, :, 0]
        Array([1., 2.], dtype=float32)
    """

    spatial_axes = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(cropping, "channels_last", **kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {name: value for name, value in super().get_config().items() if name != "data_format"}


@builtin("layers")
class Cropping2D(_Cropping):
    """Cuts off the borders of images.

    Args:
        cropping: how much, for all sides, as `(height, width)`, or as `((top, bottom), (left, right))`.
        data_format: `"channels_last"`, for `(batch, height, width, channels)`, or `"channels_first"`.
        **kwargs: as for every layer.

    Raises:
        ShapeError: when called on smaller images.

    Example:
        >>> Cropping2D(((1, 0), (0, 2)))(jnp.ones((1, 4, 4, 1))).shape
        (1, 3, 2, 1)
    """

    spatial_axes = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(cropping, data_format, **kwargs)


@builtin("layers")
class Cropping3D(_Cropping):
    """Cuts off the borders of volumes.

    Args:
        cropping: how much, for all sides, one for each axis, or a pair for each axis.
        data_format: `"channels_last"`, for `(batch, depth, height, width, channels)`, or `"channels_first"`.
        **kwargs: as for every layer.

    Raises:
        ShapeError: when called on smaller volumes.

    Example:
        >>> Cropping3D((1, 0, 1))(jnp.ones((1, 4, 4, 4, 1))).shape
        (1, 2, 4, 2, 1)
    """

    spatial_axes = 3

    def __init__(self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(cropping, data_format, **kwargs)
