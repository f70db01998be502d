"""Dicts whose keys are regular expressions: what they hold is found by names that match."""

import re
from collections.abc import Iterator, MutableMapping
from typing import Any, TypeVar

from lamina.core.errors import ArgumentError

T = TypeVar("T")


class ExpressionMap(MutableMapping[str, T]):
    """What is looked up by a name belongs to the one expression that matches all of it, or is the default.

    A class derived from it sets `_default`, and `_by_expression` to an empty dict, before it fills the map.

    Example:
        >>> class Sizes(ExpressionMap[int]):
        ...     def __init__(self):
        ...         self._default, self._by_expression = 1, {}
        >>> sizes = Sizes()
        >>> sizes["block_.*"] = 3
        >>> sizes["block_2"], sizes["head"], list(sizes)
        (3, 1, ['block_.*'])
    """

    _default: T
    _by_expression: dict[str, T]

    def accepted(self, key: str, item: Any) -> T:
        """What to keep of an item that is added; raises if it is none."""
        del key
        return item

    def __getitem__(self, key: str) -> T:
        """What belongs to a name, or to an expression itself.

        Raises:
            ArgumentError: if several expressions match.
        """
        if key in self._by_expression:
            return self._by_expression[key]
        matching = [expression for expression in self._by_expression if re.fullmatch(expression, key)]
        if len(matching) > 1:
            raise ArgumentError(
                f"Several expressions of the {type(self).__name__} match '{key}': {', '.join(matching)}."
            )
        return self._by_expression[matching[0]] if matching else self._default

    def __setitem__(self, key: str, item: Any) -> None:
        """Adds an expression.

        Raises:
            ArgumentError: if there is one already, or it is no string.
        """
        if not isinstance(key, str):
            raise ArgumentError(f"{type(self).__name__}: keys must be regular expressions, not {key!r}.")
        if key in self._by_expression:
            raise ArgumentError(
                f"The {type(self).__name__} has something for '{key}' already: {self._by_expression[key]!r}.",
                hint="delete it first.",
            )
        self._by_expression[key] = self.accepted(key, item)

    def __delitem__(self, key: str) -> None:
        del self._by_expression[key]

    def __contains__(self, key: object) -> bool:
        return key in self._by_expression

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_expression)

    def __len__(self) -> int:
        return len(self._by_expression)
