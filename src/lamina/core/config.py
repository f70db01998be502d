"""Settings of the whole process: default dtype, epsilon, image format and folders."""

import logging
import os
from pathlib import Path

from lamina.core.errors import ArgumentError

_FLOATS = ("float16", "bfloat16", "float32", "float64")
_settings: dict[str, object] = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}
_logging = {"interactive": True}


def floatx() -> str:
    """The dtype of weights and of converted inputs when none is given.

    Example:
        >>> floatx()
        'float32'
    """
    return str(_settings["floatx"])


def set_floatx(value: str) -> None:
    """Sets the default float dtype.

    Args:
        value: one of `"float16"`, `"bfloat16"`, `"float32"`, `"float64"`.

    Raises:
        ArgumentError: for any other value.
    """
    if value not in _FLOATS:
        raise ArgumentError(f"floatx must be one of {', '.join(_FLOATS)}. Received: {value!r}")
    if value == "float64":
        allow_wide_types()
    _settings["floatx"] = value


def allow_wide_types() -> None:
    """Lets arrays hold 64-bit numbers from now on.

    JAX would make 32-bit numbers of them. Whoever asks for float64, as `floatx` or in a dtype policy, gets it.
    """
    import jax

    # Asked for first, since a thread may have allowed them for a while only.
    if not jax.config.jax_enable_x64:  # type: ignore[attr-defined]
        jax.config.update("jax_enable_x64", True)


def epsilon() -> float:
    """The small number that keeps divisions and logarithms finite.

    Example:
        >>> epsilon()
        1e-07
    """
    return _settings["epsilon"]  # type: ignore[return-value]


def set_epsilon(value: float) -> None:
    """Sets the small number that keeps divisions and logarithms finite."""
    _settings["epsilon"] = value


def image_data_format() -> str:
    """Where images have their channels: `"channels_last"` or `"channels_first"`."""
    return str(_settings["image_data_format"])


def set_image_data_format(data_format: str) -> None:
    """Sets where images have their channels.

    Raises:
        ArgumentError: if `data_format` is neither `"channels_last"` nor `"channels_first"`.
    """
    if data_format not in ("channels_last", "channels_first"):
        raise ArgumentError(f"image_data_format must be 'channels_last' or 'channels_first'. Received: {data_format!r}")
    _settings["image_data_format"] = data_format


def is_interactive_logging_enabled() -> bool:
    """Whether messages are printed, or else go to the log."""
    return _logging["interactive"]


def enable_interactive_logging() -> None:
    """Prints messages."""
    _logging["interactive"] = True


def disable_interactive_logging() -> None:
    """Sends messages to the log "lamina" of Python's `logging` instead."""
    _logging["interactive"] = False


def message(text: str) -> None:
    """Tells the user something: prints it, or logs it if that was chosen."""
    if is_interactive_logging_enabled():
        print(text)
    else:
        logging.getLogger("lamina").info(text)


def backend() -> str:
    """The engine below the API: always `"jax"`."""
    return "jax"


def home() -> Path:
    """The folder for downloaded data: `LAMINA_HOME`, else `KERAS_HOME`, else `~/.keras`.

    It is Keras's own folder by default, so that data sets fetched by either serve both.
    """
    for variable in ("LAMINA_HOME", "KERAS_HOME"):
        if folder := os.environ.get(variable):
            return Path(folder).expanduser()
    return Path.home() / ".keras"


def program_cache() -> Path | None:
    """The folder for compiled programs, or `None` when `LAMINA_PROGRAM_CACHE` is set to nothing.

    `LAMINA_PROGRAM_CACHE` names another folder; the default follows the XDG convention.
    """
    given = os.environ.get("LAMINA_PROGRAM_CACHE")
    if given is not None:
        return Path(given).expanduser() if given else None
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "lamina" / "programs"
