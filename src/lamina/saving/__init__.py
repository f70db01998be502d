"""`keras.saving`: models in files, and what files may name."""

import importlib
from typing import TYPE_CHECKING, Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.serialization import (
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from lamina.core.serialization import custom_object_scope as CustomObjectScope

if TYPE_CHECKING:
    from lamina.saving.weights import load_weights, save_weights
    from lamina.saving.whole import load_model, save_model

__all__ = [
    *("CustomObjectScope", "custom_object_scope", "deserialize_keras_object", "get_custom_objects"),
    *("get_registered_name", "get_registered_object", "load_model", "load_weights", "register_keras_serializable"),
    *("save_model", "save_weights", "serialize_keras_object"),
]


# Loaded when they are first named: h5py takes a while.
_LAZY = {"load_model": "whole", "save_model": "whole", "load_weights": "weights", "save_weights": "weights"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"lamina.saving.{_LAZY[name]}"), name)
    raise UnknownAttributeError(f"lamina.saving has no {name!r}.", hint=suggestion(name, __all__))
