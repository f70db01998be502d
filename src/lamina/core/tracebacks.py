"""Tracebacks that end in the user's own line."""

import functools
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

from lamina.core.errors import LaminaError

F = TypeVar("F", bound=Callable[..., Any])

_OWN = str(Path(__file__).parent.parent)


def short_traceback(function: F) -> F:
    """Leaves lamina's and JAX's frames out of the traceback of a `LaminaError` that `function` raises.

    Frames of the user's code, such as the `call` of a custom layer, stay.
    """

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except LaminaError as error:
            cause = error.__cause__
            raise error.with_traceback(_without_internals(error.__traceback__)) from cause

    return cast(F, wrapper)


def _without_internals(traceback: TracebackType | None) -> TracebackType | None:
    kept = []
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        if not filename.startswith(_OWN) and f"{'/'}jax{'/'}" not in filename.replace("\\", "/"):
            kept.append(traceback)
        traceback = traceback.tb_next
    result = None
    for entry in reversed(kept):
        result = TracebackType(result, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return result
