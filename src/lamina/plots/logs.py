"""The logs of trainings as plots read them."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, LaminaError, suggestion
from lamina.training.directions import direction_of, name_direction
from lamina.training.logs import find_log


class Record(NamedTuple):
    """What is known of a training.

    Attributes:
        logs: from names to values, one per epoch, or fewer where validation was not done each time.
        epochs: the numbers of the epochs that ended, from 0; empty if they are not known.
        model: that was trained, if it is known.
        faults: why other logs are not among these.
    """

    logs: dict[str, np.ndarray]
    epochs: list[int]
    model: Any
    faults: Mapping[str, LaminaError]

    def names(self) -> list[str]:
        """The logs of training, and those of validation that stand alone; the loss first, and no learning rates."""
        logs = self.logs
        own = [n for n in logs if not (n.startswith("val_") and n[4:] in logs) and not n.startswith("learning_rate")]
        # Keras puts the metrics before the loss in the logs; the loss is what a reader looks for first.
        return sorted(own, key=lambda name: name != "loss")

    def find(self, name: str) -> str:
        """The log of that name, which may be one that older versions of Keras gave it.

        Raises:
            ArgumentError: if there is none, or it makes no curve.
        """
        found = find_log(name, [*self.logs, *self.faults])
        if found is None:
            raise ArgumentError(f"The history has no metric {name!r}.", hint=suggestion(name, self.logs))
        if found in self.faults:
            raise self.faults[found]
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
        ArgumentTypeError: for something else.
        ArgumentError: if no epoch has ended, or none of the logs makes a curve.

    Example:
        >>> read_record("learning_curves", {"loss": [2.0, 1.0]}).names()
        ['loss']
    """
    logs = logs_of(owner, history)
    faults = {name: fault for name, values in logs.items() if (fault := fault_of(owner, name, values))}
    if len(faults) == len(logs):
        raise next(iter(faults.values()))
    arrays = {name: np.asarray(values, "float64") for name, values in logs.items() if name not in faults}
    return Record(arrays, list(getattr(history, "epoch", [])), getattr(history, "model", None), faults)


def records_of(owner: str, histories: Any) -> dict[str, Record]:
    """Several trainings as records.

    Args:
        owner: the function that draws, for messages.
        histories: by name, or a list of them, which are then named by their numbers from 1.

    Raises:
        ArgumentTypeError: for something else.
        ArgumentError: if there are none.

    Example:
        >>> list(records_of("compare_runs", [{"loss": [2.0, 1.0]}, {"loss": [3.0]}]))
        ['1', '2']
    """
    hint = "pass {name: history, …}, or a list of what fit() returned."
    if not isinstance(histories, Iterable):
        kind = type(histories).__name__
        raise ArgumentTypeError(f"{owner}: several histories are expected. Received: a {kind}", hint=hint)
    named = histories if isinstance(histories, Mapping) else dict(enumerate(histories, 1))
    if not named:
        raise ArgumentError(f"{owner}: there are no histories.", hint=hint)
    return {str(name): read_record(owner, history) for name, history in named.items()}


def logs_of(owner: str, history: Any) -> Mapping[str, Any]:
    """The logs of a history by their names, as for `read_record`."""
    logs = getattr(history, "history", history)
    columns = getattr(logs, "columns", None)
    if columns is not None:
        logs = {name: logs[name].dropna().tolist() for name in columns if name != "epoch"}
    if not isinstance(logs, Mapping):
        raise ArgumentTypeError(
            f"{owner}: the history must be what fit() returned, or its dictionary. Received: a {type(logs).__name__}",
            hint="fit() returns the history: history = model.fit(...).",
        )
    if not any(np.size(values) for values in logs.values()):
        raise ArgumentError(
            f"{owner}: the history is empty: no epoch has ended yet.", hint="call fit() first; it returns the history."
        )
    return logs


def fault_of(owner: str, name: str, values: Any) -> LaminaError | None:
    """Why a log makes no curve: it is no number per epoch, or nothing but NaN. A training that ends in NaN makes one.

    Args:
        owner: the function that draws, for the message.
        name: of the log.
        values: of the log.

    Example:
        >>> print(fault_of("learning_curves", "f1", [[0.5, 0.9], [0.6, 0.9]]))
        learning_curves: the log 'f1' must hold one number per epoch.
        >>> fault_of("learning_curves", "loss", [2.0, float("nan")]) is None
        True
    """
    try:
        array = np.asarray(values, dtype="float64")
    except (TypeError, ValueError):
        array = np.empty((0, 0))
    if array.ndim != 1:
        return ArgumentTypeError(f"{owner}: the log {name!r} must hold one number per epoch.")
    if not array.size:
        return ArgumentError(f"{owner}: the log {name!r} is empty.")
    if not np.isfinite(array).any():
        hint = "callbacks.TerminateOnNaN stops a training that diverges."
        return ArgumentError(f"{owner}: all {array.size} values of the log {name!r} are NaN or infinite.", hint=hint)
    return None
