"""JSON texts of strangers."""

import json
from typing import Any

from lamina.core.errors import LoadError, UnsafeFileError

_DEPTH = 200  # a model inside of a model takes about eight


def read_json(text: bytes | str, name: str) -> dict[str, Any]:
    """What a JSON text describes.

    Args:
        text: the text.
        name: of the file, for messages.

    Raises:
        LoadError: if it is no JSON, or describes no object.
        UnsafeFileError: if it is nested too deep to be a model.
    """
    try:
        described = json.loads(text)
    except RecursionError:
        raise _too_deep(name) from None
    except ValueError as fault:  # of decoding, of numbers with too many digits
        raise LoadError(
            f"'{name}' holds no JSON: {fault}.", hint="it is damaged, or was not written by save()."
        ) from None
    if not isinstance(described, dict):
        raise LoadError(f"'{name}' describes a {type(described).__name__}, not a model.")
    level, depth = [described], 0
    while level:
        depth += 1
        if depth > _DEPTH:
            raise _too_deep(name)
        parts = [part for item in level for part in (item.values() if isinstance(item, dict) else item)]
        level = [part for part in parts if isinstance(part, dict | list)]
    return described


def _too_deep(name: str) -> UnsafeFileError:
    return UnsafeFileError(f"'{name}' holds a description that is nested more than {_DEPTH} deep, as no model is.")
