"""Power scheduling."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.hyperparameter import Hyperparameter
from lamina.core.serialization import builtin
from lamina.core.validate import above_zero, not_negative
from lamina.optimizers.schedules.schedule import LearningRateSchedule


@builtin("optimizers.schedules", "powerscheduling")
class PowerDecay(LearningRateSchedule):
    """Falls fast at first, then ever more slowly: to a half after `s` steps, a third after `2 s`, and so on.

    The rate is `initial_learning_rate / (1 + step / decay_steps) ** power`. With a power of one this is
    what Keras 2 did for `decay=1 / decay_steps`.

    Args:
        initial_learning_rate: at step 0.
        decay_steps: `s`, steps.
        power: of the divisor.
        name: for configs.

    Raises:
        ArgumentError: for numbers out of range.

    Example:
        >>> PowerDecay(0.12, decay_steps=100)(200)
        Array(0.04, dtype=float32)
    """

    initial_learning_rate = Hyperparameter(not_negative)
    decay_steps = Hyperparameter(above_zero)
    power = Hyperparameter(above_zero)

    def __init__(
        self, initial_learning_rate: float, decay_steps: float, power: float = 1.0, name: str = "PowerDecay"
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.power = power
        self.name = name

    def at(self, step: jax.Array) -> Any:
        return self.initial_learning_rate / jnp.power(1 + step / self.decay_steps, self.power)
