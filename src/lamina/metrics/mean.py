"""Means and sums, and functions wrapped as means."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.configurable import argument_names
from lamina.core.errors import ArgumentError
from lamina.core.masking import mask_of
from lamina.core.naming import auto_name
from lamina.core.serialization import builtin, deserialize_keras_object, is_builtin, resolve, serialize_keras_object
from lamina.losses.loss import as_arrays, computes_rows_apart, match_ranks, told
from lamina.metrics.metric import Metric, samplewise, sum_and_count, weights_of


@builtin("metrics")
class Sum(Metric):
    """The weighted sum of values.

    Args:
        name: in logs.
        dtype: of the sum.

    Example:
        >>> float(Sum()([1.0, 3.0, 5.0]))
        9.0
    """

    def __init__(self, name: str = "sum", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), "zeros", self.dtype, name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Adds values `(batch, ...)`, weighted by weights that broadcast to them."""
        values, weights = samplewise(values, sample_weight, self.dtype, jnp.sum)
        self.total.assign_add(sum_and_count(values, weights)[0])

    def result(self) -> jax.Array:
        """The sum."""
        return self.total.value


@builtin("metrics")
class Mean(Metric):
    """The weighted mean of values.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> mean = Mean()
        >>> mean.update_state([1.0, 3.0])
        >>> float(mean([5.0, 7.0], sample_weight=[1.0, 0.0]))
        3.0
    """

    def __init__(self, name: str = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), "zeros", self.dtype, name="total")
        self.count = self.add_variable((), "zeros", self.dtype, name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Adds values `(batch, ...)`, weighted by weights that broadcast to them."""
        values, weights = samplewise(values, sample_weight, self.dtype)
        total, count = sum_and_count(values, weights)
        self.total.assign_add(total)
        self.count.assign_add(jnp.asarray(count).astype(self.dtype))

    def result(self) -> jax.Array:
        """The mean, zero before the first value."""
        count = self.count.value
        return jnp.where(count == 0, 0, self.total.value / jnp.where(count == 0, 1, count))


@builtin("metrics")
class MeanMetricWrapper(Mean):
    """The mean of a function of targets and predictions.

    Args:
        fn: `(y_true, y_pred, **kwargs) -> values`, one per example.
        name: in logs; chosen when left out.
        dtype: of the sums.
        **kwargs: passed on to `fn`.

    Raises:
        ArgumentError: for something that is no function.

    Example:
        >>> metric = MeanMetricWrapper(lambda y_true, y_pred: abs(y_true - y_pred), name="error")
        >>> float(metric([1.0, 2.0], [1.0, 4.0]))
        1.0
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        if not callable(fn):
            raise ArgumentError(f"{type(self).__name__}: fn must be a function. Received: fn={fn!r}")
        super().__init__(name or auto_name(self), dtype)
        self.fn = fn
        self.fn_kwargs = kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds the function's values for a batch."""
        mask = mask_of(y_pred)
        y_true, y_pred = as_arrays(y_true), as_arrays(y_pred)
        if len(jax.tree.leaves((y_true, y_pred))) == 2:
            y_true, y_pred = match_ranks(y_true, y_pred)
        values = self.fn(y_true, y_pred, **self.fn_kwargs)
        super().update_state(values, weights_of(sample_weight, mask, self.dtype))

    # Arguments that Keras leaves out of configs: they are told only where they are not the default.
    _untold: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        # The function's arguments can be read as attributes: `metric.threshold`.
        try:
            return self.__dict__["fn_kwargs"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None

    def row_independent(self, rank: int) -> bool:
        return is_builtin(type(self)) and computes_rows_apart(self.fn, self.fn_kwargs, rank)

    def structure(self) -> list[Any]:
        """The function and its arguments are part of a program."""
        return [self.fn, self.fn_kwargs, self.dtype]

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "MeanMetricWrapper":
        """The metric with this config."""
        config = deserialize_keras_object(config)
        if isinstance(config.get("fn"), str):
            config["fn"] = resolve(config["fn"], "metrics", "a metric")
        return cls(**config)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        base = super().get_config()
        if "fn" in argument_names(type(self)):
            return {**base, "fn": serialize_keras_object(self.fn), **serialize_keras_object(self.fn_kwargs)}
        return {**base, **told(type(self), self._untold, self.fn_kwargs)}
