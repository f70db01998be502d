"""`keras.initializers`: the first values of weights, by name or as objects."""

from collections.abc import Callable
from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.serialization import builtin_aliases, resolve, serialize_keras_object
from lamina.initializers.constant import Constant, Identity, Ones, Zeros
from lamina.initializers.initializer import Initializer
from lamina.initializers.random import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomInitializer,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)

__all__ = [
    *("Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity", "IdentityInitializer"),
    *("Initializer", "LecunNormal", "LecunUniform", "Ones", "Orthogonal", "OrthogonalInitializer"),
    *("RandomInitializer", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Zeros"),
    *("deserialize", "get", "serialize"),
]

IdentityInitializer = Identity
OrthogonalInitializer = Orthogonal


def __getattr__(name: str) -> Any:
    # Keras 2 wrote names in snake case, and they are how people write them still.
    if (found := builtin_aliases("initializers").get(name)) is not None:
        return found
    raise UnknownAttributeError(f"lamina.initializers has no {name!r}.", hint=suggestion(name, __all__))


def get(identifier: Any) -> Callable[..., Any] | None:
    """The initializer meant by a name, a class, a function, a config or `None`.

    Raises:
        UnknownNameError: for a name that is none.

    Example:
        >>> type(get("he_normal")).__name__
        'HeNormal'
    """
    return None if identifier is None else resolve(identifier, "initializers", "an initializer")


serialize = serialize_keras_object
deserialize = get
