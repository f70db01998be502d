"""Predictions of any number of labels."""

import numpy as np

from lamina.reporting.markup import Html, table
from lamina.reporting.mistakes import Mistake


class Labels:
    """An output that gives each row any number of labels.

    Args:
        name: of the output.
        true: which labels hold, bool `(rows, labels)`.
        probabilities: `(rows, labels)`.
        class_names: a word for each label; numbers when left out.

    Example:
        >>> judged = Labels("y", np.array([[True, False]]), np.array([[0.9, 0.7]]), ["cat", "dog"])
        >>> judged.worst(1)
        [Mistake(row=0, predicted='cat, dog', true='cat')]
    """

    def __init__(self, name: str, true: np.ndarray, probabilities: np.ndarray, class_names: list[str] | None) -> None:
        self.name = name
        self.true = true
        self.probabilities = probabilities
        self.guess = probabilities > 0.5
        self.words = list(map(str, class_names or range(true.shape[1])))

    def distribution(self) -> Html:
        counts = self.true.sum(axis=0)
        rows = [(word, int(n), f"{n / len(self.true):.0%}") for word, n in zip(self.words, counts, strict=True)]
        return table(f"Labels of {self.name}", ["label", "count", "share of rows"], rows)

    def scores(self) -> Html:
        right, said, true = (part.sum(axis=0) for part in (self.true & self.guess, self.guess, self.true))
        ratios = (right / np.maximum(said, 1), right / np.maximum(true, 1), 2 * right / np.maximum(said + true, 1))
        rows = [(word, *map(float, values)) for word, *values in zip(self.words, *ratios, strict=True)]
        caption = f"Labels of {self.name}; all of them are right in {(self.true == self.guess).all(axis=1).mean():.1%}"
        return table(f"{caption} of the rows", ["label", "precision", "recall", "F1"], rows)

    def evidence(self) -> Html:
        kinds = [(true, said) for true in (True, False) for said in (True, False)]
        counts = [((self.true == true) & (self.guess == said)).sum(axis=0) for true, said in kinds]
        rows = [(word, *map(int, values)) for word, *values in zip(self.words, *counts, strict=True)]
        titles = ["label", "found", "missed", "made up", "rightly absent"]
        return table(f"Confusion of the labels of {self.name}", titles, rows)

    def worst(self, count: int) -> list[Mistake]:
        """The rows that the model is furthest from, summed over the labels that are wrong."""
        far = (np.abs(self.probabilities - self.true) * (self.guess != self.true)).sum(axis=1)
        order = np.argsort(-far, kind="stable")[:count]
        return [Mistake(int(row), self._said(self.guess[row]), self._said(self.true[row])) for row in order if far[row]]

    def _said(self, chosen: np.ndarray) -> str:
        return ", ".join(word for word, is_so in zip(self.words, chosen, strict=True) if is_so) or "none"
