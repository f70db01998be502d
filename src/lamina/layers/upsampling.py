"""Sequences, images and volumes made larger."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentTypeError
from lamina.core.serialization import builtin
from lamina.core.validate import one_of
from lamina.layers.spatial import SpatialLayer, check_sizes

_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


class _UpSampling(SpatialLayer):
    """Base of layers that enlarge their inputs by whole factors.

    Args:
        size: the factor, for all axes or for each.
        data_format: where the channels are.
        **kwargs: as for every layer.
    """

    def __init__(self, size: Any = 2, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self._factors = check_sizes(type(self).__name__, "size", size, self.spatial_axes, 1)
        self.size: Any = self._factors[0] if self.spatial_axes == 1 else self._factors

    def new_size(self, index: int, size: int, shape: Sequence[int | None]) -> int:
        """The size times its factor."""
        del shape
        return size * self._factors[index]

    def call(self, inputs: Any) -> jax.Array:
        """The inputs, each entry repeated."""
        for place, factor in zip(self.places, self._factors, strict=True):
            inputs = jnp.repeat(inputs, factor, axis=place)
        return inputs


@builtin("layers")
class UpSampling1D(_UpSampling):
    """Repeats each step of sequences `(batch, steps, features)`.

    Args:
        size: how often.
        **kwargs: as for every layer.

    Example:
        >>> UpSampling1D(2)(jnp.arange(2.0).reshape(1, 2, 1))[0, :, 0]
        Array([0., 0., 1., 1.], dtype=float32)
    """

    spatial_axes = 1

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        if type(size) is not int:
            raise ArgumentTypeError(f"UpSampling1D: size must be a positive integer. Received: size={size!r}")
        super().__init__(size, "channels_last", **kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {name: value for name, value in super().get_config().items() if name != "data_format"}


@builtin("layers")
class UpSampling2D(_UpSampling):
    """Enlarges images.

    Args:
        size: the factor, or `(height, width)`.
        data_format: `"channels_last"`, for `(batch, height, width, channels)`, or `"channels_first"`.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for another interpolation.

    Example:
        >>> UpSampling2D((1, 2), interpolation="bilinear")(jnp.array([[[[0.0], [4.0]]]]))[0, 0, :, 0]
        Array([0., 1., 3., 4.], dtype=float32)
    """

    spatial_axes = 2

    def __init__(
        self, size: Any = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any
    ) -> None:
        super().__init__(size, data_format, **kwargs)
        interpolation = interpolation.lower() if isinstance(interpolation, str) else interpolation
        self.interpolation = one_of("UpSampling2D", "interpolation", interpolation, _INTERPOLATIONS)

    def call(self, inputs: Any) -> jax.Array:
        """The inputs, enlarged."""
        if self.interpolation == "nearest":
            return super().call(inputs)
        shape = self.compute_output_shape(inputs.shape)
        return jax.image.resize(self.as_floats(inputs), shape, self.interpolation, antialias=False)

    def output_dtype(self, inputs: Any) -> str:
        """That of the inputs, where entries are repeated; floats otherwise."""
        floats = jnp.issubdtype(inputs.dtype, jnp.floating) or self.interpolation == "nearest"
        return inputs.dtype if floats else self.compute_dtype


@builtin("layers")
class UpSampling3D(_UpSampling):
    """Repeats the entries of volumes.

    Args:
        size: how often, or one number for each axis.
        data_format: `"channels_last"`, for `(batch, depth, height, width, channels)`, or `"channels_first"`.
        **kwargs: as for every layer.

    Example:
        >>> UpSampling3D((1, 2, 3))(jnp.ones((1, 2, 2, 2, 1))).shape
        (1, 2, 4, 6, 1)
    """

    spatial_axes = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(size, data_format, **kwargs)
