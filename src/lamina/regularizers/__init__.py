"""`keras.regularizers`: penalties on weights and activities."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from lamina.core.errors import ArgumentError, UnknownAttributeError, suggestion
from lamina.core.hyperparameter import Hyperparameter, is_off
from lamina.core.serialization import builtin, resolve, serialize_keras_object
from lamina.core.tracking import Trackable

__all__ = ["L1", "L1L2", "L2", "Regularizer", "deserialize", "get", "l1", "l1_l2", "l2", "serialize"]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.regularizers has no {name!r}.", hint=suggestion(name, __all__))


class Regularizer(Trackable):
    """A penalty: a callable from an array to a scalar that is added to the loss."""

    def __call__(self, x: Any) -> Any:
        """The penalty on `x`."""
        raise NotImplementedError(f"{type(self).__name__} has to define __call__(self, x).")


def _factor(name: str, value: float | None) -> float:
    value = 0.0 if value is None else float(value)
    if not value >= 0 or value == float("inf"):
        raise ArgumentError(f"{name} must be a finite number, zero or above. Received: {name}={value}")
    return value


@builtin("regularizers", "l1_l2")
class L1L2(Regularizer):
    """`l1 * sum(abs(x)) + l2 * sum(x ** 2)`.

    Args:
        l1: the factor of the absolute values.
        l2: the factor of the squares.

    Example:
        >>> float(L1L2(l1=1.0, l2=10.0)(jnp.array([1.0, -2.0])))
        53.0
    """

    l1 = Hyperparameter()
    l2 = Hyperparameter()

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1 = _factor("l1", l1)
        self.l2 = _factor("l2", l2)

    def __call__(self, x: Any) -> Any:
        """The penalty on `x`."""
        x = jnp.asarray(x)
        penalty = jnp.zeros((), x.dtype)
        if not is_off(self.l1):
            penalty = penalty + self.l1 * jnp.sum(jnp.abs(x))
        if not is_off(self.l2):
            penalty = penalty + self.l2 * jnp.sum(jnp.square(x))
        return penalty


@builtin("regularizers")
class L1(L1L2):
    """`l1 * sum(abs(x))`.

    Args:
        l1: the factor.
    """

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1=l1)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal regularizer."""
        return {"l1": self.l1}


@builtin("regularizers")
class L2(L1L2):
    """`l2 * sum(x ** 2)`.

    Args:
        l2: the factor.
    """

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(l2=l2)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal regularizer."""
        return {"l2": self.l2}


l1, l2, l1_l2 = L1, L2, L1L2


def get(identifier: Any) -> Callable[..., Any] | None:
    """The regularizer meant by a name, a class, a function, a config or `None`."""
    return None if identifier is None else resolve(identifier, "regularizers", "a regularizer")


serialize = serialize_keras_object
deserialize = get
