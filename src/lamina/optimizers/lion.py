"""Lion."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError
from lamina.core.serialization import builtin
from lamina.core.validate import as_number, closed_fraction
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.settings import Setting


def _above_zero_to_one(owner: str, name: str, value: Any) -> float:
    if not 0 < as_number(value) <= 1:
        raise ArgumentError(
            f"{owner}: {name} must be a number above 0, up to 1. Received: {name}={value!r}",
            hint="with 0 only the sign of the last gradient would count.",
        )
    return as_number(value)


@builtin("optimizers", "lion")
class Lion(Optimizer):
    """Steps of one size in each direction: only the sign of a running mean of the gradients counts.

    Its rates are three to ten times smaller than Adam's, and its weight decay as many times larger.

    Args:
        learning_rate: a number, or a schedule.
        beta_1: how much of the mean counts for a step; the gradient has the rest.
        beta_2: how much of the mean stays at each step.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a number out of range.

    Example:
        >>> from lamina.core.variable import Variable
        >>> w = Variable([1.0])
        >>> Lion(0.1).apply([[2.0]], [w])
        >>> w.numpy()
        array([0.9], dtype=float32)

    Reference:
        Chen et al., 2023, "Symbolic discovery of optimization algorithms", algorithm 2.
    """

    beta_1: Any = Setting(_above_zero_to_one)
    beta_2: Any = Setting(closed_fraction)

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.99, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def slots(self) -> Sequence[str]:
        """The running mean."""
        return ("momentum",)

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`value - rate * sign(beta_1 * m + (1 - beta_1) * g)`; then `m` moves towards `g`."""
        # Rounded as Keras does, in the dtype of the variable: a sign may hang on it.
        beta_1, beta_2 = (jnp.asarray(beta, value.dtype) for beta in (self.beta_1, self.beta_2))
        m = slots["momentum"]
        move = rate * jnp.sign(m * beta_1 + gradient * (1.0 - beta_1))
        return value - move, {"momentum": m * beta_2 + gradient * (1.0 - beta_2)}
