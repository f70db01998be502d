"""Layers that only move entries: Flatten and Reshape."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.serialization import builtin
from lamina.core.validate import one_of
from lamina.layers.input_spec import InputSpec
from lamina.layers.layer import Layer


@builtin("layers")
class Flatten(Layer):
    """Makes one long row of each example.

    Args:
        data_format: `"channels_last"` or `"channels_first"`, whose channels are moved to the end first.
        **kwargs: as for every layer.

    Example:
        >>> Flatten()(jnp.ones((2, 28, 28))).shape
        (2, 784)
    """

    row_independent = True

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format or config.image_data_format()
        one_of("Flatten", "data_format", self.data_format, ("channels_last", "channels_first"))
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> jax.Array:
        """`(batch, ...)` to `(batch, entries)`."""
        if self.data_format == "channels_first" and inputs.ndim > 1:
            inputs = jnp.moveaxis(inputs, 1, -1)
        return jnp.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The batch, and the product of the other axes."""
        rest = input_shape[1:]
        return (input_shape[0], None if None in rest else math.prod(rest))

    def output_dtype(self, inputs: Any) -> str:
        """That of the inputs."""
        return inputs.dtype


@builtin("layers")
class Reshape(Layer):
    """Gives each example another shape.

    Args:
        target_shape: without the batch; one axis may be -1, for what is left.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for more than one -1.
        ShapeError: when called on examples with another number of entries.

    Example:
        >>> Reshape((2, -1))(jnp.ones((5, 6))).shape
        (5, 2, 3)
    """

    row_independent = True

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(int(n) for n in target_shape)
        if self.target_shape.count(-1) > 1:
            raise ArgumentError(f"Reshape: only one axis may be -1. Received: target_shape={self.target_shape}")

    def call(self, inputs: Any) -> jax.Array:
        """`(batch, ...)` to `(batch, *target_shape)`."""
        return jnp.reshape(inputs, (inputs.shape[0], *self._resolved(inputs.shape[1:])))

    def _resolved(self, shape: Any) -> tuple[int | None, ...]:
        if None in shape:
            return tuple(None if n == -1 else n for n in self.target_shape)
        entries = math.prod(shape)
        known = -math.prod(self.target_shape) if -1 in self.target_shape else math.prod(self.target_shape)
        fits = known and entries % known == 0 if -1 in self.target_shape else entries == known
        if not fits:
            raise ShapeError(
                f"Reshape '{self.name}' cannot make {self.target_shape} of examples of shape {tuple(shape)}: "
                f"they have {entries} entries."
            )
        return tuple(entries // known if n == -1 else n for n in self.target_shape)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The batch, and the target shape."""
        return (input_shape[0], *self._resolved(input_shape[1:]))

    def output_dtype(self, inputs: Any) -> str:
        """That of the inputs."""
        return inputs.dtype
