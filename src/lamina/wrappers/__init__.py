"""`keras.wrappers`: where Keras users look for what is in `lamina.estimators`."""

import importlib
from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion

_CLASSES = ("KerasClassifier", "KerasRegressor")
__all__ = [*_CLASSES, "scikit_learn"]


def __getattr__(name: str) -> Any:
    if name == "scikit_learn":
        return importlib.import_module("lamina.wrappers.scikit_learn")
    if name in _CLASSES:
        return getattr(importlib.import_module("lamina.estimators"), name)
    if name.startswith("_"):
        raise AttributeError(f"module 'lamina.wrappers' has no attribute {name!r}")
    raise UnknownAttributeError(f"lamina.wrappers has no {name!r}.", hint=suggestion(name, __all__))
