"""Nadam."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.serialization import builtin
from lamina.core.variable import Variable
from lamina.optimizers.moments import MomentOptimizer, running_means


@builtin("optimizers", "nadam")
class Nadam(MomentOptimizer):
    """Adam with the momentum of Nesterov: the mean counts as taken one step ahead.

    Args:
        learning_rate: a number, or a schedule.
        beta_1: how much of the mean stays at each step, once it has warmed up.
        beta_2: how much of the mean square stays at each step.
        epsilon: added to the root; `lamina.config.epsilon()` if it is `None`.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a number out of range.

    Example:
        >>> w = Variable([1.0])
        >>> Nadam(0.1).apply([[2.0]], [w])
        >>> w.numpy().round(4)
        array([0.8937], dtype=float32)

    Reference:
        Dozat, 2015, "Incorporating Nesterov momentum into Adam", with the schedule of momenta of its section 3.
    """

    def build(self, variables: Sequence[Variable]) -> None:
        """Makes the slots, and the product of all momenta so far."""
        if not self.built:
            super().build(variables)
            dtype = variables[0].stored.dtype if len(variables) else config.floatx()
            self._product = Variable(1.0, dtype=dtype, trainable=False, autocast=False, name="variable")
        else:
            super().build(variables)

    def begin_step(self) -> None:
        """The product takes in the momentum of this step."""
        self._product.assign(self._product.value * self._momentum(1, self._product.value))

    def _momentum(self, ahead: int, like: jax.Array) -> jax.Array:
        """The momentum of a step, which rises towards `beta_1`; 1 is this step, 2 the next."""
        count = (jnp.asarray(self.iterations) + ahead).astype(like.dtype)
        return self.beta_1 * (1.0 - 0.5 * jnp.power(jnp.asarray(0.96, like.dtype), count))

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """Like `Adam.step`, with the mean of the next step, in which this gradient is already."""
        now, ahead = self._momentum(1, value), self._momentum(2, value)
        product = self._product.value.astype(value.dtype)
        # Keras takes the betas from one after rounding them, here alone.
        gains = (1 - jnp.asarray(beta, value.dtype) for beta in (self.beta_1, self.beta_2))
        m, v = running_means(gradient, slots, *gains)
        mean = ahead * m / (1 - product * ahead) + (1 - now) * gradient / (1 - product)
        spread = v / (1 - self.power_of(self.beta_2, v))
        return value - mean * rate / (jnp.sqrt(spread) + self.epsilon), {"momentum": m, "velocity": v}
