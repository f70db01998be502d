"""Inverse time decay."""

from typing import Any

import jax

from lamina.core.serialization import builtin
from lamina.optimizers.schedules.steady_decay import SteadyDecay


@builtin("optimizers.schedules")
class InverseTimeDecay(SteadyDecay):
    """Divides the rate by a number that grows steadily.

    Args:
        initial_learning_rate: at step 0.
        decay_steps: how many steps it takes for the divisor to grow by `decay_rate`, from 1.
        decay_rate: how much the divisor grows.
        staircase: whether it grows at the end of those steps at once, not steadily.
        name: for configs.

    Raises:
        ArgumentError: for numbers out of range.

    Example:
        >>> InverseTimeDecay(0.1, decay_steps=10, decay_rate=0.5)(20)
        Array(0.05, dtype=float32)
    """

    def at(self, step: jax.Array) -> Any:
        return self.initial_learning_rate / (1 + self.decay_rate * self.times(step))
