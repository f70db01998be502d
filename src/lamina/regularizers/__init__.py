"""`keras.regularizers`: penalties on weights and activities."""

from collections.abc import Callable
from typing import Any

from lamina.core.families import deserializer, family_member
from lamina.core.serialization import resolve, serialize_keras_object
from lamina.regularizers.orthogonality import OrthogonalRegularizer
from lamina.regularizers.penalties import L1, L1L2, L2
from lamina.regularizers.regularizer import Regularizer

__all__ = [
    *("L1", "L1L2", "L2", "OrthogonalRegularizer", "Regularizer", "deserialize", "get", "l1", "l1_l2", "l2"),
    *("orthogonal_regularizer", "serialize"),
]

# Keras 2's names.
l1, l2, l1_l2 = L1, L2, L1L2
orthogonal_regularizer = OrthogonalRegularizer


def __getattr__(name: str) -> Any:
    return family_member("regularizers", name, __all__)


def get(identifier: Any) -> Callable[..., Any] | None:
    """The regularizer meant by a name, a class, a function, a config or `None`.

    Raises:
        UnknownNameError: for a name that is none.

    Example:
        >>> get("l1_l2").get_config()
        {'l1': 0.0, 'l2': 0.0}
    """
    return None if identifier is None else resolve(identifier, "regularizers", "a regularizer")


serialize = serialize_keras_object
deserialize = deserializer(get)
