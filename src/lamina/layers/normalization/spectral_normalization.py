"""Spectral normalization: a layer's kernel is divided by its largest singular value."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina import initializers
from lamina.core import config
from lamina.core.errors import ArgumentError
from lamina.core.frame import current_frame
from lamina.core.serialization import builtin
from lamina.core.validate import positive_int
from lamina.layers.input_spec import InputSpec
from lamina.layers.layer import Layer
from lamina.layers.normalization.unit_normalization import unit
from lamina.layers.wrapper import Wrapper


@builtin("layers")
class SpectralNormalization(Wrapper):
    """Divides the kernel of a layer by its largest singular value in training, as is done for the critics of GANs.

    The value is estimated by power iteration, which goes on from step to step. Called with `training=True`
    outside of a program, the layer keeps the divided kernel, as Keras does; in `fit` the optimizer has the
    last word on it.

    Args:
        layer: one with a `kernel`, or with `embeddings`.
        power_iterations: per call.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: if the layer has neither, or for less than one iteration.

    Example:
        >>> from lamina.layers.dense import Dense
        >>> layer = SpectralNormalization(Dense(1, kernel_initializer="ones"))
        >>> round(float(layer(jnp.ones((1, 4)), training=True)[0, 0]), 4)
        2.0

    Reference:
        Miyato et al., 2018, "Spectral normalization for generative adversarial networks".
    """

    row_independent = True  # the layer inside is asked, too

    def __init__(self, layer: Layer, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = positive_int("SpectralNormalization", "power_iterations", power_iterations)

    def build(self, input_shape: Any) -> None:
        """Builds the layer, and makes the vector that the iteration starts from.

        Args:
            input_shape: of the inputs.
        """
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        kernel = getattr(self.layer, "kernel", None)
        self.kernel: Any = getattr(self.layer, "embeddings", None) if kernel is None else kernel
        if self.kernel is None:
            raise ArgumentError(
                f"SpectralNormalization '{self.name}' wraps {type(self.layer).__name__} '{self.layer.name}', which has "
                "neither a kernel nor embeddings."
            )
        self.vector_u = self.add_weight(
            (1, self.kernel.shape[-1]),
            initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
            name="vector_u",
            dtype=self.kernel.dtype,
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The outputs of the layer, with a normalized kernel in training."""
        inputs = self.as_floats(inputs)
        if not training:
            return self._outputs(inputs)
        before = self.kernel.value
        self.kernel.assign(self._divided(before))
        outputs = self._outputs(inputs)
        if current_frame() is not None:
            self.kernel.assign(before)
        return outputs

    def _outputs(self, inputs: Any) -> jax.Array:
        return self.layer(inputs).astype(inputs.dtype)

    def _divided(self, kernel: jax.Array) -> jax.Array:
        """The kernel over its largest singular value; one of zeros stays as it is."""
        matrix = jnp.reshape(kernel, (-1, kernel.shape[-1]))
        u = self.vector_u.value
        for _ in range(self.power_iterations):
            v = unit(u @ matrix.T, None, config.epsilon())
            u = unit(v @ matrix, None, config.epsilon())
        u, v = jax.lax.stop_gradient((u, v))  # type: ignore[possibly-undefined]
        sigma = (v @ matrix @ u.T)[0, 0]
        zeros = jnp.all(kernel == 0)
        self.vector_u.assign(jnp.where(zeros, self.vector_u.value, u))
        return jnp.where(zeros, kernel, kernel / jnp.where(zeros, 1.0, sigma))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the layer's outputs."""
        return self.layer.compute_output_shape(input_shape)
