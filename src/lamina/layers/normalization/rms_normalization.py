"""RMS normalization: each example is divided by its root mean square."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.core.validate import not_negative
from lamina.layers.normalization.axes import AxisNormalization, sizes_along, widened


@builtin("layers")
class RMSNormalization(AxisNormalization):
    """Divides each example by its root mean square along some axes, and scales it.

    Args:
        axis: one or several, along which to normalize, and of `scale`.
        epsilon: added to the mean square.
        **kwargs: as for every layer.

    Raises:
        ArgumentTypeError: for an axis that is no integer.

    Example:
        >>> RMSNormalization(epsilon=0.0)(jnp.array([[1.0, -1.0, 1.0]]))
        Array([[ 1., -1.,  1.]], dtype=float32)

    Reference:
        Zhang and Sennrich, 2019, "Root mean square layer normalization".
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(axis, **kwargs)
        self.epsilon = not_negative("RMSNormalization", "epsilon", epsilon)

    def build(self, input_shape: Any) -> None:
        """Makes the scale.

        Args:
            input_shape: of the inputs; the axes must be known.
        """
        self.axis = sorted([self.axis] if isinstance(self.axis, int) else self.axis)
        self.scale = self.add_weight(sizes_along(self, self.axis, input_shape), "ones", name="scale")

    def call(self, inputs: Any) -> jax.Array:
        """The inputs, normalized."""
        inputs = self.as_floats(inputs)
        x = widened(inputs)
        factor = jax.lax.rsqrt(jnp.mean(jnp.square(x), self.axes_of(x), keepdims=True) + self.epsilon)
        scale = jnp.reshape(self.scale.value, self.along(x)).astype(x.dtype)
        return (x * factor * scale).astype(inputs.dtype)
