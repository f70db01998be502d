"""Predictions of numbers."""

from typing import Any

import numpy as np

from lamina.plots.regression import predictions_vs_targets, residuals
from lamina.plots.style import find_style
from lamina.reporting.markup import Html, element, joined, number, table
from lamina.reporting.mistakes import Mistake
from lamina.reporting.pictures import figure

_MOST = 6  # numbers of a row that are told one by one; of more only all together
_SIZE = (4.4, 4.0)  # of figures, inches


class Numbers:
    """An output of numbers, one or more a row.

    Args:
        name: of the output.
        true: `(rows, numbers)`.
        predicted: `(rows, numbers)`.

    Example:
        >>> judged = Numbers("price", np.array([[1.0], [2.0]]), np.array([[1.1], [4.0]]))
        >>> judged.worst(1)
        [Mistake(row=1, predicted='4', true='2')]
    """

    def __init__(self, name: str, true: np.ndarray, predicted: np.ndarray) -> None:
        self.name = name
        self.true = true
        self.predicted = predicted

    def _parts(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Each number by itself, or all of them as one; without those that are NaN or infinite."""
        if self.true.shape[1] <= _MOST:
            names = [self.name] if self.true.shape[1] == 1 else [f"{self.name}[{n}]" for n in range(self.true.shape[1])]
            parts = zip(names, self.true.T, self.predicted.T, strict=True)
        else:
            parts = [(self.name, self.true.ravel(), self.predicted.ravel())]
        return [(name, *_finite(true, predicted)) for name, true, predicted in parts]

    def distribution(self) -> Html:
        return joined(_histogram(true, f"Distribution of {name}", name) for name, true, _ in self._parts() if len(true))

    def scores(self) -> Html:
        rows = [(name, *_errors(true, predicted)) for name, true, predicted in self._parts() if len(true)]
        titles = ["output", "mean absolute error", "root mean squared error", "R²", "mean residual"]
        lost = int((~np.isfinite(self.predicted)).sum())
        note = element("p", f"{lost:,} predictions are NaN or infinite, and left out here.") if lost else None
        return joined([table(f"Errors of {self.name}", titles, rows), note])

    def evidence(self) -> Html:
        return joined(_compared(name, *values) for name, *values in self._parts() if len(values[0]))

    def worst(self, count: int) -> list[Mistake]:
        """The rows whose numbers are furthest off."""
        far = np.abs(np.nan_to_num(self.predicted - self.true, nan=np.inf)).max(axis=1)
        order = np.argsort(-far, kind="stable")[:count]
        return [self._mistake(int(row)) for row in order if far[row] > 0]

    def _mistake(self, row: int) -> Mistake:
        place = int(np.abs(np.nan_to_num(self.predicted[row] - self.true[row], nan=np.inf)).argmax())
        where = f" (number {place})" if self.true.shape[1] > 1 else ""
        return Mistake(row, f"{number(self.predicted[row, place])}{where}", number(self.true[row, place]))


def _finite(true: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    told = np.isfinite(true) & np.isfinite(predicted)
    return true[told], predicted[told]


def _errors(true: np.ndarray, predicted: np.ndarray) -> tuple[float, float, float, float]:
    left = true - predicted
    squares, spread = float((left**2).mean()), float(true.var())
    explained = 1 - squares / spread if spread else float("nan")
    return float(np.abs(left).mean()), squares**0.5, explained, float(left.mean())


def _compared(name: str, true: np.ndarray, predicted: np.ndarray) -> Html:
    def draw_points(axes: Any, style: str) -> None:
        predictions_vs_targets(true, predicted, ax=axes, style=style)

    def draw_residuals(axes: Any, style: str) -> None:
        residuals(true, predicted, ax=axes, style=style)

    low, middle, high = map(number, np.quantile(true - predicted, (0.05, 0.5, 0.95)))
    correlation = np.corrcoef(true, predicted)[0, 1] if true.std() and predicted.std() else float("nan")
    points = f"Predictions of {name} over what is true, {len(true):,} points; their correlation is {correlation:.3f}."
    left = f"Residuals of {name}: half of them are below {middle}, 90% between {low} and {high}."
    return joined(
        [
            figure(draw_points, f"{name}: predictions and targets", points, _SIZE),
            figure(draw_residuals, f"Residuals of {name}: target − prediction", left, _SIZE),
        ]
    )


def _histogram(values: np.ndarray, caption: str, label: str) -> Html:
    def draw(axes: Any, style: str) -> None:
        axes.hist(values, bins=min(40, max(5, int(len(values) ** 0.5))), color=find_style(style).series[0])
        axes.set(xlabel=label, ylabel="rows")

    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    alt = f"{caption}: half of the values are below {number(middle)}, 90% between {number(low)} and {number(high)}."
    return figure(draw, caption, alt, _SIZE)
