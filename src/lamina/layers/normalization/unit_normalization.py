"""Unit normalization: each example is brought to length 1."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.layers.normalization.axes import AxisNormalization

_SHORTEST = 1e-12


def unit(x: jax.Array, axis: Any, shortest: float) -> jax.Array:
    """`x` at length 1 along the axes; what is shorter than `shortest` is divided by that.

    Args:
        x: any array.
        axis: one or several; all if `None`.
        shortest: above zero.
    """
    squares = jnp.sum(jnp.square(x), axis, keepdims=True)
    return x * jnp.minimum(jax.lax.rsqrt(squares), 1.0 / shortest)


@builtin("layers")
class UnitNormalization(AxisNormalization):
    """Scales each example to a Euclidean length of 1 along some axes.

    Args:
        axis: one or several.
        **kwargs: as for every layer.

    Raises:
        ArgumentTypeError: for an axis that is no integer.

    Example:
        >>> [round(float(v), 2) for v in UnitNormalization()(jnp.array([3.0, 4.0]))]
        [0.6, 0.8]
    """

    supports_masking = True

    def call(self, inputs: Any) -> jax.Array:
        """The inputs, scaled."""
        return unit(self.as_floats(inputs), self.axes_of(inputs), _SHORTEST)
