"""Constraints on the norm of each unit's weights."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.constraints.constraint import Constraint
from lamina.core import config
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.hyperparameter import Hyperparameter
from lamina.core.serialization import builtin
from lamina.core.validate import fraction, not_negative
from lamina.ops.arrays import as_floats


class _NormConstraint(Constraint):
    """Base of constraints that scale the weights of each unit by what their norm asks for."""

    axis: int | Sequence[int] | None

    def __call__(self, w: Any) -> jax.Array:
        """The weights, brought back."""
        w = as_floats(w)
        axes = range(w.ndim) if self.axis is None else (self.axis,) if isinstance(self.axis, int) else self.axis
        if not all(-w.ndim <= axis < w.ndim for axis in axes):
            raise ShapeError(
                f"{type(self).__name__} is for axis={self.axis}, but the weights have shape {w.shape}.",
                hint="name the axes that belong to one unit: 0 for the kernel of Dense, [0, 1, 2] for that of Conv2D.",
            )
        norms = jnp.sqrt(jnp.sum(jnp.square(w), axis=tuple(axes), keepdims=True))
        return w * (self._wanted(norms) / (config.epsilon() + norms))

    def _wanted(self, norms: jax.Array) -> jax.Array:
        """The norms that the weights should have."""
        raise NotImplementedError


@builtin("constraints", "max_norm")
class MaxNorm(_NormConstraint):
    """Scales down the weights of each unit whose norm is above a limit.

    Args:
        max_value: the limit.
        axis: the axes that belong to one unit; all of them for `None`.

    Raises:
        ArgumentError: for a negative limit.
        ShapeError: when called on weights without these axes.

    Example:
        >>> MaxNorm(1.0)(jnp.array([[3.0], [4.0]]))
        Array([[0.6],
               [0.8]], dtype=float32)
    """

    max_value = Hyperparameter()

    def __init__(self, max_value: float = 2, axis: int | Sequence[int] | None = 0) -> None:
        not_negative("MaxNorm", "max_value", max_value)
        self.max_value = max_value
        self.axis = axis

    def _wanted(self, norms: jax.Array) -> jax.Array:
        return jnp.clip(norms, 0, self.max_value)


@builtin("constraints", "unit_norm")
class UnitNorm(_NormConstraint):
    """Scales the weights of each unit to a norm of one.

    Args:
        axis: the axes that belong to one unit; all of them for `None`.

    Raises:
        ShapeError: when called on weights without these axes.

    Example:
        >>> UnitNorm()(jnp.array([[3.0], [4.0]]))
        Array([[0.6],
               [0.8]], dtype=float32)
    """

    def __init__(self, axis: int | Sequence[int] | None = 0) -> None:
        self.axis = axis

    def _wanted(self, norms: jax.Array) -> jax.Array:
        return jnp.ones_like(norms)


@builtin("constraints", "min_max_norm")
class MinMaxNorm(_NormConstraint):
    """Moves the norm of each unit's weights towards an interval.

    Args:
        min_value: the lower end.
        max_value: the upper end.
        rate: how far to go: 1 for all the way.
        axis: the axes that belong to one unit; all of them for `None`.

    Raises:
        ArgumentError: for an interval that is none, or a rate outside of [0, 1].
        ShapeError: when called on weights without these axes.

    Example:
        >>> MinMaxNorm(0.0, 1.0, rate=0.5)(jnp.array([[3.0], [4.0]]))
        Array([[1.8000001],
               [2.4      ]], dtype=float32)
    """

    min_value = Hyperparameter()
    max_value = Hyperparameter()
    rate = Hyperparameter()

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: int | Sequence[int] | None = 0
    ) -> None:
        not_negative("MinMaxNorm", "min_value", min_value)
        not_negative("MinMaxNorm", "max_value", max_value)
        if min_value > max_value:
            raise ArgumentError(
                f"MinMaxNorm: min_value must not be above max_value. Received: {min_value=}, {max_value=}"
            )
        fraction("MinMaxNorm", "rate", rate, closed=True)
        self.min_value, self.max_value, self.rate = min_value, max_value, rate
        self.axis = axis

    def _wanted(self, norms: jax.Array) -> jax.Array:
        return self.rate * jnp.clip(norms, self.min_value, self.max_value) + (1 - self.rate) * norms
