"""Exponential decay."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.optimizers.schedules.steady_decay import SteadyDecay


@builtin("optimizers.schedules")
class ExponentialDecay(SteadyDecay):
    """Multiplies the rate by the same factor every so many steps.

    Args:
        initial_learning_rate: at step 0.
        decay_steps: how many steps it takes to be multiplied once.
        decay_rate: the factor.
        staircase: whether the rate falls at the end of those steps at once, not steadily.
        name: for configs.

    Raises:
        ArgumentError: for numbers out of range.

    Example:
        >>> ExponentialDecay(0.1, decay_steps=20, decay_rate=0.1)(20)
        Array(0.01, dtype=float32)
    """

    def at(self, step: jax.Array) -> Any:
        return self.initial_learning_rate * jnp.power(jnp.asarray(self.decay_rate, step.dtype), self.times(step))
