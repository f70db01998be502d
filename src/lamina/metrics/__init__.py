"""`keras.metrics`: by name, as functions or as objects. Each family is a file; adding one is adding its file."""

from collections.abc import Callable
from typing import Any

from lamina.core.families import family_member, load_family
from lamina.core.naming import to_snake_case
from lamina.core.serialization import (
    builtin_aliases,
    builtin_names,
    get_registered_object,
    resolve,
    serialize_keras_object,
)
from lamina.metrics.metric import Metric

_members = load_family(__name__, __path__, "metrics")
globals().update(_members)


def __getattr__(name: str) -> Any:
    return family_member("metrics", name, __all__)


def get(identifier: Any) -> Callable[..., Any] | None:
    """The metric meant by a name, a class, a function, a config or `None`.

    A name that is both a function's and a class's, as "mse", means the class.

    Raises:
        UnknownNameError: for a name that is none.

    Example:
        >>> get("mse")
        <MeanSquaredError name=mean_squared_error>
    """
    if identifier is None:
        return None
    classes = {to_snake_case(name): item for name, item in builtin_names("metrics").items() if isinstance(item, type)}
    if isinstance(identifier, str) and identifier in classes and get_registered_object(identifier) is None:
        return classes[identifier]()
    found = resolve(identifier, "metrics", "a metric")
    name = getattr(found, "__name__", "")
    is_own_function = builtin_aliases("metrics").get(name) is found
    return classes[name]() if is_own_function and name in classes else found


serialize = serialize_keras_object
deserialize = get

__all__ = [*_members, "Metric", "deserialize", "get", "serialize"]
