"""Piecewise constant rates."""

import itertools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.serialization import builtin
from lamina.core.validate import finite, not_negative
from lamina.optimizers.schedules.schedule import LearningRateSchedule


@builtin("optimizers.schedules")
class PiecewiseConstantDecay(LearningRateSchedule):
    """One rate up to a step, another one up to the next.

    Args:
        boundaries: the last step of each rate but the last one, ascending.
        values: the rates, one more than boundaries.
        name: for configs.

    Raises:
        ArgumentError: if their numbers do not fit, boundaries do not ascend, or a rate is out of range.

    Example:
        >>> PiecewiseConstantDecay([100, 200], [0.01, 0.005, 0.001])([0, 100, 101, 300])
        Array([0.01 , 0.01 , 0.005, 0.001], dtype=float32)
    """

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        owner = type(self).__name__
        check_points(owner, boundaries=boundaries, values=values, more=1)
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def at(self, step: jax.Array) -> Any:
        # Steps are whole, and a boundary between two counts as the lower one.
        passed = step[..., None] > jnp.floor(jnp.asarray(self.boundaries, step.dtype))
        return jnp.asarray(self.values, step.dtype)[jnp.sum(passed, axis=-1)]


def check_points(owner: str, *, boundaries: Sequence[float], values: Sequence[float], more: int) -> None:
    """Raises unless there are steps that ascend, and a number for each, or `more`.

    Raises:
        ArgumentError: says what was given.
    """
    for name, numbers in (("boundaries", boundaries), ("values", values)):
        if not isinstance(numbers, list | tuple | np.ndarray) or len(numbers) == 0:
            raise ArgumentError(f"{owner}: {name} must be a list of numbers. Received: {name}={numbers!r}")
    if len(values) != len(boundaries) + more:
        wanted = "one more than" if more else "as many as"
        raise ArgumentError(
            f"{owner}: there must be {wanted} boundaries among the values. "
            f"Received: {len(boundaries)} boundaries, {len(values)} values"
        )
    steps = [finite(owner, "boundaries", step) for step in boundaries]
    if any(b <= a for a, b in itertools.pairwise(steps)):
        raise ArgumentError(f"{owner}: boundaries must ascend. Received: boundaries={boundaries!r}")
    for value in values:
        not_negative(owner, "values", value)
