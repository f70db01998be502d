"""Dropout: noise that keeps units from relying on each other."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.hyperparameter import Complement, Hyperparameter, is_off
from lamina.core.seeds import SeedGenerator
from lamina.core.serialization import builtin
from lamina.core.validate import fraction
from lamina.layers.input_spec import InputSpec, describe
from lamina.layers.layer import Layer
from lamina.layers.spatial import check_data_format
from lamina.ops.random import keep_or_zero


@builtin("layers")
class Dropout(Layer):
    """Sets a share of the inputs to zero in training, and scales the others by `1 / (1 - rate)`.

    A model called with `training=True` outside of `fit` draws anew at each call: the mean and the spread
    of many such calls are those of Monte Carlo dropout.

    Args:
        rate: the share, from 0 to 1.
        noise_shape: where one draw serves a whole axis, 1; `None` for the input's own size.
        seed: an integer; drawn when left out.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for a rate outside of [0, 1].

    Example:
        >>> Dropout(0.5, seed=1)(jnp.ones((1, 8)), training=True)
        Array([[2., 0., 0., 2., 0., 2., 0., 0.]], dtype=float32)

    Reference:
        Srivastava et al., 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    """

    row_independent = True
    supports_masking = True
    rate = Hyperparameter()
    keep = Complement("rate")

    def __init__(
        self, rate: float, noise_shape: Sequence[int | None] | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate = fraction(type(self).__name__, "rate", rate, closed=True)
        self.noise_shape = check_noise_shape(type(self).__name__, noise_shape)
        self.seed = seed
        if self.rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> jax.Array:
        """The inputs, thinned out in training."""
        inputs = self.as_floats(inputs)
        if not training or is_off(self.rate):
            return inputs
        if is_off(self.keep):
            return jnp.zeros_like(inputs)
        return keep_or_zero(inputs, self.keep, self.seed_generator.next(), self._shape_of_noise(inputs))

    def _shape_of_noise(self, inputs: Any) -> list[int]:
        """How many draws there are along each axis."""
        return fitting_noise_shape(self, self.noise_shape, inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape


def check_noise_shape(owner: str, shape: Any) -> tuple[int | None, ...] | None:
    """The shape as a tuple of positive integers and `None`.

    Args:
        owner: the name of the class, for messages.
        shape: as it was given.

    Raises:
        ArgumentError: if it is anything else.
    """
    if shape is None:
        return None
    if not isinstance(shape, list | tuple) or any(n is not None and (type(n) is not int or n < 1) for n in shape):
        raise ArgumentError(
            f"{owner}: noise_shape must be a tuple of positive integers and None. Received: noise_shape={shape!r}",
            hint="1 for an axis that shares its draws, None for one that does not: (None, 1, None).",
        )
    return tuple(shape)


def fitting_noise_shape(layer: Layer, shape: Sequence[int | None] | None, inputs: Any) -> list[int]:
    """A noise shape with the sizes of the inputs in place of `None`.

    Args:
        layer: whose it is, for messages.
        shape: as it was given; `None` for the inputs' own.
        inputs: what the noise is for.

    Raises:
        ShapeError: if it does not fit the inputs.
    """
    if shape is None:
        return list(inputs.shape)
    filled = [own if size is None else size for own, size in zip(inputs.shape, shape, strict=False)]
    if len(shape) != inputs.ndim or any(n not in (1, own) for n, own in zip(filled, inputs.shape, strict=True)):
        raise ShapeError(
            f"{type(layer).__name__} '{layer.name}' has the noise_shape {tuple(shape)}, which does not fit inputs "
            f"{describe(inputs)}.",
            hint="give one entry per axis, the batch first: None, 1 or the axis's own size.",
        )
    return filled


class _SpatialDropout(Dropout):
    """Base of layers that drop whole channels.

    Args:
        rate: the share of the channels, from 0 to 1.
        data_format: `"channels_last"` or `"channels_first"`.
        seed: an integer; drawn when left out.
        **kwargs: as for every layer.
    """

    spatial_axes = 0

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate, seed=seed, **kwargs)
        self.data_format = check_data_format(type(self).__name__, data_format)
        self.input_spec = InputSpec(ndim=self.spatial_axes + 2)

    def _shape_of_noise(self, inputs: Any) -> list[int]:
        channels = 1 if self.data_format == "channels_first" else inputs.ndim - 1
        return [size if axis in (0, channels) else 1 for axis, size in enumerate(inputs.shape)]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, in Keras's short form."""
        name = self.own_policy.name
        config = {"rate": self.rate, "seed": self.seed, "name": self.name, "dtype": name}
        if not self.trainable:
            config["trainable"] = False
        return config if self.spatial_axes == 1 else {**config, "data_format": self.data_format}


@builtin("layers")
class SpatialDropout1D(_SpatialDropout):
    """Sets whole channels of sequences to zero in training, and scales the others by `1 / (1 - rate)`.

    Args:
        rate: the share of the channels, from 0 to 1.
        seed: an integer; drawn when left out.
        **kwargs: as for every layer.

    Example:
        >>> SpatialDropout1D(0.5, seed=1)(jnp.ones((1, 2, 4)), training=True)
        Array([[[2., 0., 0., 2.],
                [2., 0., 0., 2.]]], dtype=float32)

    Reference:
        Tompson et al., 2015, "Efficient object localization using convolutional networks".
    """

    spatial_axes = 1

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate, "channels_last", seed, **kwargs)


@builtin("layers")
class SpatialDropout2D(_SpatialDropout):
    """Sets whole channels of images to zero in training, and scales the others by `1 / (1 - rate)`.

    Args:
        rate: the share of the channels, from 0 to 1.
        data_format: `"channels_last"`, for `(batch, height, width, channels)`, or `"channels_first"`.
        seed: an integer; drawn when left out.
        **kwargs: as for every layer.

    Example:
        >>> SpatialDropout2D(0.5, seed=1)(jnp.ones((1, 3, 3, 4)), training=True)[0, 2, 1]
        Array([2., 0., 0., 2.], dtype=float32)
    """

    spatial_axes = 2


@builtin("layers")
class SpatialDropout3D(_SpatialDropout):
    """Sets whole channels of volumes to zero in training, and scales the others by `1 / (1 - rate)`.

    Args:
        rate: the share of the channels, from 0 to 1.
        data_format: `"channels_last"`, for `(batch, depth, height, width, channels)`, or `"channels_first"`.
        seed: an integer; drawn when left out.
        **kwargs: as for every layer.

    Example:
        >>> SpatialDropout3D(0.5, seed=1)(jnp.ones((1, 3, 3, 2, 4)), training=True)[0, 2, 1, 0]
        Array([2., 0., 0., 2.], dtype=float32)
    """

    spatial_axes = 3
