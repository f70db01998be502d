"""`keras.dtype_policies`: in what layers compute, and in what they keep their weights."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.precision import DTypePolicy, DTypePolicyMap, FloatDTypePolicy
from lamina.core.precision import as_policy as get
from lamina.core.serialization import serialize_keras_object as serialize

deserialize = get

__all__ = ["DTypePolicy", "DTypePolicyMap", "FloatDTypePolicy", "deserialize", "get", "serialize"]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.dtype_policies has no {name!r}.", hint=suggestion(name, __all__))
