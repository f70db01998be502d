"""Adagrad."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.core.validate import not_negative
from lamina.core.variable import Variable
from lamina.initializers import Constant
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.settings import Setting, epsilon_check


@builtin("optimizers", "adagrad")
class Adagrad(Optimizer):
    """Divides each gradient by the root of the sum of all its squares so far.

    Args:
        learning_rate: a number, or a schedule.
        initial_accumulator_value: what the sums start from.
        epsilon: added to the sums; `lamina.config.epsilon()` if it is `None`.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a number out of range.

    Example:
        >>> w = Variable([1.0])
        >>> Adagrad(0.1, initial_accumulator_value=0.0).apply([[2.0]], [w])
        >>> w.numpy()
        array([0.9], dtype=float32)

    Reference:
        Duchi et al., 2011, "Adaptive subgradient methods for online learning and stochastic optimization".
    """

    epsilon: Any = Setting(epsilon_check)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float | None = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.initial_accumulator_value = not_negative(
            type(self).__name__, "initial_accumulator_value", initial_accumulator_value
        )
        self.epsilon = epsilon

    def slots(self) -> Sequence[str]:
        """The sum of squares."""
        return ("accumulator",)

    def make_slot(self, name: str, variable: Variable) -> Variable:
        return self.add_variable_from_reference(variable, name, Constant(self.initial_accumulator_value))

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`s = s + g ** 2`; then `value - rate * g / sqrt(s + epsilon)`."""
        total = slots["accumulator"] + jnp.square(gradient)
        return value - rate * gradient / jnp.sqrt(total + self.epsilon), {"accumulator": total}
