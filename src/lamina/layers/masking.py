"""Masking: steps that are to be left out."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.core.validate import numeric
from lamina.layers.layer import Layer


@builtin("layers")
class Masking(Layer):
    """Masks the steps of sequences whose features all have a certain value, and sets them to zero.

    Args:
        mask_value: the value of features in steps that do not count.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for a value that is no number.

    Example:
        >>> from lamina.core.masking import mask_of
        >>> mask_of(Masking()(jnp.array([[[1.0, 0.0], [0.0, 0.0]]])))
        Array([[ True, False]], dtype=bool)
    """

    row_independent = True

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = numeric("Masking", "mask_value", mask_value)
        self.built = True

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> jax.Array:
        """True for steps of which any feature differs from `mask_value`."""
        del previous_mask
        return jnp.any(inputs != self.mask_value, axis=-1)

    def call(self, inputs: Any) -> jax.Array:
        """The inputs, with zeros in the steps that are masked."""
        inputs = self.as_floats(inputs)
        return jnp.where(self.compute_mask(inputs)[..., None], inputs, jnp.zeros((), inputs.dtype))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape
