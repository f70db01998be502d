"""Cosine decay."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.hyperparameter import Hyperparameter, is_off
from lamina.core.serialization import builtin
from lamina.core.validate import above_zero, not_negative, optional
from lamina.optimizers.schedules.schedule import LearningRateSchedule


@builtin("optimizers.schedules")
class CosineDecay(LearningRateSchedule):
    """Falls along half a wave of the cosine, after a linear warm-up if wanted.

    Args:
        initial_learning_rate: at step 0.
        decay_steps: how long the fall takes, steps.
        alpha: the share of the highest rate that is left at its end.
        name: for configs.
        warmup_target: the rate to rise to first; no warm-up when left out.
        warmup_steps: how long the rise takes, steps.

    Raises:
        ArgumentError: for numbers out of range.

    Example:
        >>> CosineDecay(0.0, decay_steps=100, warmup_target=0.1, warmup_steps=10)([0, 5, 10, 60, 110])
        Array([0.  , 0.05, 0.1 , 0.05, 0.  ], dtype=float32)

    Reference:
        Loshchilov & Hutter, 2016, "SGDR: stochastic gradient descent with warm restarts", eq. 5;
        Goyal et al., 2017, "Accurate, large minibatch SGD", section 2.2.
    """

    initial_learning_rate = Hyperparameter(not_negative)
    decay_steps = Hyperparameter(above_zero)
    alpha = Hyperparameter(not_negative)
    warmup_target = Hyperparameter(optional(not_negative))
    warmup_steps = Hyperparameter(not_negative)

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def at(self, step: jax.Array) -> Any:
        if self.warmup_target is None:
            return self._fall(step, self.initial_learning_rate)
        if is_off(self.warmup_steps):
            return self._fall(step, self.warmup_target)
        rise = self.warmup_target - self.initial_learning_rate
        rising = rise * (step / self.warmup_steps) + self.initial_learning_rate
        return jnp.where(step < self.warmup_steps, rising, self._fall(step - self.warmup_steps, self.warmup_target))

    def _fall(self, step: jax.Array, start: Any) -> Any:
        wave = 0.5 * (1.0 + jnp.cos(jnp.pi * (jnp.minimum(step, self.decay_steps) / self.decay_steps)))
        return start * ((1 - self.alpha) * wave + self.alpha)
