"""Polynomial decay."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.hyperparameter import Hyperparameter
from lamina.core.serialization import builtin
from lamina.core.validate import above_zero, not_negative
from lamina.optimizers.schedules.schedule import LearningRateSchedule


@builtin("optimizers.schedules")
class PolynomialDecay(LearningRateSchedule):
    """Goes from one rate to another, along a power of the steps that are left.

    Args:
        initial_learning_rate: at step 0.
        decay_steps: when the end is reached, steps.
        end_learning_rate: from then on.
        power: 1 for a straight line.
        cycle: whether to start anew, from where the line has come to be, each time the end is reached; the
            stretch to the end is then the next multiple of `decay_steps`.
        name: for configs.

    Raises:
        ArgumentError: for numbers out of range.

    Example:
        >>> PolynomialDecay(0.1, decay_steps=100, end_learning_rate=0.0)([0, 50, 200])
        Array([0.1 , 0.05, 0.  ], dtype=float32)
    """

    initial_learning_rate = Hyperparameter(not_negative)
    decay_steps = Hyperparameter(above_zero)
    end_learning_rate = Hyperparameter(not_negative)
    power = Hyperparameter(not_negative)

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def at(self, step: jax.Array) -> Any:
        steps = self.decay_steps
        if self.cycle:
            steps = steps * jnp.where(step == 0, 1.0, jnp.ceil(step / steps))
        left = 1 - jnp.minimum(step, steps) / steps
        fall = self.initial_learning_rate - self.end_learning_rate
        return fall * jnp.power(left, self.power) + self.end_learning_rate
