"""Predictions of one of several classes."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from lamina.plots.thresholds import precision_recall_curve, roc_curve
from lamina.reporting.markup import Html, element, joined, number, table
from lamina.reporting.mistakes import Mistake
from lamina.reporting.pictures import figure

_MOST = 20  # classes of a confusion matrix that can still be read
_PAIRS = 10  # of classes that are listed


class Classes:
    """An output that names a class: one of a row, or one at each place of a sequence or an image.

    Args:
        name: of the output.
        true: classes, `(rows, places)`.
        probabilities: `(rows, places, classes)`.
        class_names: a word for each class; numbers when left out.

    Example:
        >>> judged = Classes("y", np.array([[0], [1]]), np.array([[[0.9, 0.1]], [[0.8, 0.2]]]), ["no", "yes"])
        >>> judged.confusion.tolist(), judged.worst(1)
        ([[1, 0], [1, 0]], [Mistake(row=1, predicted='no (80%)', true='yes')])
    """

    def __init__(self, name: str, true: np.ndarray, probabilities: np.ndarray, class_names: list[str] | None) -> None:
        self.name = name
        self.true = true
        self.probabilities = probabilities
        self.guess = probabilities.argmax(axis=-1)
        count = probabilities.shape[-1]
        self.words = list(map(str, class_names or range(count)))
        pairs = np.bincount(count * true.ravel() + self.guess.ravel(), minlength=count * count)
        self.confusion = pairs.reshape(count, count)

    def distribution(self) -> Html:
        counts = self.confusion.sum(axis=1)
        rows = [(word, int(n), _share(n / counts.sum())) for word, n in zip(self.words, counts, strict=True)]
        return table(f"Classes of {self.name}", ["class", "count", "share"], rows)

    def scores(self) -> Html:
        right, true, said = np.diag(self.confusion), self.confusion.sum(axis=1), self.confusion.sum(axis=0)
        columns = [_ratio(right, said), _ratio(right, true), _ratio(2 * right, said + true)]
        rows = [
            (word, *map(float, values), int(n)) for word, *values, n in zip(self.words, *columns, true, strict=True)
        ]
        rows.append(("mean of classes", *(float(np.nanmean(column)) for column in columns), int(true.sum())))
        accuracy = right.sum() / true.sum()
        caption = f"Classes of {self.name}; {accuracy:.1%} of all predictions are right"
        return table(caption, ["class", "precision", "recall", "F1", "count"], rows)

    def evidence(self) -> Html:
        matrix = self._matrix() if len(self.words) <= _MOST else None
        return joined([matrix, *(self._thresholds() if self._is_graded() else ()), self._pairs()])

    def _is_graded(self) -> bool:
        """Whether there are two classes, both present, so that a threshold between them can be moved."""
        both = len(self.words) == 2 and self.confusion.sum(axis=1).all()
        return bool(both and np.isfinite(self.probabilities).all())

    def _thresholds(self) -> Iterator[Html]:
        true, share = self.true.ravel(), self.probabilities[..., 1].ravel()
        titles = {"Precision and recall": precision_recall_curve, "True and false positives": roc_curve}
        for title, curve in titles.items():
            alt = f"{title} of {self.name} for all thresholds between its two classes."
            draw = partial(_draw, curve, true, share)
            yield figure(draw, f"{title} of {self.name}", alt, (4.4, 4.0))

    def _matrix(self) -> Html:
        shares = self.confusion / np.maximum(self.confusion.sum(axis=1, keepdims=True), 1)
        rows = []
        for place, (word, counts) in enumerate(zip(self.words, self.confusion, strict=True)):
            cells = [
                element(
                    "td",
                    number(int(n)),
                    class_="right" if place == other else "wrong" if n else "none",
                    style=f"--share: {100 * share:.0f}%",
                )
                for other, (n, share) in enumerate(zip(counts, shares[place], strict=True))
            ]
            rows.append([word, *cells])
        caption = f"Confusion matrix of {self.name}: true classes in rows, predicted ones in columns"
        return table(caption, ["true", *self.words], rows, class_="matrix")

    def _pairs(self) -> Html:
        wrong = self.confusion - np.diag(np.diag(self.confusion))
        order = np.argsort(wrong, axis=None, kind="stable")[::-1][:_PAIRS]
        pairs = [divmod(int(place), len(self.words)) for place in order]
        found = [(self.words[true], self.words[said], int(wrong[true, said])) for true, said in pairs]
        found = [pair for pair in found if pair[-1]]
        if not found:
            return element("p", f"{self.name}: no class is taken for another.")
        return table(f"Most frequent mistakes of {self.name}", ["true", "predicted", "count"], found)

    def worst(self, count: int) -> list[Mistake]:
        """The mistakes that the model was surest of."""
        sure = self.probabilities.max(axis=-1)
        excess = np.where(self.guess != self.true, np.nan_to_num(sure, nan=np.inf), -np.inf)
        order = np.argsort(-excess.max(axis=1), kind="stable")[:count]
        return [self._mistake(int(row), excess[row]) for row in order if excess[row].max() > -np.inf]

    def _mistake(self, row: int, excess: np.ndarray) -> Mistake:
        place = int(excess.argmax())
        guess, true = self.guess[row, place], self.true[row, place]
        where = f" at place {place}" if len(excess) > 1 else ""
        sure = _share(self.probabilities[row, place, guess])
        return Mistake(row, f"{self.words[guess]} ({sure}){where}", self.words[true])


def _draw(curve: Callable[..., Any], true: np.ndarray, share: np.ndarray, axes: Any, style: str) -> None:
    curve(true, share, ax=axes, style=style)


def _share(share: float) -> str:
    return f"{share:.0%}"


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Zero for classes that are never predicted, as is the custom."""
    return part / np.maximum(whole, 1)
