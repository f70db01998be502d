"""Adamax."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.optimizers.moments import MomentOptimizer


@builtin("optimizers", "adamax")
class Adamax(MomentOptimizer):
    """Adam with the largest gradient of late in place of the root of the mean square.

    Args:
        learning_rate: a number, or a schedule.
        beta_1: how much of the mean stays at each step.
        beta_2: how much of the largest stays at each step.
        epsilon: added to the largest; `lamina.config.epsilon()` if it is `None`.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a number out of range.

    Example:
        >>> from lamina.core.variable import Variable
        >>> w = Variable([1.0])
        >>> Adamax(0.1).apply([[2.0]], [w])
        >>> w.numpy().round(4)
        array([0.9], dtype=float32)

    Reference:
        Kingma & Ba, 2014, "Adam: a method for stochastic optimization", section 7.1.
    """

    def slots(self) -> Sequence[tuple[str, ...]]:
        """The running mean, and the largest gradient of late."""
        return (("momentum", "norm"),)

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`m` moves towards `g`, `u = max(beta_2 * u, abs(g))`; then `value - rate_t * m / (u + epsilon)`."""
        m = slots["momentum"] + (gradient - slots["momentum"]) * self.one_minus_beta_1
        u = jnp.maximum(self.beta_2 * slots["norm"], jnp.abs(gradient))
        move = rate * m / ((1 - self.power_of(self.beta_1, m)) * (u + self.epsilon))
        return value - move, {"momentum": m, "norm": u}
