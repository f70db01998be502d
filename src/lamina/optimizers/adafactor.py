"""Adafactor."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.core.validate import above_zero, finite, not_negative
from lamina.core.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.settings import Setting


@builtin("optimizers", "adafactor")
class Adafactor(Optimizer):
    """Divides gradients by the root of their mean squares, of which it keeps row and column means only.

    Args:
        learning_rate: a number, or a schedule; the rate of step t is at most `1 / sqrt(t)`.
        beta_2_decay: the mean squares of step t stay by `1 - t ** beta_2_decay`.
        epsilon_1: added to the squares.
        epsilon_2: the least root mean square of weights that steps are proportional to.
        clip_threshold: the largest root mean square of a step before it is scaled.
        relative_step: part of the config, as in Keras, where rates have that limit in any case.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a number out of range.

    Example:
        >>> w = Variable([[1.0, 1.0]])
        >>> Adafactor(0.1).apply([[[2.0, -2.0]]], [w])
        >>> w.numpy()
        array([[0.9, 1.1]], dtype=float32)

    Reference:
        Shazeer & Stern, 2018, "Adafactor: adaptive learning rates with sublinear memory cost", algorithms 4 and 5.
        The means are kept without dividing by their own mean, and the product is a slot too, as in Keras.
    """

    beta_2_decay: Any = Setting(finite)
    epsilon_1: Any = Setting(not_negative)
    epsilon_2: Any = Setting(not_negative)
    clip_threshold: Any = Setting(above_zero)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = bool(relative_step)

    def slots(self) -> Sequence[tuple[str, ...]]:
        """The mean squares of rows and of columns, and what follows from them for each entry."""
        return (("rows", "columns", "velocity"),)

    def make_slot(self, name: str, variable: Variable) -> Variable:
        if name == "velocity":
            return super().make_slot(name, variable)  # type: ignore[return-value]
        if variable.ndim < 2:
            # There is nothing to factor, but files have a place for it.
            slot = self.add_variable((), dtype="int32", name=variable.name)
            slot.path = variable.name
            return slot
        *rest, rows, columns = variable.shape
        kept = rows if name == "rows" else columns
        return self.add_variable((*rest, kept), dtype=variable.stored.dtype, name=variable.name)

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`u = g / sqrt(v)`, clipped; then `value - max(epsilon_2, rms(value)) * rate_t * u`."""
        count = (jnp.asarray(self.iterations) + 1).astype(value.dtype)
        stays = 1 - jnp.power(count, self.beta_2_decay)
        squares = jnp.square(gradient) + self.epsilon_1
        if value.ndim >= 2:
            rows = stays * slots["rows"] + (1 - stays) * jnp.mean(squares, axis=-1)
            columns = stays * slots["columns"] + (1 - stays) * jnp.mean(squares, axis=-2)
            shares = rows / jnp.mean(rows, axis=-1, keepdims=True)
            new = {"rows": rows, "columns": columns, "velocity": shares[..., None] * columns[..., None, :]}
        else:
            new = {"velocity": stays * slots["velocity"] + (1 - stays) * squares}
        move = gradient / jnp.sqrt(new["velocity"])
        move = move / jnp.maximum(1.0, _rms(move) / self.clip_threshold)
        scale = jnp.maximum(self.epsilon_2, _rms(value)) * jnp.minimum(rate, 1 / jnp.sqrt(count))
        return value - scale * move, new


def _rms(x: jax.Array) -> jax.Array:
    return jnp.sqrt(jnp.mean(jnp.square(x)))
