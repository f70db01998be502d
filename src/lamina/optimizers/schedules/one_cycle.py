"""1cycle scheduling: of the learning rate, and of the momentum against it."""

from typing import Any

import jax

from lamina.core.errors import ArgumentError
from lamina.core.hyperparameter import Hyperparameter
from lamina.core.serialization import builtin
from lamina.core.validate import above_zero, at_least, closed_fraction, not_negative, optional
from lamina.optimizers.schedules.piecewise_linear import interpolate
from lamina.optimizers.schedules.schedule import LearningRateSchedule


class Cycle(LearningRateSchedule):
    """Up, down, and a last stretch."""

    total_steps = Hyperparameter(lambda owner, name, value: at_least(owner, name, value, 2))
    last_steps = Hyperparameter(optional(lambda owner, name, value: at_least(owner, name, value, 0)))
    first_step = Hyperparameter(not_negative)

    def __init__(self, total_steps: int, last_steps: int | None, first_step: float, name: str) -> None:
        self.total_steps = total_steps
        self.last_steps = last_steps
        self.first_step = first_step
        self.name = name
        if last_steps is not None and last_steps > total_steps - 2:
            raise ArgumentError(
                f"{type(self).__name__}: last_steps must leave two steps of total_steps. "
                f"Received: last_steps={last_steps}, total_steps={total_steps}"
            )

    def through(self, step: jax.Array, start: Any, middle: Any, end: Any) -> jax.Array:
        """The number on the way from `start` over `middle` back to `start`, and to `end`."""
        last = self.total_steps // 10 if self.last_steps is None else self.last_steps
        half = (self.total_steps - last) // 2
        return interpolate(step - self.first_step, (0, half, 2 * half, self.total_steps), (start, middle, start, end))


@builtin("optimizers.schedules", "1cycle")
class OneCycle(Cycle):
    """Raises the rate for half of the training, lowers it again for the other half, and far further at the very end.

    Args:
        max_learning_rate: in the middle.
        total_steps: of the training: epochs times batches per epoch.
        initial_learning_rate: at the start and after the cycle; a tenth of the highest when left out.
        final_learning_rate: at the very end; a thousandth of the initial one when left out.
        last_steps: how long the last stretch takes, steps; a tenth of all when left out.
        first_step: when it starts, steps.
        name: for configs.

    Raises:
        ArgumentError: for numbers out of range.

    Example:
        >>> OneCycle(0.1, total_steps=100)([0, 45, 90, 100])
        Array([1.e-02, 1.e-01, 1.e-02, 1.e-05], dtype=float32)

    Reference:
        Smith, 2018, "A disciplined approach to neural network hyper-parameters: part 1", section 4.
    """

    max_learning_rate = Hyperparameter(above_zero)
    initial_learning_rate = Hyperparameter(optional(not_negative))
    final_learning_rate = Hyperparameter(optional(not_negative))

    def __init__(
        self,
        max_learning_rate: float,
        total_steps: int,
        initial_learning_rate: float | None = None,
        final_learning_rate: float | None = None,
        last_steps: int | None = None,
        first_step: float = 0,
        name: str = "OneCycle",
    ) -> None:
        super().__init__(total_steps, last_steps, first_step, name)
        self.max_learning_rate = max_learning_rate
        self.initial_learning_rate = initial_learning_rate
        self.final_learning_rate = final_learning_rate

    def at(self, step: jax.Array) -> Any:
        start, end = self.initial_learning_rate, self.final_learning_rate
        start = self.max_learning_rate / 10 if start is None else start
        return self.through(step, start, self.max_learning_rate, start / 1000 if end is None else end)


@builtin("optimizers.schedules")
class OneCycleMomentum(Cycle):
    """Lowers the momentum while the rate of a `OneCycle` rises, and raises it again while that falls.

    To be given for `momentum`, or for `beta_1`.

    Args:
        total_steps: of the training, as for the rate.
        max_momentum: at the start, and from the end of the cycle on.
        min_momentum: in the middle.
        last_steps: as for the rate.
        first_step: as for the rate.
        name: for configs.

    Raises:
        ArgumentError: for numbers out of range.

    Example:
        >>> OneCycleMomentum(100)([0, 45, 90, 100])
        Array([0.95, 0.85, 0.95, 0.95], dtype=float32)

    Reference:
        Smith, 2018, "A disciplined approach to neural network hyper-parameters: part 1", section 4.
    """

    max_momentum = Hyperparameter(closed_fraction)
    min_momentum = Hyperparameter(closed_fraction)

    def __init__(
        self,
        total_steps: int,
        max_momentum: float = 0.95,
        min_momentum: float = 0.85,
        last_steps: int | None = None,
        first_step: float = 0,
        name: str = "OneCycleMomentum",
    ) -> None:
        super().__init__(total_steps, last_steps, first_step, name)
        self.max_momentum = max_momentum
        self.min_momentum = min_momentum

    def at(self, step: jax.Array) -> Any:
        return self.through(step, self.max_momentum, self.min_momentum, self.max_momentum)
