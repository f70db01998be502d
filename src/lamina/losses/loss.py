"""The contract of losses: a function of targets and predictions, weighted and reduced."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.configurable import argument_names
from lamina.core.frame import current_rows
from lamina.core.naming import to_snake_case
from lamina.core.serialization import builtin, serialize_keras_object
from lamina.core.tracking import Trackable
from lamina.core.validate import one_of

_REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", "auto", None)


class Loss(Trackable):
    """Base of losses: override `call(y_true, y_pred)`, which returns one value per example.

    Args:
        name: shown in messages; the class's when left out.
        reduction: `"sum_over_batch_size"` (the mean), `"mean_with_sample_weight"`, `"sum"` or `"none"`.
        dtype: accepted as Keras does.

    Example:
        >>> class Worst(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return abs(y_true - y_pred).max(axis=-1)
        >>> float(Worst()([[1.0, 2.0]], [[1.5, 4.0]]))
        2.0
    """

    def __init__(self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None) -> None:
        self.name = name or to_snake_case(type(self).__name__)
        one_of(type(self).__name__, "reduction", reduction, _REDUCTIONS)
        self.reduction = "sum_over_batch_size" if reduction == "auto" else reduction
        self.dtype = str(dtype) if dtype is not None else config.floatx()

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The losses before they are weighted and reduced."""
        raise NotImplementedError(f"{type(self).__name__} has to define call(self, y_true, y_pred).")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> jax.Array:
        """The loss of a batch.

        Args:
            y_true: targets.
            y_pred: predictions.
            sample_weight: factors that broadcast to the losses of the examples.

        Returns:
            A scalar, or one value per example with `reduction="none"`.
        """
        convert = lambda y: jnp.asarray(y, self.dtype if jnp.issubdtype(jnp.asarray(y).dtype, jnp.floating) else None)  # noqa: E731
        y_true, y_pred = jax.tree.map(convert, y_true), jax.tree.map(convert, y_pred)
        return weigh_and_reduce(self.call(y_true, y_pred), sample_weight, self.reduction)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal loss."""
        return {"name": self.name, "reduction": self.reduction}


@builtin("losses")
class LossFunctionWrapper(Loss):
    """A function of targets and predictions as a loss.

    Args:
        fn: `(y_true, y_pred, **kwargs) -> losses`, one value per example.
        reduction: as for every loss.
        name: the function's when left out.
        dtype: as for every loss.
        **kwargs: passed on to `fn`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None), reduction, dtype)
        self.fn = fn
        self.fn_kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The function's values."""
        leaves = jax.tree.leaves((y_true, y_pred))
        if len(leaves) == 2:
            y_true, y_pred = match_ranks(y_true, y_pred)
        return self.fn(y_true, y_pred, **self.fn_kwargs)

    def structure(self) -> list[Any]:
        """The function and its arguments are part of a program."""
        return [self.fn, self.fn_kwargs, self.reduction, self.dtype]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal loss."""
        base = super().get_config()
        if "fn" in argument_names(type(self)):
            return {**base, "fn": serialize_keras_object(self.fn), **serialize_keras_object(self.fn_kwargs)}
        return {**base, **serialize_keras_object(self.fn_kwargs)}


def match_ranks(a: Any, b: Any) -> tuple[jax.Array, jax.Array]:
    """Drops or adds a last axis of size 1 where the ranks of two arrays differ by one."""
    a, b = jnp.asarray(a), jnp.asarray(b)
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return (a, b[..., None]) if b.ndim == 1 else (a[..., 0], b)
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return (a[..., None], b) if a.ndim == 1 else (a, b[..., 0])
    return a, b


def weigh_and_reduce(values: Any, sample_weight: Any, reduction: str | None) -> jax.Array:
    """Multiplies the losses of the examples with their weights, and takes their mean or sum.

    In a padded batch only the real rows count.
    """
    values = jnp.asarray(values)
    weights = None
    if sample_weight is not None:
        values, weights = match_ranks(values, jnp.asarray(sample_weight, values.dtype))
        values = values * weights
    if reduction in (None, "none") or values.ndim == 0 or values.shape == (0,):
        return values
    divisor: Any = values.size
    rows = current_rows()
    if rows is not None and values.shape[0] == rows.mask.shape[0]:
        mask = rows.mask.reshape(-1, *(1,) * (values.ndim - 1))
        divisor = rows.count * (values.size // values.shape[0])
        values = jnp.where(mask, values, 0)
        weights = None if weights is None else jnp.where(mask, weights, 0)
    total = jnp.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weights is not None:
        divisor = jnp.sum(weights)
        return jnp.where(divisor == 0, 0, total / jnp.where(divisor == 0, 1, divisor))
    return total / jnp.asarray(divisor, total.dtype)
