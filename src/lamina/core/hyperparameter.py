"""Numbers that a program takes as arguments: changing one compiles nothing, and members of a population may differ."""

from typing import Any

from lamina.core.frame import current_frame


class Number:
    """The cell that holds one hyperparameter of one object."""

    __slots__ = ("path", "stored")

    def __init__(self, path: str, stored: float) -> None:
        self.path = path
        self.stored = stored

    @property
    def is_data(self) -> bool:
        """Whether programs take the number as an argument. `None` and zero are structure: they leave code out."""
        return self.stored is not None and self.stored != 0


class Hyperparameter:
    """An attribute that holds a number, which compiled programs read as an argument.

    Outside of programs it is the plain number that was set. Inside, a number other than zero is
    an array, so code may calculate with it but not branch on it; zero and `None` stay as they are
    and may be asked for with `is_off`.

    Example:
        >>> class Noise:
        ...     stddev = Hyperparameter()
        >>> noise = Noise()
        >>> noise.stddev = 0.5
        >>> noise.stddev
        0.5
    """

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

    def __set__(self, instance: Any, value: Any) -> None:
        numbers = instance.__dict__.setdefault("_numbers", {})
        if self._name in numbers:
            numbers[self._name].stored = value
        else:
            numbers[self._name] = Number(self._name, value)


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
