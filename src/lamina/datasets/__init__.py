"""Well-known data sets, fetched once and kept in the folder that Keras uses.

Each module has a `load_data` that returns `(x_train, y_train), (x_test, y_test)` as NumPy arrays.
"""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.datasets import (
    boston_housing,
    california_housing,
    cifar10,
    fashion_mnist,
    imdb,
    mnist,
    reuters,
)

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "fashion_mnist",
    "imdb",
    "mnist",
    "reuters",
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.datasets has no {name!r}.", hint=suggestion(name, __all__))
