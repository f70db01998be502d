"""Adadelta."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.core.validate import closed_fraction
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.settings import Remainder, Setting, epsilon_check


@builtin("optimizers", "adadelta")
class Adadelta(Optimizer):
    """Makes steps as large as the last ones were, in proportion to how large the gradients were.

    Args:
        learning_rate: a number, or a schedule; the paper's is 1.
        rho: how much of the running means stays at each step.
        epsilon: added to the mean squares; `lamina.config.epsilon()` if it is `None`.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a number out of range.

    Example:
        >>> from lamina.core.variable import Variable
        >>> w = Variable([1.0])
        >>> Adadelta(1.0, epsilon=0.25).apply([[2.0]], [w])
        >>> w.numpy().round(3)
        array([-0.491], dtype=float32)

    Reference:
        Zeiler, 2012, "Adadelta: an adaptive learning rate method", algorithm 1.
    """

    rho: Any = Setting(closed_fraction)
    one_minus_rho: Any = Remainder("rho")
    epsilon: Any = Setting(epsilon_check)

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float | None = 1e-7, **kwargs: Any
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.rho = rho
        self.epsilon = epsilon

    def slots(self) -> Sequence[tuple[str, ...]]:
        """The mean squares of gradients and of steps."""
        return (("accumulated_grad", "accumulated_delta_var"),)

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`move = -rms(moves) / rms(gradients) * g`; then `value + rate * move`."""
        gradients = self.rho * slots["accumulated_grad"] + self.one_minus_rho * jnp.square(gradient)
        moves = slots["accumulated_delta_var"]
        move = -jnp.sqrt(moves + self.epsilon) * gradient / jnp.sqrt(gradients + self.epsilon)
        moves = self.rho * moves + self.one_minus_rho * jnp.square(move)
        return value + rate * move, {"accumulated_grad": gradients, "accumulated_delta_var": moves}
