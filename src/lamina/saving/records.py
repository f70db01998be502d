"""Models as records in files, and back: what a record may ask for while it is read."""

import copy
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lamina.core.errors import ArgumentError, LaminaError, LoadError, UnknownNameError, UnsafeFileError
from lamina.core.serialization import (
    SHARED,
    deserialize_keras_object,
    get_registered_name,
    get_registered_object,
    is_builtin,
    reading_file,
    serialize_keras_object,
    writing_file,
)
from lamina.core.tracebacks import warn_user
from lamina.core.variable import Variable, undrawn

_SPARE = 1 << 28  # bytes of weights that a file may ask for without holding them,
_SPARE_FACTOR = 4  # and how many times its own size, if that is more: an optimizer's slots

_COMPILED = "compile_config"
_ASKS = "asks for what lamina cannot make"
_WITHOUT_NAMES = (
    "Without them, the weights alone can be loaded into a model that you build: model.load_weights(...). What a model "
    "was compiled with is left out with compile=False."
)


def describe(model: Any) -> dict[str, Any]:
    """The record of a model.

    Args:
        model: what to describe.

    Raises:
        ArgumentError: if it has no config; says what can be saved all the same.
    """
    cls = type(model)
    try:
        return _written(model)
    except (LaminaError, NotImplementedError, TypeError) as error:
        if getattr(model, "compiled", False) and (record := _without_compilation(model)) is not None:
            warn_user(
                f"{cls.__name__} '{model.name}' is saved without what it was compiled with, which cannot be described: "
                f"{_fact(error)} Compile it again after loading."
            )
            return record
        raise ArgumentError(
            f"{cls.__name__} '{model.name}' cannot be saved whole: {_fact(error)}",
            hint="define get_config() and register the class with @lamina.saving.register_keras_serializable(), or "
            "save the weights alone with model.save_weights('name.weights.h5') and load them into a new model.",
        ) from error


def _without_compilation(model: Any) -> dict[str, Any] | None:
    bare = copy.copy(model)
    object.__setattr__(bare, "get_compile_config", lambda: None)
    try:
        return _written(bare)
    except (LaminaError, NotImplementedError, TypeError):
        return None


def _written(model: Any) -> dict[str, Any]:
    """The record, with numbers for those layers only that occur several times."""
    with writing_file():
        record = serialize_keras_object(model)
    found = [part for part in _parts(record) if SHARED in part]
    counts = Counter(part[SHARED] for part in found)
    for part in found:
        if counts[part[SHARED]] == 1:
            del part[SHARED]
    return record


def _parts(item: Any) -> Iterator[dict[str, Any]]:
    if isinstance(item, dict):
        yield item
    for part in item.values() if isinstance(item, dict) else item if isinstance(item, list | tuple) else ():
        yield from _parts(part)


def warn_unregistered(model: Any) -> None:
    """Tells whoever saves a model of a class of his own what loading it will need."""
    cls = type(model)
    if not is_builtin(cls) and get_registered_object(get_registered_name(cls)) is not cls:
        warn_user(
            f"{cls.__name__} is not registered, so its file will load only with "
            f"custom_objects={{'{cls.__name__}': {cls.__name__}}}. Register the class with "
            "@lamina.saving.register_keras_serializable(), or save the weights alone with model.save_weights()."
        )


def revive(config: dict[str, Any], name: str, custom_objects: Any, compile: bool, safe_mode: bool) -> Any:
    """The object that a record in a file describes, without its weights.

    Args:
        config: the record.
        name: of the file, for messages.
        custom_objects: classes and functions by name.
        compile: whether to compile it as the saved one was.
        safe_mode: whether to refuse the code of lambdas.

    Raises:
        LoadError: if the record makes no sense.
        UnsafeFileError: if it asks for what files are not trusted with.
        UnknownNameError: if it names classes or functions that are not known.
    """
    if not compile:
        config = {key: value for key, value in config.items() if key != _COMPILED}
    with reading(name), reading_file(safe_mode):
        model = deserialize_keras_object(config, custom_objects)
        if not hasattr(model, "save_own_variables"):
            raise LoadError(f"'{name}' describes a {type(model).__name__}, not a model.")
        return model


@contextmanager
def reading(name: str, advice: str = _WITHOUT_NAMES) -> Iterator[None]:
    """Says of which file it is that something went wrong, whatever went wrong.

    Args:
        name: of the file.
        advice: what else to do about names that are not known.
    """
    try:
        yield
    except UnknownNameError as error:
        raise UnknownNameError(f"'{name}': {error.fact}", hint=f"{error.hint} {advice}".rstrip()) from error
    except LoadError:
        raise
    except LaminaError as error:
        raise LoadError(f"'{name}' {_ASKS}: {error.fact}", hint=error.hint) from error
    except RecursionError:
        raise UnsafeFileError(f"'{name}' holds a description that contains itself, or is nested too deep.") from None
    except Exception as error:
        raise LoadError(
            f"'{name}' {_ASKS}: {type(error).__name__}: {_first_line(error)}",
            hint="it is damaged, or a from_config() of your own raised this error: see above.",
        ) from error


def finish(made: list[Variable], name: str, size: int, spare: int = _SPARE) -> None:
    """Draws the weights that the file did not hold, if they are of a reasonable size.

    Args:
        made: the variables of the new model.
        name: of the file, for messages.
        size: of the file, bytes.
        spare: what may be drawn in any case, bytes.

    Raises:
        UnsafeFileError: if they would take much more memory than the file.
    """
    rest = undrawn(made)
    total = sum(variable.pending_bytes for variable in rest)
    if total > max(spare, _SPARE_FACTOR * size):
        raise UnsafeFileError(
            f"'{name}' describes weights of {total:,} bytes that it does not hold; it has {size:,} bytes.",
            hint="it is damaged, or was made to exhaust the memory. A config that you trust is taken by from_config().",
        )
    for variable in rest:
        variable.stored  # noqa: B018 - draws it


def _fact(error: BaseException) -> str:
    return error.fact if isinstance(error, LaminaError) else _first_line(error)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
