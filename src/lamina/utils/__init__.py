"""`keras.utils`: what users need around models."""

import importlib
from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.seeds import set_random_seed
from lamina.core.serialization import (
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from lamina.core.serialization import (
    custom_object_scope as CustomObjectScope,
)
from lamina.data.py_dataset import PyDataset, Sequence
from lamina.datasets._files import get_file
from lamina.training.progress import ProgressBar as Progbar
from lamina.utils.labels import normalize, to_categorical

__all__ = [
    *("CustomObjectScope", "Progbar", "PyDataset", "Sequence", "custom_object_scope", "deserialize_keras_object"),
    *("get_custom_objects", "get_file", "get_registered_name", "get_registered_object", "normalize"),
    *("register_keras_serializable", "serialize_keras_object", "set_random_seed", "to_categorical"),
]


def __getattr__(name: str) -> Any:
    if name == "np_utils":
        return importlib.import_module("lamina.utils.np_utils")
    raise UnknownAttributeError(f"lamina.utils has no {name!r}.", hint=suggestion(name, __all__))
