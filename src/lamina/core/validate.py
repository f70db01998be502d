"""Checks of arguments that many classes share, with messages of one form."""

import os
from collections.abc import Callable, Collection, Hashable
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, suggestion


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


def integer(owner: str, name: str, value: Any) -> int:
    """`value` as an integer."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ArgumentError(f"{owner}: {name} must be an integer. Received: {name}={value!r}")
    return int(value)


def fraction(owner: str, name: str, value: Any, *, closed: bool = False) -> float:
    """`value` as a number in [0, 1), or [0, 1] if `closed`."""
    number = as_number(value)
    if not (0 <= number < 1 or (closed and number == 1)):
        interval = "from 0 to 1" if closed else "from 0 up to, not including, 1"
        raise ArgumentError(f"{owner}: {name} must be a number {interval}. Received: {name}={value!r}")
    return number


def closed_fraction(owner: str, name: str, value: Any) -> float:
    """`value` as a number in [0, 1]."""
    return fraction(owner, name, value, closed=True)


def not_negative(owner: str, name: str, value: Any) -> float:
    """`value` as a finite number, zero or above."""
    number = as_number(value)
    if not 0 <= number < float("inf"):
        raise ArgumentError(f"{owner}: {name} must be a finite number, zero or above. Received: {name}={value!r}")
    return number


def above_zero(owner: str, name: str, value: Any) -> float:
    """`value` as a finite number above zero."""
    number = as_number(value)
    if not 0 < number < float("inf"):
        raise ArgumentError(f"{owner}: {name} must be a finite number above 0. Received: {name}={value!r}")
    return number


def finite(owner: str, name: str, value: Any) -> float:
    """`value` as a finite number."""
    number = as_number(value)
    if not abs(number) < float("inf"):
        raise ArgumentError(f"{owner}: {name} must be a finite number. Received: {name}={value!r}")
    return number


def optional(check: Callable[[str, str, Any], Any]) -> Callable[[str, str, Any], Any]:
    """The check that lets `None` pass, too."""
    return lambda owner, name, value: None if value is None else check(owner, name, value)


def as_number(value: Any) -> float:
    """`value` as a plain number, an integer if it is one; NaN, which passes no test, if it is none.

    Example:
        >>> as_number(np.float32(0.5)), as_number("much")
        (0.5, nan)
    """
    if isinstance(value, bool | np.bool_):
        return float("nan")
    if isinstance(value, int | float):
        return value
    return float(value) if getattr(value, "shape", None) == () else float("nan")


def numeric(owner: str, name: str, value: Any) -> Any:
    """`value`, if it is a number or an array of numbers.

    Example:
        >>> numeric("Rescaling", "scale", [0.5, 2.0])
        [0.5, 2.0]
    """
    if np.asarray(value).dtype.kind not in "biuf":
        raise ArgumentError(f"{owner}: {name} must be a number, or several. Received: {name}={value!r}")
    return value


def file_path(owner: str, name: str, value: Any) -> str:
    """`value` as the name of a file or folder.

    Raises:
        ArgumentTypeError: if it is none.

    Example:
        >>> file_path("load_model", "filepath", "net.keras")
        'net.keras'
    """
    if not isinstance(value, str | os.PathLike):
        raise ArgumentTypeError(
            f"{owner}: {name} must be a path, given as a string or a pathlib.Path. Received: {name}={value!r}"
        )
    return os.fspath(value)


def one_of(owner: str, name: str, value: Any, choices: Collection[Any]) -> Any:
    """`value`, if it is among `choices`."""
    if not isinstance(value, Hashable) or value not in choices:
        shown = ", ".join(repr(choice) for choice in choices)
        hint = suggestion(value, [c for c in choices if isinstance(c, str)]) if isinstance(value, str) else None
        raise ArgumentError(f"{owner}: {name} must be one of {shown}. Received: {name}={value!r}", hint=hint)
    return value
