"""Objects that can be described by the arguments that made them."""

import functools
import inspect
from typing import Any, Self

from lamina.core.errors import ArgumentError, UnexpectedArgumentError, suggestion
from lamina.core.serialization import is_builtin, revive_arrays, serialize_keras_object


@functools.cache
def argument_names(cls: type) -> tuple[str, ...]:
    """The names that `cls(...)` takes, those of base classes behind `**kwargs` included, most basic first.

    Example:
        >>> class Base:
        ...     def __init__(self, name=None): ...
        >>> class Child(Base):
        ...     def __init__(self, units, **kwargs): ...
        >>> argument_names(Child)
        ('name', 'units')
    """
    levels: list[list[str]] = []
    for owner in cls.__mro__:
        if "__init__" not in vars(owner) or owner is object:
            continue
        parameters = list(inspect.signature(vars(owner)["__init__"]).parameters.values())[1:]
        levels.append([p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)])
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return tuple(dict.fromkeys(name for level in reversed(levels) for name in level))


def refuse_unexpected(owner: object, given: dict[str, Any], *more: str) -> None:
    """Raises if any keyword is left over that no class of `owner` takes.

    Raises:
        UnexpectedArgumentError: names the first, and what was probably meant.
    """
    for name in given:
        known = {*argument_names(type(owner)), *more}
        raise UnexpectedArgumentError(
            f"{type(owner).__name__} has no argument {name!r} (received {name}={given[name]!r}).",
            hint=suggestion(name, known),
        )


class Configurable:
    """Base of everything with a config: arguments are kept as attributes of the same name."""

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal object, ready for JSON.

        Raises:
            ArgumentError: if an argument was not kept as an attribute, so it cannot be told.
        """
        config = {}
        for name in argument_names(type(self)):
            if not hasattr(self, name):
                raise ArgumentError(
                    f"{type(self).__name__} takes the argument {name!r} but keeps no attribute of that name, "
                    "so its config cannot be told.",
                    hint=f"set self.{name} in __init__, or override get_config().",
                )
            config[name] = serialize_keras_object(getattr(self, name))
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The object with this config.

        Args:
            config: what `get_config` returned, or Keras's.
        """
        config = {name: revive_arrays(value) for name, value in config.items()}
        if is_builtin(cls):
            # Keras writes arguments that lamina has no use for; while they are None, they say nothing.
            known = argument_names(cls)
            config = {name: value for name, value in config.items() if value is not None or name in known}
        return cls(**config)
