"""`keras.losses`: by name, as functions or as objects. Each loss is a file; adding one is adding its file."""

from collections.abc import Callable
from typing import Any

from lamina.core.families import family_member, load_family
from lamina.core.serialization import resolve, serialize_keras_object
from lamina.losses.loss import Loss, LossFunctionWrapper
from lamina.losses.reduction import Reduction

_members = load_family(__name__, __path__, "losses")
globals().update(_members)


def __getattr__(name: str) -> Any:
    return family_member("losses", name, __all__)


def get(identifier: Any) -> Callable[..., Any] | None:
    """The loss meant by a name, a class, a function, a config or `None`.

    Raises:
        UnknownNameError: for a name that is none.

    Example:
        >>> get("mse").__name__
        'mean_squared_error'
    """
    return None if identifier is None else resolve(identifier, "losses", "a loss")


serialize = serialize_keras_object
deserialize = get

__all__ = [*_members, "Loss", "Reduction", "deserialize", "get", "serialize"]
