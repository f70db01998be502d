"""What decays by the same measure every so many steps."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.hyperparameter import Hyperparameter
from lamina.core.validate import above_zero, not_negative
from lamina.optimizers.schedules.schedule import LearningRateSchedule


class SteadyDecay(LearningRateSchedule):
    """Base of schedules that go by how many times `decay_steps` steps have passed.

    Args:
        initial_learning_rate: at step 0.
        decay_steps: how many steps are one time.
        decay_rate: what a time does to the rate.
        staircase: whether only whole times count.
        name: for configs; the class's when left out.
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
        name: str | None = None,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = type(self).__name__ if name is None else name

    def times(self, step: jax.Array) -> Any:
        """How many times `decay_steps` steps have passed."""
        times = step / self.decay_steps
        return jnp.floor(times) if self.staircase else times
