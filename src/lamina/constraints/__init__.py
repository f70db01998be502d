"""`keras.constraints`: what weights are brought back to after each step."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from lamina.core import config
from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.hyperparameter import Hyperparameter
from lamina.core.serialization import builtin, resolve, serialize_keras_object
from lamina.core.tracking import Trackable

__all__ = ["Constraint", "MaxNorm", "NonNeg", "UnitNorm", "deserialize", "get", "max_norm", "non_neg", "serialize"]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.constraints has no {name!r}.", hint=suggestion(name, __all__))


class Constraint(Trackable):
    """A callable from weights to weights."""

    def __call__(self, w: Any) -> Any:
        """The weights, brought back."""
        raise NotImplementedError(f"{type(self).__name__} has to define __call__(self, w).")


def _norms(w: Any, axis: Any) -> Any:
    return jnp.sqrt(jnp.sum(jnp.square(w), axis=axis, keepdims=True))


@builtin("constraints", "max_norm")
class MaxNorm(Constraint):
    """Scales down the weights of each unit whose norm is above a limit.

    Args:
        max_value: the limit.
        axis: the axes that belong to one unit.

    Example:
        >>> MaxNorm(1.0)(jnp.array([[3.0], [4.0]]))
        Array([[0.6],
               [0.8]], dtype=float32)
    """

    max_value = Hyperparameter()

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        """The weights, brought back."""
        norms = _norms(w, self.axis)
        return w * (jnp.clip(norms, 0, self.max_value) / (config.epsilon() + norms))


@builtin("constraints", "non_neg")
class NonNeg(Constraint):
    """Sets negative weights to zero."""

    def __call__(self, w: Any) -> Any:
        """The weights, brought back."""
        return w * (w >= 0.0)


@builtin("constraints", "unit_norm")
class UnitNorm(Constraint):
    """Scales the weights of each unit to a norm of one.

    Args:
        axis: the axes that belong to one unit.
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        """The weights, brought back."""
        return w / (config.epsilon() + _norms(w, self.axis))


max_norm, non_neg, unit_norm = MaxNorm, NonNeg, UnitNorm


def get(identifier: Any) -> Callable[..., Any] | None:
    """The constraint meant by a name, a class, a function, a config or `None`."""
    return None if identifier is None else resolve(identifier, "constraints", "a constraint")


serialize = serialize_keras_object
deserialize = get
