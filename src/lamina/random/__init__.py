"""`keras.random`: draws from explicit seeds."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.seeds import SeedGenerator
from lamina.ops.random import (
    beta,
    binomial,
    categorical,
    dropout,
    gamma,
    normal,
    randint,
    shuffle,
    truncated_normal,
    uniform,
)

__all__ = [
    *("SeedGenerator", "beta", "binomial", "categorical", "dropout", "gamma", "normal", "randint"),
    *("shuffle", "truncated_normal", "uniform"),
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.random has no {name!r}.", hint=suggestion(name, __all__))
