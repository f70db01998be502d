"""Penalties on the size of weights."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.hyperparameter import Hyperparameter, is_off
from lamina.core.serialization import builtin
from lamina.core.validate import not_negative
from lamina.ops.arrays import as_floats
from lamina.regularizers.regularizer import Regularizer


@builtin("regularizers", "l1_l2")
class L1L2(Regularizer):
    """`l1 * sum(abs(x)) + l2 * sum(x ** 2)`.

    Args:
        l1: the factor of the absolute values.
        l2: the factor of the squares.

    Raises:
        ArgumentError: for a factor that is negative or not finite.

    Example:
        >>> float(L1L2(l1=1.0, l2=10.0)(jnp.array([1.0, -2.0])))
        53.0
    """

    l1 = Hyperparameter()
    l2 = Hyperparameter()

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        owner = type(self).__name__
        self.l1 = not_negative(owner, "l1", 0.0 if l1 is None else l1)
        self.l2 = not_negative(owner, "l2", 0.0 if l2 is None else l2)

    def __call__(self, x: Any) -> jax.Array:
        """The penalty on `x`."""
        x = as_floats(x)
        penalty = jnp.zeros((), x.dtype)
        if not is_off(self.l1):
            penalty = penalty + jnp.asarray(self.l1, x.dtype) * jnp.sum(jnp.abs(x))
        if not is_off(self.l2):
            penalty = penalty + jnp.asarray(self.l2, x.dtype) * jnp.sum(jnp.square(x))
        return penalty


@builtin("regularizers")
class L1(L1L2):
    """`l1 * sum(abs(x))`.

    Args:
        l1: the factor.

    Example:
        >>> float(L1(0.5)(jnp.array([1.0, -2.0])))
        1.5
    """

    def __init__(self, l1: float | None = 0.01) -> None:
        super().__init__(l1=0.01 if l1 is None else l1)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal regularizer."""
        return {"l1": self.l1}


@builtin("regularizers")
class L2(L1L2):
    """`l2 * sum(x ** 2)`.

    Args:
        l2: the factor.

    Example:
        >>> float(L2(0.5)(jnp.array([1.0, -2.0])))
        2.5
    """

    def __init__(self, l2: float | None = 0.01) -> None:
        super().__init__(l2=0.01 if l2 is None else l2)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal regularizer."""
        return {"l2": self.l2}
