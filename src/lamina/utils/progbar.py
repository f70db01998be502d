"""Progbar: the progress bar, for loops of one's own."""

from collections.abc import Collection, Iterable
from typing import Any

from lamina.core.errors import ArgumentError
from lamina.training.progress import ProgressBar


class _AllBut:
    """Every name but some."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def __contains__(self, name: object) -> bool:
        return name not in self._names


class Progbar(ProgressBar):
    """Shows how far a loop is, how long it takes and the values so far.

    Args:
        target: steps in all; `None` if unknown.
        width: of the bar, in columns.
        verbose: 0 nothing, 1 a bar, 2 one line at the end.
        interval: least time between two drawings, seconds.
        stateful_metrics: names of values shown as given; the others are averaged over steps.
        stateless_metrics: names of values averaged over steps; the others are shown as given.
        unit_name: what a step is called.

    Raises:
        ArgumentError: if both `stateful_metrics` and `stateless_metrics` are given.

    Example:
        >>> bar = Progbar(10, verbose=2)
        >>> bar.update(5, [("loss", 0.5)])
        >>> bar.add(5, [("loss", 0.25)])  # doctest: +ELLIPSIS
        10/10 - 0s - .../step - loss: 0.2500
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Collection[str] | None = None,
        stateless_metrics: Collection[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ArgumentError("Progbar takes stateful_metrics or stateless_metrics, not both.")
        as_given: Any = frozenset(stateful_metrics or ()) if stateless_metrics is None else _AllBut(stateless_metrics)
        super().__init__(target, verbose=verbose, unit=unit_name, stateful=as_given, interval=interval, width=width)

    def update(
        self, current: int, values: Iterable[tuple[str, object]] | None = None, finalize: bool | None = None
    ) -> None:
        """Tells the bar where the loop is.

        Args:
            current: steps done.
            values: names and values to show, in order.
            finalize: whether this is the end; if `current` has reached the target when left out.
        """
        ends = self.target is not None and current >= self.target if finalize is None else finalize
        super().update(current, values or (), ends)

    def add(self, n: int, values: Iterable[tuple[str, object]] | None = None) -> None:
        """Tells the bar of `n` more steps."""
        self.update(self._current + n, values)
