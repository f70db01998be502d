"""`keras.models`."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.models.model import Model
from lamina.models.sequential import Sequential

__all__ = ["Model", "Sequential"]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.models has no {name!r}.", hint=suggestion(name, __all__))
