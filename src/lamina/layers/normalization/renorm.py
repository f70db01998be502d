"""Batch renormalization: the statistics of a batch, corrected towards their averages."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError, suggestion
from lamina.core.variable import Variable

_BOUNDS = ("rmin", "rmax", "dmax")


class Renorm:
    """The correction, and the averages that it goes by; the layer has them among its weights.

    Args:
        clipping: bounds by name.

    Raises:
        ArgumentError: for unknown or impossible bounds.

    Reference:
        Ioffe, 2017, "Batch renormalization: towards reducing minibatch dependence in batch-normalized models".
    """

    def __init__(self, clipping: dict[str, float] | None) -> None:
        self.clipping = dict(clipping or {})
        for name in self.clipping:
            if name not in _BOUNDS:
                raise ArgumentError(
                    f"BatchNormalization: renorm_clipping has no bound {name!r}.", hint=suggestion(name, _BOUNDS)
                )
        low, high, shift = (self.clipping.get(name) for name in _BOUNDS)
        if (low is not None and high is not None and high < low) or (shift is not None and shift < 0):
            raise ArgumentError(
                "BatchNormalization: in renorm_clipping, rmax must not be below rmin, nor dmax below 0. "
                f"Received: renorm_clipping={clipping}"
            )

    def build(self, layer: Any, features: int, add: Callable[[str, int, Any], Variable]) -> None:
        """Makes the averages.

        Args:
            layer: the batch normalization.
            features: how many it has.
            add: makes one of the layer's averages, from its name, size and initializer.
        """

        def deviation(shape: Any, dtype: Any = None) -> jax.Array:
            return jnp.sqrt(jnp.asarray(layer.moving_variance_initializer(shape, dtype=dtype)))

        self.moving_deviation = add("moving_stddev", features, deviation)
        self.mean = add("renorm_mean", features, layer.moving_mean_initializer)
        self.deviation = add("renorm_stddev", features, deviation)

    def apply(self, layer: Any, mean: jax.Array, variance: jax.Array, gamma: Any, beta: Any) -> tuple[Any, Any]:
        """Updates all averages; returns the scale and offset that correct the batch's statistics.

        Args:
            layer: the batch normalization.
            mean: of the batch.
            variance: of the batch.
            gamma: the layer's scale, or `None`.
            beta: its offset, or `None`.
        """
        deviation = jnp.sqrt(variance + layer.epsilon)
        average = jnp.maximum(self.deviation.value.astype(mean.dtype), layer.epsilon**0.5)
        low, high, shift = (self.clipping.get(name) for name in _BOUNDS)
        ratio = jnp.clip(deviation / average, low, high)
        distance = (mean - self.mean.value.astype(mean.dtype)) / average
        distance = distance if shift is None else jnp.clip(distance, -shift, shift)
        ratio, distance = jax.lax.stop_gradient((ratio, distance))
        self._update(layer, mean, deviation)
        if gamma is not None:
            ratio, distance = ratio * gamma, distance * gamma
        return ratio, distance if beta is None else distance + beta

    def _update(self, layer: Any, mean: jax.Array, deviation: jax.Array) -> None:
        for average, value in ((self.mean, mean), (self.deviation, deviation)):
            move(average, value, layer.renorm_momentum, layer.renorm_change)
        for average, value in ((layer.moving_mean, mean), (self.moving_deviation, deviation)):
            move(average, value, layer.momentum, layer.change)
        moved = self.moving_deviation.value.astype(mean.dtype)
        layer.moving_variance.assign(jnp.maximum(moved * moved - layer.epsilon, 0.0))


def move(average: Variable, value: jax.Array, momentum: Any, change: Any) -> None:
    """Moves an average a little towards a new value.

    Args:
        average: what is kept.
        value: what was measured.
        momentum: the share that stays.
        change: one minus that.
    """
    average.assign(average.value.astype(value.dtype) * momentum + value * change)
