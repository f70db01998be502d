"""Activation functions as layers."""

from typing import Any

import jax

from lamina import activations
from lamina.core.serialization import builtin
from lamina.layers.layer import Layer


@builtin("layers")
class Activation(Layer):
    """Applies an activation function.

    Args:
        activation: by name or as a function.
        **kwargs: as for every layer.

    Example:
        >>> import jax.numpy as jnp
        >>> Activation("relu")(jnp.array([-1.0, 1.0]))
        Array([0., 1.], dtype=float32)
    """

    row_independent = True
    supports_masking = True

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> jax.Array:
        """The function of the inputs."""
        return self.activation(self.as_floats(inputs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape
