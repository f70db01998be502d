"""Adam."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.hyperparameter import Complement, Hyperparameter
from lamina.core.serialization import builtin
from lamina.core.validate import fraction
from lamina.optimizers.optimizer import Optimizer


@builtin("optimizers", "adam")
class Adam(Optimizer):
    """Follows a running mean of the gradients, divided by the root of a running mean of their squares.

    Args:
        learning_rate: a number, or a schedule.
        beta_1: how much of the mean stays at each step.
        beta_2: how much of the mean square stays at each step.
        epsilon: added to the root; the paper's "epsilon hat".
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

    beta_1 = Hyperparameter()
    beta_2 = Hyperparameter()
    epsilon = Hyperparameter()
    one_minus_beta_1 = Complement("beta_1")
    one_minus_beta_2 = Complement("beta_2")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.beta_1 = fraction("Adam", "beta_1", beta_1)
        self.beta_2 = fraction("Adam", "beta_2", beta_2)
        self.epsilon = 1e-7 if epsilon is None else epsilon
        self.amsgrad = bool(amsgrad)

    def slots(self) -> Sequence[str | tuple[str, ...]]:
        """The two running means, and the largest of the second if wanted."""
        return (("momentum", "velocity"), *(["velocity_hat"] if self.amsgrad else []))

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`m` and `v` move towards `g` and `g ** 2`; then `value - rate_t * m / (sqrt(v) + epsilon)`."""
        count = (self.iterations.value + 1).astype(value.dtype)
        decay_1 = jnp.power(jnp.asarray(self.beta_1, value.dtype), count)
        decay_2 = jnp.power(jnp.asarray(self.beta_2, value.dtype), count)
        rate = rate * jnp.sqrt(1 - decay_2) / (1 - decay_1)
        m = slots["momentum"] + (gradient - slots["momentum"]) * self.one_minus_beta_1
        v = slots["velocity"] + (jnp.square(gradient) - slots["velocity"]) * self.one_minus_beta_2
        new = {"momentum": m, "velocity": v}
        if self.amsgrad:
            v = new["velocity_hat"] = jnp.maximum(slots["velocity_hat"], v)
        return value - m * rate / (jnp.sqrt(v) + self.epsilon), new
