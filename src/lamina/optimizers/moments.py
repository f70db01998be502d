"""What Adam and its kin share: running means of gradients and of their squares."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.validate import fraction
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.settings import Remainder, Setting, epsilon_check


class MomentOptimizer(Optimizer):
    """Base of optimizers that go by two running means.

    Args:
        learning_rate: a number, or a schedule.
        beta_1: how much of the mean stays at each step.
        beta_2: how much of the mean square stays at each step.
        epsilon: keeps divisions finite; `lamina.config.epsilon()` if it is `None`.
        **kwargs: as for every optimizer.
    """

    beta_1: Any = Setting(fraction)
    beta_2: Any = Setting(fraction)
    epsilon: Any = Setting(epsilon_check)
    one_minus_beta_1: Any = Remainder("beta_1")
    one_minus_beta_2: Any = Remainder("beta_2")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def slots(self) -> Sequence[str | tuple[str, ...]]:
        """The two running means."""
        return (("momentum", "velocity"),)


def running_means(
    gradient: jax.Array, slots: dict[str, jax.Array], gain_1: Any, gain_2: Any
) -> tuple[jax.Array, jax.Array]:
    """The means, moved towards a gradient and its square.

    Args:
        gradient: of one variable.
        slots: the means as `"momentum"` and `"velocity"`.
        gain_1: the share of the way that the first mean moves.
        gain_2: the share of the way that the second one moves.
    """
    m, v = slots["momentum"], slots["velocity"]
    return m + (gradient - m) * gain_1, v + (jnp.square(gradient) - v) * gain_2


def adam_move(m: jax.Array, v: jax.Array, rate: jax.Array, left_1: Any, left_2: Any, epsilon: Any) -> jax.Array:
    """The step of Adam; the rate makes up for means that started from zero.

    Args:
        m: the mean of the gradients.
        v: the mean of their squares.
        rate: the learning rate.
        left_1: the share of `m` that its start still has.
        left_2: the share of `v` that its start still has.
        epsilon: added to the root.
    """
    return m * (rate * jnp.sqrt(1 - left_2) / (1 - left_1)) / (jnp.sqrt(v) + epsilon)
