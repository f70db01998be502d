"""How sure predictions may be, learned from rows that were held out."""

import math
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from lamina.core.errors import ArgumentError

_LEAST = 1e-7  # of a probability and of a spread
_HOTTEST = math.log(100.0)


def find_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature that makes the labels of held-out rows most likely.

    Args:
        probabilities: `(rows, classes)`, or `(rows, 1)` of the class 1.
        labels: int `(rows,)`.

    Reference:
        C. Guo, G. Pleiss, Y. Sun, K. Weinberger: On Calibration of Modern Neural Networks. ICML 2017.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> too_sure = np.where(rng.random(1000) < 0.8, 0.99, 0.01)[:, None]
        >>> find_temperature(too_sure, np.ones(1000, int)) > 2
        True
    """
    from scipy.optimize import minimize_scalar  # takes a while to import, and few ask for it

    def surprise(log_temperature: float) -> float:
        told = tempered(probabilities, math.exp(log_temperature))
        if told.shape[1] == 1:
            told = np.concatenate([1 - told, told], axis=1)
        return -float(np.log(told[np.arange(len(labels)), labels].clip(_LEAST)).mean())

    found: Any = minimize_scalar(surprise, bounds=(-_HOTTEST, _HOTTEST), method="bounded")
    return math.exp(found.x)


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities made softer by a temperature above 1, or sharper by one below.

    Args:
        probabilities: `(rows, classes)`, or `(rows, 1)` of the class 1.
        temperature: what logits are divided by.

    Example:
        >>> tempered(np.array([[0.9, 0.1]]), 2.0).round(2)
        array([[0.75, 0.25]])
    """
    p = probabilities.clip(_LEAST, 1 - _LEAST).astype("float64")
    if p.shape[-1] == 1:
        return 1 / (1 + ((1 - p) / p) ** (1 / temperature))
    powers = p ** (1 / temperature)
    return powers / powers.sum(axis=-1, keepdims=True)


class Band(NamedTuple):
    """Where numbers are to be expected.

    Attributes:
        low: `(rows, …)`.
        high: likewise.
        level: the share of rows that are to lie between.
    """

    low: np.ndarray
    high: np.ndarray
    level: float


class Widths:
    """How many times the spread of members an interval has to be wide.

    Args:
        ratios: `(rows, …)`, by how many spreads the truth was off for held-out rows; without them, errors are taken
            for normal, and as large as the disagreement of the members.

    Reference:
        J. Lei, M. G'Sell, A. Rinaldo, R. Tibshirani, L. Wasserman: Distribution-Free Predictive Inference for
        Regression. JASA 113, 2018.
    """

    def __init__(self, ratios: np.ndarray | None = None) -> None:
        self.ratios = ratios

    @classmethod
    def measured(cls, mean: np.ndarray, spread: np.ndarray, truth: np.ndarray) -> "Widths":
        """Those of rows whose truth is known."""
        return cls(np.abs(truth - mean) / np.maximum(spread, _LEAST))

    def band(self, mean: np.ndarray, spread: np.ndarray, level: float) -> Band:
        """The interval around predictions.

        Args:
            mean: of the members, `(rows, …)`.
            spread: their standard deviation.
            level: the share of rows that is to lie within.

        Raises:
            ArgumentError: if too few rows were held out to tell.
        """
        if self.ratios is None:
            half = NormalDist().inv_cdf(0.5 + level / 2) * spread
        else:
            half = self._quantile(self.ratios, level) * np.maximum(spread, _LEAST)
        return Band(mean - half, mean + half, level)

    @staticmethod
    def _quantile(ratios: np.ndarray, level: float) -> Any:
        place = math.ceil((len(ratios) + 1) * level)
        if place > len(ratios):
            needed = math.ceil(level / (1 - level))
            raise ArgumentError(
                f"The ensemble was calibrated on {len(ratios)} rows, which tell nothing about intervals of the level "
                f"{level:g}.",
                hint=f"calibrate on {needed} rows or more.",
            )
        return np.sort(ratios, axis=0)[place - 1]
