"""Linear warm-up in front of any schedule."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.hyperparameter import Hyperparameter
from lamina.core.serialization import builtin
from lamina.core.validate import above_zero, not_negative
from lamina.optimizers.schedules.schedule import LearningRateSchedule


@builtin("optimizers.schedules", "warmup")
class LinearWarmup(LearningRateSchedule):
    """Rises to where a schedule begins, and then follows it.

    Args:
        schedule: what comes after the rise: a schedule, whose first step is then, or a constant rate.
        warmup_steps: how long the rise takes, steps.
        initial_learning_rate: at step 0.
        name: for configs.

    Raises:
        ArgumentError: for numbers out of range.

    Example:
        >>> LinearWarmup(0.1, warmup_steps=10)([0, 5, 10, 20])
        Array([0.  , 0.05, 0.1 , 0.1 ], dtype=float32)
        >>> from lamina.optimizers.schedules import ExponentialDecay
        >>> LinearWarmup(ExponentialDecay(0.1, 10, 0.5), warmup_steps=10)([5, 10, 20])
        Array([0.05, 0.1 , 0.05], dtype=float32)
    """

    rate = Hyperparameter(not_negative)
    warmup_steps = Hyperparameter(above_zero)
    initial_learning_rate = Hyperparameter(not_negative)

    def __init__(
        self,
        schedule: Any,
        warmup_steps: float,
        initial_learning_rate: float = 0.0,
        name: str = "LinearWarmup",
    ) -> None:
        self.schedule = schedule
        if not isinstance(schedule, LearningRateSchedule):
            self.rate = schedule
        self.warmup_steps = warmup_steps
        self.initial_learning_rate = initial_learning_rate
        self.name = name

    def structure(self) -> list[Any]:
        """What a program is made of; a constant rate is a number like the others."""
        return [self.schedule if isinstance(self.schedule, LearningRateSchedule) else None]

    def at(self, step: jax.Array) -> Any:
        after = jnp.maximum(step - self.warmup_steps, 0)
        rate = self.schedule(after) if isinstance(self.schedule, LearningRateSchedule) else self.rate
        share = jnp.minimum(step / self.warmup_steps, 1)
        # Before the schedule begins, its number is that of its first step.
        return jnp.where(share < 1, self.initial_learning_rate + share * (rate - self.initial_learning_rate), rate)
