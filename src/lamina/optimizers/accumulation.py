"""Gradient accumulation: several small batches make one update."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.functional import branch
from lamina.core.variable import Variable


def accumulate(
    gradients: Sequence[jax.Array],
    sums: Sequence[Variable],
    count: Any,
    steps: int,
    update: Callable[[list[jax.Array]], None],
    changing: Sequence[Variable],
) -> None:
    """Adds gradients up; every so often, updates by their mean and starts anew.

    The update is computed in the steps that are due for it alone.

    Args:
        gradients: of this batch.
        sums: variables for the gradients since the last update.
        count: steps before this one, an integer scalar.
        steps: how many make an update.
        update: takes the means, and assigns.
        changing: all that may be assigned here: what `update` assigns, and the sums.
    """

    def finish() -> None:
        update([(gradient + total.value) / steps for gradient, total in zip(gradients, sums, strict=True)])
        for total in sums:
            total.assign(jnp.zeros(total.shape, total.dtype))

    def collect() -> None:
        for gradient, total in zip(gradients, sums, strict=True):
            total.assign(total.value + gradient)

    branch((count + 1) % steps == 0, finish, collect, changing)
