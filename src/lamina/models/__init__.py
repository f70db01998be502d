"""`keras.models`."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.models.cloning import clone_model
from lamina.models.model import Model, model_from_json
from lamina.models.sequential import Sequential

__all__ = ["Model", "Sequential", "clone_model", "model_from_json"]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.models has no {name!r}.", hint=suggestion(name, __all__))
