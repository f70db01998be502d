"""Constraints on the sign of weights."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.constraints.constraint import Constraint
from lamina.core.serialization import builtin
from lamina.ops.arrays import as_array


@builtin("constraints", "non_neg")
class NonNeg(Constraint):
    """Sets negative weights to zero.

    Example:
        >>> NonNeg()(jnp.array([-1.0, 2.0]))
        Array([0., 2.], dtype=float32)
    """

    def __call__(self, w: Any) -> jax.Array:
        """The weights, brought back."""
        return jnp.maximum(as_array(w), 0)
