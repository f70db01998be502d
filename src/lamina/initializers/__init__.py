"""`keras.initializers`: the first values of weights, by name or as objects."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.errors import ShapeError, UnknownAttributeError, suggestion
from lamina.core.families import deserializer
from lamina.core.serialization import builtin_aliases, resolve, serialize_keras_object
from lamina.initializers.deterministic import STFT, Constant, Identity, Ones, Zeros
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
    *("RandomInitializer", "RandomNormal", "RandomUniform", "STFT", "STFTInitializer", "TruncatedNormal"),
    *("VarianceScaling", "Zeros"),
    *("deserialize", "get", "serialize"),
]

IdentityInitializer = Identity
OrthogonalInitializer = Orthogonal
STFTInitializer = STFT


def __getattr__(name: str) -> Any:
    # Keras 2 wrote names in snake case, and they are how people write them still.
    if (found := builtin_aliases("initializers").get(name)) is not None:
        return found
    raise UnknownAttributeError(f"lamina.initializers has no {name!r}.", hint=suggestion(name, __all__))


def get(identifier: Any) -> Callable[..., Any] | None:
    """The initializer meant by a name, a class, a function, a config, an array of weights or `None`.

    Raises:
        UnknownNameError: for a name that is none.

    Example:
        >>> type(get("he_normal")).__name__
        'HeNormal'
    """
    if isinstance(identifier, np.ndarray | jax.Array):
        return _given(identifier)
    return None if identifier is None else resolve(identifier, "initializers", "an initializer")


def _given(weights: np.ndarray | jax.Array) -> Callable[..., jax.Array]:
    def initialize(shape: tuple[int, ...], dtype: Any = None) -> jax.Array:
        if tuple(shape) != weights.shape:
            raise ShapeError(f"Weights of shape {weights.shape} were given for a variable of shape {tuple(shape)}.")
        return jnp.asarray(weights, dtype)

    return initialize


serialize = serialize_keras_object
deserialize = deserializer(get)
