"""`keras.activations`: functions between layers, by name or as objects."""

from collections.abc import Callable
from typing import Any

from lamina.activations.functions import (
    elu,
    exponential,
    gelu,
    hard_sigmoid,
    leaky_relu,
    linear,
    log_sigmoid,
    log_softmax,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    tanh,
)
from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.serialization import resolve, serialize_keras_object

swish = silu

__all__ = [
    *("deserialize", "elu", "exponential", "gelu", "get", "hard_sigmoid", "leaky_relu", "linear", "log_sigmoid"),
    *("log_softmax", "mish", "relu", "relu6", "selu", "serialize", "sigmoid", "silu", "softmax", "softplus"),
    *("softsign", "swish", "tanh"),
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.activations has no {name!r}.", hint=suggestion(name, __all__))


def get(identifier: Any) -> Callable[..., Any]:
    """The activation meant by a name, a function, a config or `None` (no activation).

    Raises:
        UnknownNameError: for a name that is none.

    Example:
        >>> get("relu").__name__, get(None).__name__
        ('relu', 'linear')
    """
    if identifier is None:
        return linear
    return resolve(identifier, "activations", "an activation")


serialize = serialize_keras_object
deserialize = get
