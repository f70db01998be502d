"""The door between users and lamina: misspelt arguments get suggestions, tracebacks end in the user's own line."""

import functools
import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

import jax

from lamina.core.engine import VALUE_NEEDED
from lamina.core.errors import DataDependentError, LaminaError, UnexpectedArgumentError, suggestion

F = TypeVar("F", bound=Callable[..., Any])

_INTERNAL = (str(Path(__file__).parent.parent), str(Path(jax.__file__).parent))


def short_traceback(function: F) -> F:
    """Leaves lamina's and JAX's frames out of the traceback of a `LaminaError` that `function` raises.

    Frames of the user's code, such as the `call` of a custom layer, stay. If it is code of the user's, such as a loss
    or a schedule, that cannot be compiled, the error says so.
    """

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except LaminaError as error:
            cause = error.__cause__
            raise error.with_traceback(_without_internals(error.__traceback__)) from cause
        except VALUE_NEEDED as error:
            traceback = _without_internals(error.__traceback__)
            if traceback is None:
                raise
            raise _needs_value(traceback).with_traceback(traceback) from None

    return cast(F, wrapper)


def _without_internals(traceback: TracebackType | None) -> TracebackType | None:
    kept = []
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(_INTERNAL):
            kept.append(traceback)
        traceback = traceback.tb_next
    result = None
    for entry in reversed(kept):
        result = TracebackType(result, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return result


def _needs_value(traceback: TracebackType) -> DataDependentError:
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    code = traceback.tb_frame.f_code
    place = f"{code.co_qualname} (line {traceback.tb_lineno} of {Path(code.co_filename).name})"
    return value_not_known(place)


def value_not_known(what: str) -> DataDependentError:
    """The error for code of users' that asks for values while it is traced.

    Args:
        what: the code.
    """
    return DataDependentError(
        f"{what} uses the value of a tensor in Python (an if, a while, or a conversion to a number), but in a "
        "compiled step values are not known yet.",
        hint="use lamina.ops.where or lamina.ops.cond, or compile the model with run_eagerly=True.",
    )


def public(function: F) -> F:
    """Makes a function or method the door: keywords are checked by name, and errors have short tracebacks.

    Example:
        >>> @public
        ... def fit(epochs=1): ...
        >>> fit(ephocs=2)
        Traceback (most recent call last):
            ...
        lamina.core.errors.UnexpectedArgumentError: fit() has no argument 'ephocs' (received ephocs=2).
        <BLANKLINE>
        hint: did you mean epochs?
    """
    parameters = inspect.signature(function).parameters.values()
    names = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)} - {"self"}
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters)
    called = function.__name__ if function.__name__ != "__init__" else function.__qualname__.split(".")[-2]

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not takes_all and not kwargs.keys() <= names:
            wrong = next(name for name in kwargs if name not in names)
            raise UnexpectedArgumentError(
                f"{called}() has no argument {wrong!r} (received {wrong}={_short(kwargs[wrong])}).",
                hint=suggestion(wrong, names),
            )
        return function(*args, **kwargs)

    return cast(F, short_traceback(checked))


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warns, naming the line of the user's own code from which lamina was called.

    Args:
        message: what to say.
        category: the kind of warning.
    """
    level, frame = 1, inspect.currentframe()
    while frame is not None and frame.f_back is not None and frame.f_code.co_filename.startswith(_INTERNAL):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _short(value: Any) -> str:
    """A value in a message: its repr if it is a plain one, never the contents of an array."""
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    shape = getattr(value, "shape", None)
    return f"<{type(value).__name__}{'' if shape is None else f' of shape {tuple(shape)}'}>"
