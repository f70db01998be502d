"""Cosine decay with restarts."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.hyperparameter import Hyperparameter
from lamina.core.serialization import builtin
from lamina.core.validate import above_zero, not_negative
from lamina.optimizers.schedules.schedule import LearningRateSchedule


@builtin("optimizers.schedules")
class CosineDecayRestarts(LearningRateSchedule):
    """Falls along half a wave of the cosine, again and again.

    Args:
        initial_learning_rate: at step 0.
        first_decay_steps: how long the first fall takes, steps.
        t_mul: how many times as long each fall takes as the one before.
        m_mul: how many times as high each starts.
        alpha: the share of the initial rate below which none falls.
        name: for configs.

    Raises:
        ArgumentError: for numbers out of range.

    Example:
        >>> CosineDecayRestarts(0.1, first_decay_steps=10)([0, 5, 10, 20, 30])
        Array([0.1 , 0.05, 0.1 , 0.05, 0.1 ], dtype=float32)

    Reference:
        Loshchilov & Hutter, 2016, "SGDR: stochastic gradient descent with warm restarts".
    """

    initial_learning_rate = Hyperparameter(not_negative)
    first_decay_steps = Hyperparameter(above_zero)
    m_mul = Hyperparameter(not_negative)
    alpha = Hyperparameter(not_negative)

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        # Of equal falls the number is a quotient, of growing ones a logarithm: other code.
        self.t_mul = above_zero("CosineDecayRestarts", "t_mul", t_mul)
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def at(self, step: jax.Array) -> Any:
        done = step / self.first_decay_steps
        if self.t_mul == 1:
            falls = jnp.floor(done)
            share = done - falls
        else:
            growth = jnp.asarray(self.t_mul, step.dtype)
            falls = jnp.floor(jnp.log(1.0 - done * (1.0 - growth)) / jnp.log(growth))
            before = (1.0 - growth**falls) / (1.0 - growth)
            share = (done - before) / growth**falls
        wave = 0.5 * jnp.power(jnp.asarray(self.m_mul, step.dtype), falls) * (1.0 + jnp.cos(jnp.pi * share))
        return self.initial_learning_rate * ((1 - self.alpha) * wave + self.alpha)
