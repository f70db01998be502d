"""Structure keys: two objects with equal keys can run the same compiled program.

A key holds what a program is made of: classes and arguments, but not names, seeds, initial values
or hyperparameters, which are either not in the program or arguments of it.
"""

from typing import Any

import jax
import numpy as np

from lamina.core.configurable import Configurable, argument_names
from lamina.core.hyperparameter import numbers_of
from lamina.core.serialization import is_builtin

_NOT_STRUCTURE = frozenset({"name", "seed"})


class ProgramKey:
    """A key that is hashed once, since it is looked up at every call.

    Args:
        parts: hashable.
        compilation: what stands for the call of `compile`, if code of users' is in the program, which may read
            anything: compiling a model again is how they have it read anew.

    Attributes:
        parts: as given.
        compilation: as given.

    Example:
        >>> ProgramKey(("a", 1)) == ProgramKey(("a", 1))
        True
        >>> one, other = ProgramKey(("a", 1), object()), ProgramKey(("a", 1), object())
        >>> one == other, one.structure == other.structure
        (False, True)
    """

    __slots__ = ("_hash", "compilation", "parts")

    def __init__(self, parts: tuple[Any, ...], compilation: object = None) -> None:
        self.parts = parts
        self.compilation = compilation
        self._hash = hash((parts, compilation))

    @property
    def structure(self) -> "ProgramKey":
        """The key for any call of `compile`: models that are trained at the same time may share a program."""
        return self if self.compilation is None else ProgramKey(self.parts)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ProgramKey):
            return False
        return self is other or (self.compilation is other.compilation and self.parts == other.parts)


def structure_key(item: Any) -> Any:
    """A hashable description of what `item` contributes to a program.

    lamina's own classes are described by their arguments. A custom class may hold anything, so
    each of its instances is a structure of its own; functions are compared by identity.

    Example:
        >>> structure_key({"units": 3, "shape": [2, 2]})
        (('units', 3), ('shape', (2, 2)))
    """
    if isinstance(item, Configurable):
        numbers = tuple((name, n.is_data or structure_key(n.stored)) for name, n in numbers_of(item).items())
        if not is_builtin(type(item)):
            return (type(item), getattr(item, "_identity", item), numbers)
        return (type(item), *(structure_key(part) for part in _parts(item)), numbers)
    if isinstance(item, dict):
        return tuple((key, structure_key(value)) for key, value in item.items())
    if isinstance(item, list | tuple):
        return tuple(structure_key(value) for value in item)
    if isinstance(item, np.ndarray | jax.Array):
        values = np.asarray(item)
        return (type(item), values.shape, str(values.dtype), values.tobytes())
    try:
        hash(item)
    except TypeError:
        return _Itself(item)
    return item


def widths_apart(key: ProgramKey) -> tuple[Any, tuple[int, ...]]:
    """A key with the whole numbers taken out, such as the widths of layers, and these numbers in their order.

    Example:
        >>> widths_apart(ProgramKey((("dense", (30, True)), ("dense", (1, True)))))
        ((('dense', (Ellipsis, True)), ('dense', (Ellipsis, True))), (30, 1))
    """
    numbers: list[int] = []

    def opened(part: Any) -> Any:
        if type(part) is tuple:
            return tuple(opened(inner) for inner in part)
        if type(part) is int:
            numbers.append(part)
            return ...
        return part

    return opened(key.parts), tuple(numbers)


class _Itself:
    """A key for an object that has no hash: equal to the keys of that very object only."""

    __slots__ = ("_item",)

    def __init__(self, item: Any) -> None:
        self._item = item

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other._item is self._item

    def __hash__(self) -> int:
        return id(self._item)


def _parts(item: Configurable) -> list[Any]:
    """The arguments of `item` that are structure; a class may say for itself."""
    if (own := getattr(item, "structure", None)) is not None:
        return own()
    hidden = _NOT_STRUCTURE | set(numbers_of(item))
    names = argument_names(type(item))
    return [getattr(item, name) for name in names if name not in hidden and not name.endswith("_initializer")]
