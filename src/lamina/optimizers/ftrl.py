"""FTRL."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.core.validate import not_negative
from lamina.core.variable import Variable
from lamina.initializers import Constant
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.settings import Setting, not_positive


@builtin("optimizers", "ftrl")
class Ftrl(Optimizer):
    """Follow the regularized leader: for wide, sparse, shallow models; its L1 penalty makes weights exactly zero.

    Args:
        learning_rate: a number, or a schedule.
        learning_rate_power: zero for a rate that stays, negative for one that falls.
        initial_accumulator_value: what the sums of squares start from.
        l1_regularization_strength: of the penalty on absolute weights.
        l2_regularization_strength: of the penalty on squared weights.
        l2_shrinkage_regularization_strength: of a penalty on squared weights that is part of the gradient.
        beta: the paper's beta.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a number out of range.

    Example:
        >>> w = Variable([0.0])
        >>> Ftrl(0.1, initial_accumulator_value=0.0).apply([[2.0]], [w])
        >>> w.numpy()
        array([-0.1], dtype=float32)

    Reference:
        McMahan et al., 2013, "Ad click prediction: a view from the trenches", algorithm 1.
    """

    learning_rate_power: Any = Setting(not_positive)
    l1_regularization_strength: Any = Setting(not_negative)
    l2_regularization_strength: Any = Setting(not_negative)
    l2_shrinkage_regularization_strength: Any = Setting(not_negative)
    beta: Any = Setting(not_negative)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = not_negative(
            type(self).__name__, "initial_accumulator_value", initial_accumulator_value
        )
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta

    def slots(self) -> Sequence[tuple[str, ...]]:
        """The sum of squared gradients, and the linear term."""
        return (("accumulator", "linear"),)

    def make_slot(self, name: str, variable: Variable) -> Variable:
        first = Constant(self.initial_accumulator_value) if name == "accumulator" else "zeros"
        return self.add_variable_from_reference(variable, name, first)

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`n = n + g ** 2`, `z = z + g - (n_new ** p - n ** p) / rate * value`; the value solves for `z`."""
        l1, l2 = self.l1_regularization_strength, self.l2_regularization_strength + self.beta / (2.0 * rate)
        total = slots["accumulator"] + jnp.square(gradient)
        before, after = self._root(slots["accumulator"]), self._root(total)
        shrunk = gradient + 2 * self.l2_shrinkage_regularization_strength * value
        linear = slots["linear"] + shrunk - (after - before) / rate * value
        value = (jnp.clip(linear, -l1, l1) - linear) / (after / rate + 2 * l2)
        return value, {"accumulator": total, "linear": linear}

    def _root(self, total: jax.Array) -> jax.Array:
        return jnp.power(total, -self.learning_rate_power)
