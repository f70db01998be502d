"""What optimizers that leave the steps to others share."""

from collections.abc import Sequence
from typing import Any

from lamina.core.variable import Variable
from lamina.optimizers.optimizer import Optimizer


class WrappingOptimizer(Optimizer):
    """Base of optimizers that hand gradients on to others.

    Args:
        learning_rate: of the optimizer itself, where none of the others has one yet.
        **kwargs: as for every optimizer.
    """

    @property
    def optimizers(self) -> Sequence[Optimizer]:
        """Those that take the steps."""
        raise NotImplementedError(f"{type(self).__name__} has to say which optimizers it wraps.")

    @property
    def variables(self) -> list[Variable]:
        """The optimizer's own, then those of the others, in turn."""
        inner = [variable for optimizer in self.optimizers for variable in optimizer.variables]
        known = {id(variable) for variable in inner}
        return [*(variable for variable in super().variables if id(variable) not in known), *inner]

    def structure(self) -> list[Any]:
        """The others; not what they are called."""
        return list(self.optimizers)
