"""Numbers of optimizers: each may follow a schedule, not only the learning rate."""

from typing import Any

from lamina.core import config
from lamina.core.errors import ArgumentError
from lamina.core.hyperparameter import Complement, Hyperparameter, numbers_of
from lamina.core.validate import as_number, not_negative
from lamina.optimizers.schedules.schedule import LearningRateSchedule


class Setting(Hyperparameter):
    """A hyperparameter of an optimizer: a number, or a schedule of it.

    Reading it gives the number for the next step.

    Args:
        check: `(class name, attribute, value) -> value` for numbers that are set; raises if one is out of range.

    Example:
        >>> from lamina.optimizers import SGD
        >>> from lamina.optimizers.schedules import PolynomialDecay
        >>> optimizer = SGD(momentum=PolynomialDecay(0.95, decay_steps=10, end_learning_rate=0.85))
        >>> optimizer.momentum.round(2)
        Array(0.95, dtype=float32)
    """

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        value = super().__get__(instance, owner)
        return value(instance.step_count) if isinstance(value, LearningRateSchedule) else value

    def __set__(self, instance: Any, value: Any) -> None:
        if not isinstance(value, LearningRateSchedule) and callable(value):
            raise ArgumentError(
                f"{type(instance).__name__}: {self._name} must be a number or a schedule. "
                f"Received: {self._name}={value!r}",
                hint="derive a schedule from lamina.optimizers.schedules.LearningRateSchedule.",
            )
        super().__set__(instance, value)

    def checked(self, owner: str, value: Any) -> Any:
        """Schedules tell numbers that cannot be checked beforehand."""
        return value if isinstance(value, LearningRateSchedule) else super().checked(owner, value)


class Remainder(Complement):
    """One minus a setting of the same optimizer, rounded once if it is a number.

    Args:
        of: the name of the setting.
    """

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is not None and isinstance(given(instance, self.of), LearningRateSchedule):
            return 1 - getattr(instance, self.of)
        return super().__get__(instance, owner)


def given(instance: Any, name: str) -> Any:
    """A setting as it was given: the number, the schedule or `None`."""
    return numbers_of(instance)[name].stored


def not_positive(owner: str, name: str, value: Any) -> float:
    """`value` as a finite number, zero or below."""
    if not -float("inf") < as_number(value) <= 0:
        raise ArgumentError(f"{owner}: {name} must be a finite number, zero or below. Received: {name}={value!r}")
    return as_number(value)


def epsilon_check(owner: str, name: str, value: Any) -> float:
    """`value` as a number that is added lest something be zero; `None` means the global one, as in Keras 2."""
    return config.epsilon() if value is None else not_negative(owner, name, value)
