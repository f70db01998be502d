"""Adam."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.optimizers.moments import MomentOptimizer, adam_move, running_means


@builtin("optimizers", "adam")
class Adam(MomentOptimizer):
    """Follows a running mean of the gradients, divided by the root of a running mean of their squares.

    Args:
        learning_rate: a number, or a schedule.
        beta_1: how much of the mean stays at each step.
        beta_2: how much of the mean square stays at each step.
        epsilon: added to the root; the paper's "epsilon hat"; `lamina.config.epsilon()` if it is `None`.
        amsgrad: whether to divide by the largest mean square so far.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a beta outside of [0, 1).

    Example:
        >>> from lamina.core.variable import Variable
        >>> w = Variable([1.0])
        >>> Adam(0.1).apply([[2.0]], [w])
        >>> w.numpy().round(4)
        array([0.9], dtype=float32)

    Reference:
        Kingma & Ba, 2014, "Adam: a method for stochastic optimization", the form before section 2.1.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        amsgrad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **kwargs)
        self.amsgrad = bool(amsgrad)

    def slots(self) -> Sequence[str | tuple[str, ...]]:
        """The two running means, and the largest of the second if wanted."""
        return (("momentum", "velocity"), *(["velocity_hat"] if self.amsgrad else []))

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`m` and `v` move towards `g` and `g ** 2`; then `value - rate_t * m / (sqrt(v) + epsilon)`."""
        m, v = running_means(gradient, slots, self.one_minus_beta_1, self.one_minus_beta_2)
        new = {"momentum": m, "velocity": v}
        if self.amsgrad:
            v = new["velocity_hat"] = jnp.maximum(slots["velocity_hat"], v)
        left = self.power_of(self.beta_1, m), self.power_of(self.beta_2, v)
        return value - adam_move(m, v, rate, *left, self.epsilon), new
