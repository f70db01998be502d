"""Logs by name: what older versions of Keras called otherwise is found all the same."""

import functools
from collections.abc import Iterable
from typing import Any

from lamina.core.errors import MissingLogError, suggestion
from lamina.core.serialization import builtin_aliases


class Logs(dict[str, Any]):
    """Values by name, found by their synonyms, too; it holds and lists the real names only.

    Example:
        >>> logs = Logs(accuracy=0.5, val_mae=2.0, learning_rate=0.1)
        >>> logs["acc"], logs["val_mean_absolute_error"], logs.get("lr"), "loss" in logs
        (0.5, 2.0, 0.1, False)
        >>> list(logs)
        ['accuracy', 'val_mae', 'learning_rate']
    """

    def __missing__(self, name: str) -> Any:
        found = find_log(name, self)
        if found is None:
            raise MissingLogError(f"There is no {name!r} in the logs.", hint=find_advice(name, self))
        return self[found]

    def __contains__(self, name: object) -> bool:
        return find_log(name, self) is not None

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name or of its synonym."""
        found = find_log(name, self)
        return default if found is None else self[found]


def find_advice(name: str, logs: Iterable[str]) -> str:
    """What to do where a log is missing.

    Example:
        >>> find_advice("val_loss", ["loss"])
        'pass validation_data to fit; with validation_freq, only some epochs have such logs.'
        >>> find_advice("acuracy", ["accuracy", "loss"])
        'did you mean accuracy?'
    """
    logs = list(logs)
    if name.startswith("val_") and not any(log.startswith("val_") for log in logs):
        return "pass validation_data to fit; with validation_freq, only some epochs have such logs."
    return suggestion(name, logs)


def find_log(name: object, names: Iterable[str]) -> str | None:
    """The one of `names` that means the same as `name`.

    Example:
        >>> find_log("val_acc", ["loss", "val_accuracy"])
        'val_accuracy'
    """
    names = list(names)
    if name in names:
        return name  # type: ignore[return-value]
    if not isinstance(name, str):
        return None
    wanted = _meaning(name)
    return next((other for other in names if _meaning(other) == wanted), None)


@functools.cache
def _meaning(name: str) -> str:
    """A name in the words that its synonyms share; it may say `val_` and an output's name before the metric's."""
    words = name.split("_")
    for start in range(len(words)):
        metric = _synonyms().get("_".join(words[start:]).lower())
        if metric is not None:
            return "_".join([*words[:start], metric])
    return name


@functools.cache
def _synonyms() -> dict[str, str]:
    """From the names of metrics and losses to one that is the same for the function and the class."""
    items = {**builtin_aliases("losses"), **builtin_aliases("metrics")}
    found = {alias: item.__name__.replace("_", "").lower() for alias, item in items.items()}
    return {**found, "acc": "accuracy", "lr": "learning rate", "learning_rate": "learning rate"}
