"""Averaged weights: a running mean of each variable, which may take its place."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from lamina.core.variable import Variable


def update_averages(
    variables: Sequence[Variable], averages: Sequence[Variable], momentum: Any, count: Any, period: int | None
) -> None:
    """Moves the averages towards the variables, and now and then the variables to the averages.

    Args:
        variables: those that are trained.
        averages: one for each.
        momentum: how much of an average stays.
        count: updates before this one; the first one copies.
        period: how many updates lie between those at which the averages take the variables' place.
    """
    stays = jnp.where(count == 0, 0.0, momentum)
    for variable, average in zip(variables, averages, strict=True):
        average.assign(stays * average.value + (1 - stays) * variable.value)
    if period is not None:
        adopt = (count + 1) % period == 0
        for variable, average in zip(variables, averages, strict=True):
            variable.assign(jnp.where(adopt, average.value, variable.value))


def adopt_averages(variables: Sequence[Variable], averages: Sequence[Variable]) -> None:
    """Puts the averages into the variables."""
    for variable, average in zip(variables, averages, strict=True):
        variable.assign(average)
