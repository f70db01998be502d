"""`keras.config`: settings of the whole process."""

from typing import Any

from lamina.core.config import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.precision import dtype_policy, set_dtype_policy

__all__ = [
    *("backend", "dtype_policy", "epsilon", "floatx", "image_data_format", "set_dtype_policy", "set_epsilon"),
    *("set_floatx", "set_image_data_format"),
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.config has no {name!r}.", hint=suggestion(name, __all__))
