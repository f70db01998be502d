"""LAMB."""

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.optimizers.clipping import norm
from lamina.optimizers.moments import MomentOptimizer, running_means


@builtin("optimizers", "lamb")
class Lamb(MomentOptimizer):
    """Adam's steps, each stretched to the length of the weights that it changes: for very large batches.

    Args:
        learning_rate: a number, or a schedule.
        beta_1: how much of the mean stays at each step.
        beta_2: how much of the mean square stays at each step.
        epsilon: added to the root; `lamina.config.epsilon()` if it is `None`.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a number out of range.

    Example:
        >>> from lamina.core.variable import Variable
        >>> w = Variable([4.0])
        >>> Lamb(0.1).apply([[2.0]], [w])
        >>> w.numpy().round(4)
        array([3.6], dtype=float32)

    Reference:
        You et al., 2019, "Large batch optimization for deep learning", algorithm 2.
    """

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`value - rate * norm(value) / norm(move) * move`, where `move` is Adam's."""
        m, v = running_means(gradient, slots, self.one_minus_beta_1, self.one_minus_beta_2)
        spread = jnp.sqrt(v / (1 - self.power_of(self.beta_2, v))) + self.epsilon
        move = m / (1 - self.power_of(self.beta_1, m)) / spread
        weight_norm, move_norm = norm([value]), norm([move])
        stretch = jnp.where((weight_norm > 0) & (move_norm > 0), weight_norm / move_norm, 1.0)
        return value - stretch.astype(value.dtype) * rate * move, {"momentum": m, "velocity": v}
