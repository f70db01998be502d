"""`keras.backend`: what code for older versions of Keras looks for there."""

from typing import Any

import jax.numpy as jnp
import numpy as np

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
from lamina.core.naming import count_name
from lamina.core.precision import standardize_dtype
from lamina.core.symbolic import is_symbolic as is_keras_tensor
from lamina.core.variable import Variable
from lamina.training.session import clear_session

__all__ = [
    *("backend", "clear_session", "epsilon", "floatx", "get_uid", "get_value", "image_data_format"),
    *("is_keras_tensor", "result_type", "set_epsilon", "set_floatx", "set_image_data_format", "set_value"),
    "standardize_dtype",
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.backend has no {name!r}.", hint=suggestion(name, __all__))


def get_value(x: Any) -> Any:
    """The value of a variable, as a NumPy array or number.

    Example:
        >>> get_value(Variable(0.5))
        np.float32(0.5)
    """
    value = np.asarray(x)
    return value[()]


def set_value(x: Any, value: Any) -> None:
    """Assigns a variable.

    Example:
        >>> rate = Variable(0.5)
        >>> set_value(rate, 0.25)
        >>> float(rate)
        0.25
    """
    x.assign(value)


def get_uid(prefix: str = "") -> int:
    """A number for a prefix, from 1, one higher at each call.

    Example:
        >>> get_uid("example"), get_uid("example")
        (1, 2)
    """
    return count_name(f"uid {prefix}") + 1


def result_type(*dtypes: Any) -> str:
    """The dtype that values of some dtypes have together."""
    return str(jnp.result_type(*dtypes))
