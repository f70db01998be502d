"""`keras.optimizers`: by name or as objects. Each recipe is a file; adding one is adding its file."""

from typing import Any

from lamina.core.errors import ArgumentError
from lamina.core.families import family_member, load_family
from lamina.core.serialization import custom_object_scope, resolve, serialize_keras_object
from lamina.optimizers import legacy, schedules
from lamina.optimizers.optimizer import Optimizer

_members = load_family(__name__, __path__, "optimizers")
globals().update(_members)


def __getattr__(name: str) -> Any:
    return family_member("optimizers", name, __all__)


def get(identifier: Any) -> Optimizer:
    """The optimizer meant by a name, a class, a config or an object.

    Raises:
        UnknownNameError: for a name that is none.
        ArgumentError: for an object that is none.

    Example:
        >>> type(get("rmsprop")).__name__
        'RMSprop'
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if not isinstance(identifier, str | dict | type):
        raise ArgumentError(f"Cannot make sense of {identifier!r} as an optimizer: give a name or an optimizer object.")
    return resolve(identifier, "optimizers", "an optimizer")


serialize = serialize_keras_object


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Optimizer:
    """The optimizer that `serialize` described.

    Args:
        config: the description.
        custom_objects: classes of your own, by name.
    """
    with custom_object_scope(custom_objects or {}):
        return get(config)


__all__ = [*_members, "Optimizer", "deserialize", "get", "legacy", "schedules", "serialize"]
