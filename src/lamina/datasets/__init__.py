"""Well-known data sets, fetched once and kept in the folder that Keras uses.

Each module has a `load_data` that returns `(x_train, y_train), (x_test, y_test)` as NumPy arrays.
"""

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
