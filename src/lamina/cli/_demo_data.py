"""The data sets that `lamina demo` can train on, split and scaled."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lamina import datasets
from lamina.core.errors import missing_extra

DOLLARS = 100_000  # the unit of house prices: networks learn best from targets around one

_DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Problem:
    """What to learn.

    Attributes:
        train: inputs and targets.
        validation: the same, to watch while training.
        test: the same, for the end.
        about: what an example is.
        class_names: the word for each class; `None` where the target is a number.
    """

    train: Pair
    validation: Pair
    test: Pair
    about: str
    class_names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Recipe:
    """A data set and how long, and how fast, a network is to learn from it."""

    load: Callable[[], Problem]
    epochs: int
    learning_rate: float


def _digits() -> Problem:
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise missing_extra("sklearn", "scikit-learn", "The data set 'digits'") from error
    rows, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(rows))
    images, labels = (rows[order].reshape(-1, 8, 8) / 16).astype("float32"), labels[order]
    cuts = (1200, 1500)
    parts = zip(np.split(images, cuts), np.split(labels, cuts), strict=True)
    return Problem(*parts, about="handwritten digits of 8 × 8 pixels", class_names=_DIGIT_NAMES)


def _mnist() -> Problem:
    return _pictures(datasets.mnist.load_data(), "handwritten digits of 28 × 28 pixels", _DIGIT_NAMES)


def _fashion_mnist() -> Problem:
    fashion = datasets.fashion_mnist
    return _pictures(fashion.load_data(), "pieces of clothing, 28 × 28 pixels", tuple(fashion.class_names))


def _pictures(splits: tuple[Pair, Pair], about: str, class_names: tuple[str, ...]) -> Problem:
    (images, labels), (test_images, test_labels) = splits
    images, test_images = images.astype("float32") / 255, test_images.astype("float32") / 255
    return Problem(
        (images[:-5000], labels[:-5000]),
        (images[-5000:], labels[-5000:]),
        (test_images, test_labels),
        about,
        class_names,
    )


def _california_housing() -> Problem:
    (rows, prices), (test_rows, test_prices) = datasets.california_housing.load_data()
    prices, test_prices = prices / DOLLARS, test_prices / DOLLARS
    cut = len(rows) * 4 // 5
    return Problem(
        (rows[:cut], prices[:cut]), (rows[cut:], prices[cut:]), (test_rows, test_prices), "districts of California"
    )


RECIPES = {
    "digits": Recipe(_digits, epochs=15, learning_rate=0.1),
    "fashion_mnist": Recipe(_fashion_mnist, epochs=6, learning_rate=0.03),
    "mnist": Recipe(_mnist, epochs=6, learning_rate=0.03),
    "california_housing": Recipe(_california_housing, epochs=20, learning_rate=0.01),
}
