"""Exponential decay."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.hyperparameter import Hyperparameter
from lamina.core.serialization import builtin
from lamina.core.validate import above_zero, not_negative
from lamina.optimizers.schedules.schedule import LearningRateSchedule


@builtin("optimizers.schedules")
class ExponentialDecay(LearningRateSchedule):
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

    initial_learning_rate = Hyperparameter(not_negative)
    decay_steps = Hyperparameter(above_zero)
    decay_rate = Hyperparameter(not_negative)

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def at(self, step: jax.Array) -> Any:
        times = step / self.decay_steps
        return self.initial_learning_rate * jnp.power(
            jnp.asarray(self.decay_rate, step.dtype), jnp.floor(times) if self.staircase else times
        )
