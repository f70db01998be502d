"""`keras.callbacks`."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.training.events import CallbackList
from lamina.training.history import History
from lamina.training.hooks import Callback
from lamina.training.progress_logger import ProgbarLogger

__all__ = ["Callback", "CallbackList", "History", "ProgbarLogger"]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.callbacks has no {name!r}.", hint=suggestion(name, __all__))
