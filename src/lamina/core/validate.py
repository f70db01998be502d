"""Checks of arguments that many classes share, with messages of one form."""

from collections.abc import Collection
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, suggestion


def positive_int(owner: str, name: str, value: Any) -> int:
    """`value` as an integer above zero.

    Raises:
        ArgumentError: if it is none.

    Example:
        >>> positive_int("Dense", "units", 3)
        3
    """
    return at_least(owner, name, value, 1)


def at_least(owner: str, name: str, value: Any, low: int) -> int:
    """`value` as an integer from `low` on."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
        wanted = "a positive integer" if low == 1 else f"an integer, {low} or above"
        raise ArgumentError(f"{owner}: {name} must be {wanted}. Received: {name}={value!r}")
    return int(value)


def fraction(owner: str, name: str, value: Any, *, closed: bool = False) -> float:
    """`value` as a number in [0, 1), or [0, 1] if `closed`."""
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not number or not (0 <= value < 1 or (closed and value == 1)):
        interval = "from 0 to 1" if closed else "from 0 up to, not including, 1"
        raise ArgumentError(f"{owner}: {name} must be a number {interval}. Received: {name}={value!r}")
    return float(value)


def not_negative(owner: str, name: str, value: Any) -> float:
    """`value` as a finite number, zero or above."""
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not number or not 0 <= value < float("inf"):
        raise ArgumentError(f"{owner}: {name} must be a finite number, zero or above. Received: {name}={value!r}")
    return float(value)


def one_of(owner: str, name: str, value: Any, choices: Collection[Any]) -> Any:
    """`value`, if it is among `choices`."""
    if value not in choices:
        shown = ", ".join(repr(choice) for choice in choices)
        hint = suggestion(value, [c for c in choices if isinstance(c, str)]) if isinstance(value, str) else None
        raise ArgumentError(f"{owner}: {name} must be one of {shown}. Received: {name}={value!r}", hint=hint)
    return value
