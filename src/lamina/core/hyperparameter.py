"""Numbers that a program takes as arguments: changing one compiles nothing, and members of a population may differ."""

import functools
from collections.abc import Callable
from typing import Any

from lamina.core.frame import current_frame


class Number:
    """The cell that holds one hyperparameter of one object."""

    __slots__ = ("_value", "path")

    def __init__(self, path: str, stored: float) -> None:
        self.path = path
        self._value = stored

    @property
    def stored(self) -> Any:
        """The plain number, as it was set."""
        return self._value

    def store(self, value: Any) -> None:
        """Replaces the number."""
        self._value = value

    @property
    def is_data(self) -> bool:
        """Whether programs take the number as an argument.

        `None` and zero are structure: they leave code out. So are functions, such as schedules, that tell the number.
        """
        return self.stored is not None and not callable(self.stored) and self.stored != 0


class ComplementNumber(Number):
    """One minus another number."""

    __slots__ = ("_of",)

    def __init__(self, path: str, of: Number) -> None:
        self.path = path
        self._of = of

    @property
    def stored(self) -> Any:  # type: ignore[override]
        """One minus the present value of the other."""
        of = self._of.stored
        return of if of is None or callable(of) else 1.0 - of


class Hyperparameter:
    """An attribute that holds a number, which compiled programs read as an argument.

    Outside of programs it is the plain number that was set. Inside, a number other than zero is
    an array, so code may calculate with it but not branch on it; zero and `None` stay as they are
    and may be asked for with `is_off`.

    Args:
        check: `(class name, attribute, value) -> value` for numbers that are set; raises if one is out of range.

    Example:
        >>> class Noise:
        ...     stddev = Hyperparameter()
        >>> noise = Noise()
        >>> noise.stddev = 0.5
        >>> noise.stddev
        0.5
    """

    def __init__(self, check: Callable[[str, str, Any], Any] | None = None) -> None:
        self._check = check

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        number = instance.__dict__["_numbers"][self._name]
        frame = current_frame()
        if frame is None or not number.is_data:
            return number.stored
        return frame.read(number)

    def checked(self, owner: str, value: Any) -> Any:
        """What to keep of a value that is set.

        Args:
            owner: the name of the class, for messages.
            value: as it was given.
        """
        return value if self._check is None else self._check(owner, self._name, value)

    def __set__(self, instance: Any, value: Any) -> None:
        value = self.checked(type(instance).__name__, value)
        numbers = instance.__dict__.setdefault("_numbers", {})
        if self._name in numbers:
            numbers[self._name].store(value)
        else:
            numbers[self._name] = Number(self._name, value)
            for name, of in _complements(type(instance)).items():
                if of == self._name:
                    numbers[name] = ComplementNumber(name, numbers[self._name])


class Complement:
    """One minus a hyperparameter of the same object, rounded once.

    Where `1 - beta` is wanted with beta near one, computing it from the rounded beta inside of a
    program would lose half of its digits.

    Args:
        of: the name of the hyperparameter.

    Example:
        >>> class Average:
        ...     decay = Hyperparameter()
        ...     gain = Complement("decay")
        >>> average = Average()
        >>> average.decay = 0.75
        >>> average.gain
        0.25
    """

    def __init__(self, of: str) -> None:
        self.of = of

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    __get__ = Hyperparameter.__get__


@functools.cache
def _complements(cls: type) -> dict[str, str]:
    return {name: item.of for c in cls.__mro__ for name, item in vars(c).items() if isinstance(item, Complement)}


def numbers_of(instance: Any) -> dict[str, Number]:
    """The hyperparameters of an object by name."""
    return instance.__dict__.get("_numbers", {})


def is_off(value: Any) -> bool:
    """Whether a hyperparameter is zero or `None`: what it stands for can be left out of the program.

    Example:
        >>> is_off(0.0), is_off(None), is_off(0.2)
        (True, True, False)
    """
    return value is None or (isinstance(value, int | float) and value == 0)
