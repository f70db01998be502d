"""Families of classes with a file for each: adding a member is adding its file."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.serialization import builtin_aliases, builtin_names, custom_object_scope


def load_family(package: str, path: Iterable[str], module: str) -> dict[str, Any]:
    """Imports every module of a package, and returns what they registered.

    Args:
        package: the package's `__name__`.
        path: the package's `__path__`.
        module: the Keras module under which its members register.

    Returns:
        The members by name.
    """
    for found in pkgutil.iter_modules(path):
        importlib.import_module(f"{package}.{found.name}")
    return builtin_names(module)


def family_member(module: str, name: str, public: Iterable[str]) -> Any:
    """A member by any of its names, for a package's `__getattr__`.

    Args:
        module: the Keras module under which members register.
        name: what was asked for.
        public: all names of the package, for suggestions.

    Raises:
        UnknownAttributeError: if there is none; names the nearest.
    """
    found = builtin_aliases(module).get(name.lower()) if not name.startswith("_") else None
    if found is None:
        raise UnknownAttributeError(f"lamina.{module} has no {name!r}.", hint=suggestion(name, public))
    return found


def deserializer(get: Callable[[Any], Any]) -> Callable[..., Any]:
    """The `deserialize` of a family: its `get`, which may be told of more classes and functions by name.

    Args:
        get: from a name or a config to an object.

    Example:
        >>> from lamina import activations
        >>> activations.deserialize("halve", custom_objects={"halve": lambda x: x / 2})(4)
        2.0
    """

    def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
        with custom_object_scope(custom_objects or {}):
            return get(config)

    deserialize.__doc__ = get.__doc__
    return deserialize
