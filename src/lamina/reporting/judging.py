"""What an output of a model is about, found from its predictions and what is true."""

from typing import Any, Protocol

import numpy as np

from lamina.core.errors import DataError
from lamina.reporting.classes import Classes
from lamina.reporting.labels import Labels
from lamina.reporting.markup import Html
from lamina.reporting.mistakes import Mistake
from lamina.reporting.numbers import Numbers


class Judgement(Protocol):
    """What there is to tell of an output.

    Attributes:
        name: of the output.
    """

    name: str

    def distribution(self) -> Html:
        """How the targets are distributed."""
        ...

    def scores(self) -> Html:
        """How good the predictions are, beyond the model's own metrics."""
        ...

    def evidence(self) -> Html:
        """Where they are right and wrong: a confusion matrix, or residuals."""
        ...

    def worst(self, count: int) -> list[Mistake]:
        """The worst mistakes."""
        ...


def judge(name: str, targets: Any, predictions: Any, logits: bool, class_names: list[str] | None) -> Judgement:
    """Compares predictions with what is true.

    Targets of 0 and 1, or -1 and 1, before a single number are two classes; integers before several numbers
    are classes, and so are rows with a single 1; rows with any number of ones are labels. All else are numbers.

    Args:
        name: of the output.
        targets: `(rows, …)`.
        predictions: `(rows, …)`.
        logits: whether predictions are logits in place of probabilities.
        class_names: a word for each class or label.

    Raises:
        DataError: if targets and predictions do not fit.

    Example:
        >>> type(judge("y", [0, 1, 1], [[0.2], [0.9], [0.4]], False, None)).__name__
        'Classes'
        >>> type(judge("y", [0.5, 1.5], [[0.2], [1.9]], False, None)).__name__
        'Numbers'
    """
    true, guess = np.asarray(targets), np.asarray(predictions).astype("float64")
    rows, columns = len(guess), guess.shape[-1] if guess.ndim > 1 else 1
    values = set(np.unique(true).tolist())
    if columns == 1 and guess.size == true.size and (values <= {0, 1} or values <= {-1, 1}):
        share = _sigmoid(guess) if logits else guess if values <= {0, 1} else (1 + guess) / 2
        share = share.reshape(rows, -1, 1)
        probabilities = np.concatenate([1 - share, share], axis=-1)
        return Classes(name, (true > 0).astype(int).reshape(rows, -1), probabilities, class_names)
    if columns > 1 and true.size * columns == guess.size and values <= set(range(columns)):
        return Classes(name, true.astype(int).reshape(rows, -1), _by_place(guess, logits), class_names)
    if true.size != guess.size:
        raise DataError(
            f"report: the targets of the output '{name}' do not fit its predictions: "
            f"{list(true.shape)} and {list(guess.shape)}."
        )
    if columns > 1 and values <= {0, 1}:
        true = true.reshape(guess.shape)
        if (true.sum(axis=-1) == 1).all():
            return Classes(name, true.argmax(axis=-1).reshape(rows, -1), _by_place(guess, logits), class_names)
        share = _sigmoid(guess) if logits else guess
        return Labels(name, (true > 0).reshape(-1, columns), share.reshape(-1, columns), class_names)
    return Numbers(name, true.reshape(rows, -1).astype("float64"), guess.reshape(rows, -1))


def _by_place(guess: np.ndarray, logits: bool) -> np.ndarray:
    """Probabilities as `(rows, places, classes)`: a sequence or an image has many places in a row."""
    if logits:
        powers = np.exp(guess - guess.max(axis=-1, keepdims=True))
        guess = powers / powers.sum(axis=-1, keepdims=True)
    return guess.reshape(len(guess), -1, guess.shape[-1])


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(logits / 2))
