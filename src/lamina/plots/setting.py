"""What is chosen once for all plots."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Setting(Generic[T]):
    """A value that holds for all plots, until another is chosen.

    Args:
        value: to begin with.

    Example:
        >>> colour = Setting("blue")
        >>> with colour.choose("red"):
        ...     colour.value
        'red'
        >>> colour.value
        'blue'
    """

    def __init__(self, value: T) -> None:
        self.value = value

    def choose(self, value: T) -> "Choice[T]":
        """Sets another value; in a `with` statement, for its block only."""
        choice = Choice(self, self.value)
        self.value = value
        return choice


class Choice(Generic[T]):
    """What was chosen before: a `with` statement goes back to it at its end.

    Args:
        setting: that was changed.
        before: its value until then.
    """

    def __init__(self, setting: Setting[T], before: T) -> None:
        self._setting = setting
        self._before = before

    def __enter__(self) -> None:
        """The choice is made already."""

    def __exit__(self, *_: object) -> None:
        self._setting.value = self._before
