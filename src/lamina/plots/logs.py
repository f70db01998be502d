"""The logs of trainings as plots read them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, suggestion
from lamina.plots.values import finite_array
from lamina.training.directions import direction_of, name_direction
from lamina.training.logs import find_log


class Record(NamedTuple):
    """What is known of a training.

    Attributes:
        logs: from names to values, one per epoch, or fewer where validation was not done each time.
        epochs: the numbers of the epochs that ended, from 0; empty if they are not known.
        model: that was trained, if it is known.
    """

    logs: dict[str, np.ndarray]
    epochs: list[int]
    model: Any

    def names(self) -> list[str]:
        """The logs of training, and those of validation that stand alone; the loss first, and no learning rates."""
        logs = self.logs
        own = [n for n in logs if not (n.startswith("val_") and n[4:] in logs) and not n.startswith("learning_rate")]
        # Keras puts the metrics before the loss in the logs; the loss is what a reader looks for first.
        return sorted(own, key=lambda name: name != "loss")

    def find(self, name: str) -> str:
        """The log of that name, which may be one that older versions of Keras gave it.

        Raises:
            ArgumentError: if there is none.
        """
        found = find_log(name, self.logs)
        if found is None:
            raise ArgumentError(f"The history has no metric {name!r}.", hint=suggestion(name, self.logs))
        return found

    def places(self, name: str) -> np.ndarray:
        """The numbers of the epochs, from 1, after which the values of a log were known."""
        count, epochs = len(self.logs[name]), self.epochs
        if len(epochs) == count:
            return np.array(epochs) + 1
        last = len(epochs) or max(map(len, self.logs.values()))
        step = max(last // max(count, 1), 1)  # validation_freq leaves gaps, evenly
        return step * np.arange(1, count + 1)

    def rises(self, name: str) -> bool:
        """Whether the values of a log are better high than low."""
        plain = name.removeprefix("val_")
        return (direction_of(plain, self.model) or name_direction(plain)) == "up"

    def best(self, name: str) -> int:
        """Where the values of a log are best."""
        values = self.logs[name]
        return int(np.nanargmax(values) if self.rises(name) else np.nanargmin(values))


def read_record(owner: str, history: Any) -> Record:
    """What `fit` returned, as a record.

    Args:
        owner: the function that draws, for messages.
        history: a `History`, its dictionary, or a DataFrame such as one read from a CSV log.

    Raises:
        ArgumentTypeError: for something else, or values that are no numbers.
        ArgumentError: if no epoch has ended, or a log holds nothing but NaN.

    Example:
        >>> read_record("learning_curves", {"loss": [2.0, 1.0]}).names()
        ['loss']
    """
    logs = getattr(history, "history", history)
    columns = getattr(logs, "columns", None)
    if columns is not None:
        logs = {name: logs[name].dropna() for name in columns if name != "epoch"}
    if not isinstance(logs, Mapping):
        raise ArgumentTypeError(
            f"{owner}: the history must be what fit() returned, or its dictionary. Received: a {type(logs).__name__}",
            hint="fit() returns the history: history = model.fit(...).",
        )
    if not logs or not any(len(values) for values in logs.values()):
        raise ArgumentError(
            f"{owner}: the history is empty: no epoch has ended yet.", hint="call fit() first; it returns the history."
        )
    arrays = {name: _values(owner, name, values) for name, values in logs.items()}
    return Record(arrays, list(getattr(history, "epoch", [])), getattr(history, "model", None))


def _values(owner: str, name: str, values: Sequence[float]) -> np.ndarray:
    """A training that diverges ends in NaN, which leaves a gap; but something must be left to draw."""
    try:
        array = np.asarray(values, dtype="float64")
    except (TypeError, ValueError):
        array = np.empty((0, 0))
    if array.ndim != 1:
        raise ArgumentTypeError(f"{owner}: the log {name!r} must hold one number per epoch.")
    return array if np.isfinite(array).any() else finite_array(owner, f"the log {name!r}", array)
