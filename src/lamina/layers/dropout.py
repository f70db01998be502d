"""Dropout: noise that keeps units from relying on each other."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.hyperparameter import Complement, Hyperparameter, is_off
from lamina.core.seeds import SeedGenerator
from lamina.core.serialization import builtin
from lamina.core.validate import fraction
from lamina.layers.layer import Layer
from lamina.ops.random import keep_or_zero


@builtin("layers")
class Dropout(Layer):
    """Sets a share of the inputs to zero in training, and scales the others by `1 / (1 - rate)`.

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
        self.rate = fraction("Dropout", "rate", rate, closed=True)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
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
        return keep_or_zero(inputs, self.keep, self.seed_generator.next(), self.noise_shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape
