"""Identity: a place for a layer that may come later."""

from typing import Any

import jax

from lamina.core.serialization import builtin
from lamina.core.symbolic import SymbolicTensor
from lamina.layers.layer import Layer


@builtin("layers")
class Identity(Layer):
    """Hands on what it gets: a tensor, or a structure of tensors.

    Args:
        **kwargs: as for every layer.

    Example:
        >>> import jax.numpy as jnp
        >>> Identity()(jnp.array([1.0]))
        Array([1.], dtype=float32)
    """

    row_independent = True
    supports_masking = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic tensors like the inputs."""
        inputs = args[0] if args else kwargs["inputs"]
        return jax.tree.map(lambda tensor: SymbolicTensor(tensor.shape, tensor.dtype), inputs)
