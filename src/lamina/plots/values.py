"""Checks of the numbers that are to be drawn."""

from collections.abc import Sized
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError


def number_array(owner: str, name: str, values: Any) -> np.ndarray:
    """Numbers as an array, as for `finite_array`; NaN and infinite ones may be among them."""
    try:
        array = np.asarray(values, dtype="float64")
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(f"{owner}: {name} must be an array of numbers. Received: {_kind(values)}") from error
    if not array.size:
        raise ArgumentError(f"{owner}: {name} is empty: its shape is {array.shape}.")
    return array


def finite_array(owner: str, name: str, values: Any, rank: int | None = None) -> np.ndarray:
    """Numbers as an array.

    Args:
        owner: the function that draws, for messages.
        name: of the argument.
        values: numbers, at least one, none of them NaN or infinite.
        rank: how many axes there must be; any number if not given.

    Returns:
        Floats, in 64 bits.

    Raises:
        ArgumentTypeError: for what is no numbers.
        ArgumentError: for no numbers at all, NaN, infinite ones, or another rank.

    Example:
        >>> finite_array("residuals", "targets", [1, 2])
        array([1., 2.])
    """
    array = number_array(owner, name, values)
    if rank is not None and array.ndim != rank:
        raise ArgumentError(f"{owner}: {name} must have {rank} axes. Received: shape {array.shape}")
    bad = ~np.isfinite(array)
    if bad.any():
        first = np.argwhere(bad)[0].tolist()
        raise ArgumentError(
            f"{owner}: {name} holds {bad.sum()} values that are NaN or infinite, the first at {first}.",
            hint="find out where they come from; callbacks.TerminateOnNaN stops a training that diverges.",
        )
    return array


def flat_array(owner: str, name: str, values: Any) -> np.ndarray:
    """Numbers as an array of one axis: `(examples,)` or `(examples, 1)` are given."""
    array = finite_array(owner, name, values)
    if array.ndim > 1 and array.shape != (len(array), 1):
        raise ArgumentError(f"{owner}: {name} must be (examples,) or (examples, 1). Received: shape {array.shape}")
    return array.reshape(-1)


def interval_of(owner: str, name: str, values: Any) -> tuple[Any, Any]:
    """The two ends of what is given as a pair.

    Example:
        >>> interval_of("activation_functions", "limits", [-1, 1])
        (-1, 1)
    """
    try:
        low, high = values
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(f"{owner}: {name} must be a pair, (low, high). Received: {_kind(values)}") from error
    return low, high


def same_length(owner: str, **arrays: Sized) -> None:
    """Raises unless arrays have equally many entries."""
    counts = {name: len(array) for name, array in arrays.items()}
    if len(set(counts.values())) > 1:
        shown = ", but ".join(f"{count} {name}" for name, count in counts.items())
        raise ArgumentError(f"{owner}: there are {shown}.")


def _kind(values: Any) -> str:
    return repr(values) if isinstance(values, str) else f"a {type(values).__name__}"
