"""Rescaling: inputs times a number, plus another."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.serialization import builtin
from lamina.core.validate import numeric
from lamina.layers.preprocessing.preparation_layer import PreparationLayer


@builtin("layers")
class Rescaling(PreparationLayer):
    """`inputs * scale + offset`: bytes to [0, 1] with `Rescaling(1 / 255)`.

    Args:
        scale: a number, or one per channel.
        offset: likewise.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for what is no number.

    Example:
        >>> Rescaling(0.5, offset=1.0)(jnp.array([[2, 4]], "uint8"))
        Array([[2., 3.]], dtype=float32)
    """

    row_independent = True
    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = numeric("Rescaling", "scale", scale)
        self.offset = numeric("Rescaling", "offset", offset)

    def call(self, inputs: Any) -> jax.Array:
        """The inputs, to scale, in the compute dtype."""
        dtype = self.compute_dtype
        scale = jnp.asarray(self.scale, dtype)
        if scale.ndim and config.image_data_format() == "channels_first":
            scale = scale.reshape(scale.shape + (1,) * (3 - scale.ndim))
        return jnp.asarray(inputs, dtype) * scale + jnp.asarray(self.offset, dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape
