"""Schedule-free AdamW."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError
from lamina.core.serialization import builtin
from lamina.core.validate import at_least, fraction
from lamina.core.variable import Variable
from lamina.optimizers.moments import MomentOptimizer
from lamina.optimizers.settings import Setting


def _share(owner: str, name: str, value: Any) -> float:
    """`value` as a number between 0 and 1; the weights cannot be told from the average alone."""
    if (number := fraction(owner, name, value)) == 0:
        raise ArgumentError(f"{owner}: {name} must be a number between 0 and 1. Received: {name}={value!r}")
    return number


@builtin("optimizers", "schedulefreeadamw")
class ScheduleFreeAdamW(MomentOptimizer):
    """Takes Adam's steps beside the weights and averages them, so that the rate need not fall towards an end.

    The weights lie between the average and the point that takes the steps.

    Args:
        learning_rate: a number, or a schedule.
        beta_1: how far the weights lie on the way from that point to the average.
        beta_2: how much of the mean square stays at each step.
        epsilon: added to the root; `lamina.config.epsilon()` if it is `None`.
        warmup_steps: the steps over which the rate grows from zero.
        **kwargs: as for every optimizer; `weight_decay` too.

    Raises:
        ArgumentError: for a number out of range.

    Example:
        >>> w = Variable([1.0])
        >>> ScheduleFreeAdamW(0.1).apply([[2.0]], [w])
        >>> w.numpy().round(4)
        array([0.9], dtype=float32)

    Reference:
        Defazio et al., 2024, "The road less scheduled", with each step weighing the same in the average.
    """

    beta_1: Any = Setting(_share)

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-8,
        warmup_steps: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **kwargs)
        self.warmup_steps = at_least(type(self).__name__, "warmup_steps", warmup_steps, 0)

    def make_slot(self, name: str, variable: Variable) -> Variable | None:
        """The point that takes the steps starts at the weights."""
        slot = super().make_slot(name, variable)
        if name == "momentum" and slot is not None:
            slot.assign(jnp.copy(variable.value))  # two variables cannot give one array away
        return slot

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`z` goes by `rate * g / (sqrt(v) + epsilon)`, `x` is the mean of all `z`; the weights lie between them."""
        beta_1, beta_2 = (jnp.asarray(share, value.dtype) for share in (self.beta_1, self.beta_2))
        count = (jnp.asarray(self.iterations) + 1).astype(value.dtype)
        if self.warmup_steps:
            rate = rate * jnp.minimum(count / self.warmup_steps, 1.0)
        old, v = slots["momentum"], slots["velocity"]
        v = v + (jnp.square(gradient) - v) * (1 - beta_2)
        z = old - rate * gradient / (jnp.sqrt(v / (1 - self.power_of(self.beta_2, v))) + self.epsilon)
        average = (value - (1 - beta_1) * old) / beta_1
        average = (1 - 1 / count) * average + 1 / count * z
        return (1 - beta_1) * z + beta_1 * average, {"momentum": z, "velocity": v}
