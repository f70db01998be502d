"""Straight lines from point to point."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.optimizers.schedules.piecewise_constant_decay import check_points
from lamina.optimizers.schedules.schedule import LearningRateSchedule


@builtin("optimizers.schedules")
class PiecewiseLinear(LearningRateSchedule):
    """Goes straight from one value to the next.

    Args:
        boundaries: the steps at which the values are reached, ascending.
        values: as many; the first one holds before, the last one after.
        name: for configs.

    Raises:
        ArgumentError: if their numbers do not fit, boundaries do not ascend, or a value is out of range.

    Example:
        >>> PiecewiseLinear([0, 100, 200], [0.1, 0.3, 0.0])([0, 50, 150, 300])
        Array([0.1 , 0.2 , 0.15, 0.  ], dtype=float32)
    """

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseLinear") -> None:
        check_points(type(self).__name__, boundaries=boundaries, values=values, more=0)
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def at(self, step: jax.Array) -> Any:
        return interpolate(step, self.boundaries, self.values)


def interpolate(step: jax.Array, boundaries: Sequence[Any], values: Sequence[Any]) -> jax.Array:
    """The height at `step` of the lines through some points; level before the first and after the last."""
    height = jnp.broadcast_to(jnp.asarray(values[0], step.dtype), step.shape)
    for left, right, low, high in zip(boundaries, boundaries[1:], values, values[1:], strict=False):
        share = jnp.clip((step - left) / jnp.maximum(right - left, 1e-6), 0, 1)
        # A weighted mean meets both ends exactly.
        height = jnp.where(step > left, low * (1 - share) + high * share, height)
    return height
