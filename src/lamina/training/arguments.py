"""The arguments of `fit`, `evaluate` and `predict`, checked before anything happens."""

from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.validate import at_least, integer, one_of, positive_int


def check_verbose(verbose: Any) -> int:
    """0, 1 or 2; "auto" means a bar."""
    if isinstance(verbose, str) and verbose == "auto":
        return 1
    if isinstance(verbose, bool | np.bool_):
        return int(verbose)
    if verbose not in (0, 1, 2):
        raise ArgumentError(f"verbose must be 0, 1, 2 or 'auto'. Received: verbose={verbose!r}")
    return int(verbose)


def check_optional(method: str, **steps: Any) -> None:
    """Arguments that are positive integers where they are given."""
    for name, value in steps.items():
        if value is not None:
            positive_int(method, name, value)


def check_epochs(epochs: Any, initial_epoch: Any) -> tuple[int, int]:
    """The number of the epoch to stop before, and of the first one."""
    return at_least("fit", "epochs", epochs, 0), at_least("fit", "initial_epoch", initial_epoch, 0)


def check_split(validation_split: Any) -> float:
    """The share of the rows that are held back; some must be left for training."""
    number = isinstance(validation_split, int | float | np.number) and not isinstance(validation_split, bool)
    if validation_split is None:
        return 0.0
    if not number or not 0 <= validation_split < 1:
        raise ArgumentError(
            "validation_split must be a number from 0 up to, not including, 1. "
            f"Received: validation_split={validation_split!r}",
            hint="0.2 holds back the last fifth of the rows.",
        )
    return float(validation_split)


def check_shuffle(shuffle: Any) -> bool | str:
    """Whether to shuffle; "batch" means within batches."""
    if isinstance(shuffle, bool | int | np.bool_):
        return bool(shuffle)
    return one_of("fit", "shuffle", shuffle, (True, False, "batch"))


def check_freq(validation_freq: Any) -> Any:
    """How often to validate: every so many epochs, or after the epochs that are listed (from 1)."""
    if isinstance(validation_freq, list | tuple | set | range | np.ndarray):
        return {integer("fit", "an epoch of validation_freq", epoch) for epoch in validation_freq}
    if isinstance(validation_freq, bool) or not isinstance(validation_freq, int | np.integer) or validation_freq < 1:
        raise ArgumentError(
            "fit: validation_freq must be a positive integer, or a list of epochs. "
            f"Received: validation_freq={validation_freq!r}",
            hint="2 validates after every second epoch, [1, 10] after these two.",
        )
    return int(validation_freq)


def is_due(epoch: int, validation_freq: Any) -> bool:
    """Whether to validate after epoch number `epoch`, from 0.

    Example:
        >>> [is_due(epoch, 2) for epoch in range(4)], is_due(2, {3})
        ([False, True, False, True], True)
    """
    if isinstance(validation_freq, set):
        return epoch + 1 in validation_freq
    return (epoch + 1) % validation_freq == 0
