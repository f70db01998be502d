"""What belongs to what: objects find the variables and objects that they hold by their attributes."""

import itertools
from collections.abc import Iterator
from typing import Any

from lamina.core.configurable import Configurable
from lamina.core.variable import Variable

_versions = itertools.count(1)
_latest = {"version": 0}


def structure_version() -> int:
    """A number that grows whenever an attribute of any tracked object is set or removed.

    What was derived from the structure of a model stays valid while this number stands still.
    """
    return _latest["version"]


class Trackable(Configurable):
    """Base of layers, models, metrics, losses, optimizers, regularizers and seed generators.

    Attributes that are variables or trackable objects, or lists, tuples and dicts of such, are
    the object's children, in the order in which they were set. Everything that lamina does with
    "all the weights" walks these.
    """

    _tracked: dict[str, Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # Subclasses may set attributes before they call super().__init__().
        self = super().__new__(cls)
        object.__setattr__(self, "_tracked", {})
        object.__setattr__(self, "_identity", object())
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._untracked:
            object.__setattr__(self, name, value)
            return
        object.__setattr__(self, name, value)
        _latest["version"] = next(_versions)
        if holds_trackable(value):
            self._tracked[name] = value
        else:
            self._tracked.pop(name, None)

    def __delattr__(self, name: str) -> None:
        _latest["version"] = next(_versions)
        self._tracked.pop(name, None)
        object.__delattr__(self, name)

    # Attributes that are no part of the structure: setting them changes nothing for programs.
    _untracked: frozenset[str] = frozenset()

    def children(self) -> Iterator[tuple[str, Any]]:
        """The variables and trackable objects held directly, with their attribute paths."""
        for name, value in self._tracked.items():
            yield from leaves(name, value)

    def saved_parts(self) -> list[tuple[str, Any]]:
        """The attributes whose contents have places of their own in files, in the order in which they get them."""
        return sorted(self._tracked.items())

    def walk(self, path: str = "") -> Iterator[tuple[str, Any]]:
        """All that hangs below this object, itself first, each object once, depth first."""
        yield from _walk(path, self, set())


def holds_trackable(value: Any) -> bool:
    """Whether `value` is, or is a container of, variables or trackable objects."""
    if isinstance(value, Trackable | Variable):
        return True
    if isinstance(value, list | tuple):
        # An empty list may be appended to later.
        return (isinstance(value, list) and not value) or any(holds_trackable(item) for item in value)
    if isinstance(value, dict):
        return not value or any(holds_trackable(item) for item in value.values())
    return False


def leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The variables and trackable objects that an attribute's value is, or holds, with their paths."""
    if isinstance(value, Trackable | Variable):
        yield path, value
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from leaves(f"{path}/{index}", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(f"{path}/{key}", item)


def _walk(path: str, node: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(node) in seen:
        return
    seen.add(id(node))
    yield path, node
    if isinstance(node, Trackable):
        for name, child in node.children():
            yield from _walk(f"{path}/{name}" if path else name, child, seen)
