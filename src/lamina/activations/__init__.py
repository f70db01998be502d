"""`keras.activations`: functions between layers, by name or as objects."""

from collections.abc import Callable
from typing import Any

from lamina.activations.functions import (
    celu,
    elu,
    exponential,
    gelu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    heaviside,
    leaky_relu,
    linear,
    log_sigmoid,
    log_softmax,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    sign,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh,
    tanh_shrink,
    threshold,
)
from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.families import deserializer
from lamina.core.serialization import resolve, serialize_keras_object

hard_swish = hard_silu
step = heaviside
swish = silu

__all__ = [
    *("celu", "deserialize", "elu", "exponential", "gelu", "get", "glu", "hard_shrink", "hard_sigmoid"),
    *("hard_silu", "hard_swish", "hard_tanh", "heaviside", "leaky_relu", "linear", "log_sigmoid", "log_softmax"),
    *("mish", "relu", "relu6", "selu", "serialize", "sigmoid", "sign", "silu", "soft_shrink", "softmax", "softplus"),
    *("softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "step", "swish", "tanh"),
    *("tanh_shrink", "threshold"),
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
deserialize = deserializer(get)
