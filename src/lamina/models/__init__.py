"""`keras.models`."""

from typing import TYPE_CHECKING, Any

from lamina import saving
from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.models.cloning import clone_model
from lamina.models.model import Model
from lamina.models.sequential import Sequential
from lamina.saving.from_json import model_from_json

if TYPE_CHECKING:
    from lamina.saving import load_model, save_model

__all__ = ["Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]


def __getattr__(name: str) -> Any:
    if name in ("load_model", "save_model"):
        return getattr(saving, name)
    raise UnknownAttributeError(f"lamina.models has no {name!r}.", hint=suggestion(name, __all__))
