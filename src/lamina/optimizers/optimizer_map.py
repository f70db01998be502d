"""Which optimizer trains which weights, by their paths."""

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from lamina.core.configurable import Configurable
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.serialization import builtin, deserialize_keras_object, serialize_keras_object
from lamina.core.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.wrapping import WrappingOptimizer


@builtin("optimizers", "optimizermap")
class OptimizerMap(Configurable, MutableMapping[str, Optimizer]):
    """Optimizers by regular expressions that match whole paths of weights.

    Args:
        default_optimizer: for weights whose path nothing matches.
        optimizer_map: a dict from expressions to optimizers; `map[expression] = optimizer` adds to it.

    Raises:
        ArgumentTypeError: if the one is no optimizer, or the other no dict.

    Example:
        >>> from lamina.optimizers import SGD, Adam
        >>> optimizers = OptimizerMap(SGD(), {"encoder/.*": Adam()})
        >>> [type(optimizers[path]).__name__ for path in ("encoder/dense/kernel", "head/kernel")]
        ['Adam', 'SGD']
    """

    def __init__(self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise ArgumentTypeError(f"OptimizerMap: default_optimizer must be an optimizer, not {default_optimizer!r}.")
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise ArgumentTypeError(
                f"OptimizerMap: optimizer_map must be a dict from expressions to optimizers, not {optimizer_map!r}."
            )
        self.default_optimizer = default_optimizer
        self._by_expression: dict[str, Optimizer] = {}
        self.update(optimizer_map or {})

    def __call__(self, variable: Variable) -> Optimizer:
        """The optimizer of a weight."""
        return self[variable.path]

    def __getitem__(self, key: str) -> Optimizer:
        """The optimizer of a path, or of an expression itself.

        Raises:
            ArgumentError: if several expressions match.
        """
        if key in self._by_expression:
            return self._by_expression[key]
        matching = [expression for expression in self._by_expression if re.fullmatch(expression, key)]
        if len(matching) > 1:
            raise ArgumentError(f"Several expressions of the OptimizerMap match '{key}': {', '.join(matching)}.")
        return self._by_expression[matching[0]] if matching else self.default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        """Adds an expression.

        Raises:
            ArgumentError: if there is such an expression, or this is no optimizer that takes steps itself.
        """
        if key in self._by_expression:
            raise ArgumentError(
                f"The OptimizerMap has an optimizer for '{key}' already: {self._by_expression[key].name}.",
                hint="delete it first.",
            )
        if not isinstance(key, str):
            raise ArgumentError(f"OptimizerMap: keys must be regular expressions, not {key!r}.")
        self._by_expression[key] = stepping(optimizer, f"'{key}'")

    def __delitem__(self, key: str) -> None:
        del self._by_expression[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_expression)

    def __len__(self) -> int:
        return len(self._by_expression)

    def get_config(self) -> dict[str, Any]:
        return {
            "default_optimizer": serialize_keras_object(self.default_optimizer),
            "optimizer_map": serialize_keras_object(self._by_expression),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "OptimizerMap":
        return cls(**deserialize_keras_object(config))


def stepping(optimizer: Any, what: str) -> Optimizer:
    """`optimizer`, if it is one that takes steps itself.

    Args:
        optimizer: what was given as one.
        what: it is to train, for the message.

    Raises:
        ArgumentError: if it is none.
    """
    if not isinstance(optimizer, Optimizer):
        raise ArgumentError(f"The optimizer for {what} must be an optimizer. Received: {optimizer!r}")
    if isinstance(optimizer, WrappingOptimizer):
        raise ArgumentError(
            f"The optimizer for {what} cannot be a {type(optimizer).__name__}, which leaves the steps to others.",
            hint="choose among those that take the steps; what wraps them goes around the MultiOptimizer.",
        )
    return optimizer
