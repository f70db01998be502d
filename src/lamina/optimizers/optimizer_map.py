"""Which optimizer trains which weights, by their paths."""

from typing import Any

from lamina.core.configurable import Configurable
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.expressions import ExpressionMap
from lamina.core.serialization import builtin, deserialize_keras_object, serialize_keras_object
from lamina.core.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.wrapping import WrappingOptimizer


@builtin("optimizers", "optimizermap")
class OptimizerMap(Configurable, ExpressionMap[Optimizer]):
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
        self._default = self.default_optimizer = default_optimizer
        self._by_expression = {}
        self.update(optimizer_map or {})

    def __call__(self, variable: Variable) -> Optimizer:
        """The optimizer of a weight."""
        return self[variable.path]

    def accepted(self, key: str, item: Any) -> Optimizer:
        return stepping(item, f"'{key}'")

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
