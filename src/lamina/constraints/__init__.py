"""`keras.constraints`: what weights are brought back to after each step."""

from collections.abc import Callable
from typing import Any

from lamina.constraints.constraint import Constraint
from lamina.constraints.norms import MaxNorm, MinMaxNorm, UnitNorm
from lamina.constraints.signs import NonNeg
from lamina.core.families import deserializer, family_member
from lamina.core.serialization import resolve, serialize_keras_object

__all__ = [
    *("Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "deserialize", "get", "max_norm"),
    *("min_max_norm", "non_neg", "serialize", "unit_norm"),
]

# Keras 2's names.
max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm


def __getattr__(name: str) -> Any:
    return family_member("constraints", name, __all__)


def get(identifier: Any) -> Callable[..., Any] | None:
    """The constraint meant by a name, a class, a function, a config or `None`.

    Raises:
        UnknownNameError: for a name that is none.

    Example:
        >>> get("max_norm").get_config()
        {'max_value': 2, 'axis': 0}
    """
    return None if identifier is None else resolve(identifier, "constraints", "a constraint")


serialize = serialize_keras_object
deserialize = deserializer(get)
