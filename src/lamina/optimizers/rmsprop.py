"""RMSprop."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.core.validate import closed_fraction
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.settings import Remainder, Setting, epsilon_check, given


@builtin("optimizers", "rmsprop")
class RMSprop(Optimizer):
    """Divides each gradient by the root of a running mean of its squares.

    Args:
        learning_rate: a number, or a schedule.
        rho: how much of the running mean stays at each step.
        momentum: the share of the last step that goes into the next one.
        epsilon: added to the mean of the squares; `lamina.config.epsilon()` if it is `None`.
        centered: whether to divide by the standard deviation instead.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a rho or momentum outside of [0, 1].

    Example:
        >>> from lamina.core.variable import Variable
        >>> w = Variable([1.0])
        >>> RMSprop(0.1, rho=0.75).apply([[2.0]], [w])
        >>> w.numpy()
        array([0.8], dtype=float32)

    Reference:
        Hinton, 2012, "Neural networks for machine learning", lecture 6e.
    """

    rho: Any = Setting(closed_fraction)
    one_minus_rho: Any = Remainder("rho")
    momentum: Any = Setting(closed_fraction)
    epsilon: Any = Setting(epsilon_check)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float | None = 1e-7,
        centered: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = bool(centered)

    def slots(self) -> Sequence[str]:
        """The mean square; the velocity with momentum; the mean if centered."""
        momentum = ["momentum"] if given(self, "momentum") else []
        return ("velocity", *momentum, *(["average_gradient"] if self.centered else []))

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`s = rho * s + (1 - rho) * g ** 2`; then `value - rate * g / sqrt(s + epsilon)`."""
        new = {"velocity": self.rho * slots["velocity"] + self.one_minus_rho * jnp.square(gradient)}
        spread = new["velocity"]
        if self.centered:
            mean = self.rho * slots["average_gradient"] + self.one_minus_rho * gradient
            new["average_gradient"] = mean
            spread = spread - jnp.square(mean)
        move = rate * gradient * jax.lax.rsqrt(spread + self.epsilon)
        if "momentum" in slots:
            move = new["momentum"] = self.momentum * slots["momentum"] + move
        return value - move, new
