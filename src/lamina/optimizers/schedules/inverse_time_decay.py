"""Inverse time decay."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.hyperparameter import Hyperparameter
from lamina.core.serialization import builtin
from lamina.core.validate import above_zero, not_negative
from lamina.optimizers.schedules.schedule import LearningRateSchedule


@builtin("optimizers.schedules")
class InverseTimeDecay(LearningRateSchedule):
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

    initial_learning_rate = Hyperparameter(not_negative)
    decay_steps = Hyperparameter(above_zero)
    decay_rate = Hyperparameter(not_negative)

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def at(self, step: jax.Array) -> Any:
        times = step / self.decay_steps
        return self.initial_learning_rate / (1 + self.decay_rate * (jnp.floor(times) if self.staircase else times))
