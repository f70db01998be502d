"""Shuffling and splitting with a seed of one's own, independent of NumPy's global generator."""

import numpy as np

from lamina.core.errors import ArgumentError
from lamina.datasets._arrays import Splits


def shuffled(generator: np.random.RandomState, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both arrays in one new order; the first axis is the one shuffled."""
    order = generator.permutation(len(x))
    return x[order], y[order]


def split(x: np.ndarray, y: np.ndarray, test_split: float) -> Splits:
    """The first rows for training, the last `test_split` of them for testing."""
    first_test = int(len(x) * (1 - test_split))
    return (x[:first_test], y[:first_test]), (x[first_test:], y[first_test:])


def check_test_split(test_split: float) -> None:
    """Raises `ArgumentError` unless some rows remain to train on."""
    if not 0 <= test_split < 1:
        raise ArgumentError(f"test_split must be in [0, 1). Received: test_split={test_split}")
