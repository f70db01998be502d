"""Layer normalization: each example is brought to mean 0 and deviation 1."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.core.tracebacks import warn_user
from lamina.layers.normalization.affine import AffineNormalization, as_affine, normalized
from lamina.layers.normalization.axes import sizes_along, widened


@builtin("layers")
class LayerNormalization(AffineNormalization):
    """Brings each example to mean 0 and deviation 1 along some axes, then scales and shifts it.

    Args:
        axis: one or several, along which to normalize, and of `gamma` and `beta`.
        epsilon: added to the variance.
        center: whether to learn the offset `beta`.
        scale: whether to learn the scale `gamma`.
        beta_initializer: of `beta`.
        gamma_initializer: of `gamma`.
        beta_regularizer: a penalty on `beta`.
        gamma_regularizer: a penalty on `gamma`.
        beta_constraint: what `beta` is brought back to after each step.
        gamma_constraint: likewise for `gamma`.
        rms_scaling: an old form, which divides by the deviation without taking the mean away; use
            `RMSNormalization` instead.
        **kwargs: as for every layer.

    Raises:
        ArgumentTypeError: for an axis that is no integer.

    Example:
        >>> LayerNormalization(epsilon=0.0)(jnp.array([[1.0, 3.0]]))
        Array([[-1.,  1.]], dtype=float32)

    Reference:
        Ba et al., 2016, "Layer normalization".
    """

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        *,
        rms_scaling: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis, epsilon, center, scale, **kwargs)
        if rms_scaling:
            warn_user(
                "rms_scaling=True divides by the standard deviation, not by the root mean square. "
                "Use layers.RMSNormalization for that."
            )
        self.rms_scaling = rms_scaling
        self.autocast = False

    def build(self, input_shape: Any) -> None:
        """Makes the weights.

        Args:
            input_shape: of the inputs; the axes must be known.
        """
        self.axis = sorted([self.axis] if isinstance(self.axis, int) else self.axis)
        sizes = sizes_along(self, self.axis, input_shape)
        self.add_affine(sizes, scale=self.scale or self.rms_scaling, center=self.center and not self.rms_scaling)

    def call(self, inputs: Any) -> jax.Array:
        """The inputs, normalized."""
        x = widened(inputs)
        axes, shape = self.axes_of(x), self.along(x)
        gamma, beta = as_affine(self.gamma, shape, x.dtype), as_affine(self.beta, shape, x.dtype)
        mean = jnp.zeros((), x.dtype) if self.rms_scaling else jnp.mean(x, axes, keepdims=True)
        outputs = normalized(x, mean, jnp.var(x, axes, keepdims=True), gamma, beta, self.epsilon)
        return outputs.astype(self.compute_dtype)
