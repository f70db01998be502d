"""The contract of losses: a function of targets and predictions, weighted and reduced."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.configurable import argument_names
from lamina.core.errors import ShapeError
from lamina.core.frame import Rows, current_rows
from lamina.core.naming import to_snake_case
from lamina.core.serialization import builtin, deserialize_keras_object, resolve, serialize_keras_object
from lamina.core.tracking import Trackable
from lamina.core.validate import one_of

_REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", "auto", None)


class Loss(Trackable):
    """Base of losses: override `call(y_true, y_pred)`, which returns one value per example.

    Args:
        name: shown in messages; the class's when left out.
        reduction: `"sum_over_batch_size"` (the mean), `"mean_with_sample_weight"`, `"sum"` or `"none"`.
        dtype: that targets and predictions are cast to; `floatx()` when left out.

    Example:
        >>> class Worst(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return abs(y_true - y_pred).max(axis=-1)
        >>> float(Worst()([[1.0, 2.0]], [[1.5, 4.0]]))
        2.0
    """

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        self.name = name or to_snake_case(type(self).__name__)
        one_of(type(self).__name__, "reduction", reduction, _REDUCTIONS)
        self.reduction = "sum_over_batch_size" if reduction == "auto" else reduction
        self.dtype = str(dtype) if dtype is not None else config.floatx()

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The losses before they are weighted and reduced."""
        raise NotImplementedError(f"{type(self).__name__} has to define call(self, y_true, y_pred).")

    def counted(self, y_true: Any, y_pred: Any) -> jax.Array | None:
        """Which of the losses count in a mean: bool of their shape, or `None` if all do."""
        del y_true, y_pred
        return None

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> jax.Array:
        """The loss of a batch.

        Args:
            y_true: targets.
            y_pred: predictions.
            sample_weight: factors that broadcast to the losses of the examples.

        Returns:
            A scalar, or one value per example with `reduction="none"`.
        """
        y_true, y_pred = as_arrays(y_true, self.dtype), as_arrays(y_pred, self.dtype)
        return weigh_and_reduce(self.call(y_true, y_pred), sample_weight, self.reduction, self.counted(y_true, y_pred))

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

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LossFunctionWrapper":
        """The loss with this config."""
        config = deserialize_keras_object(config)
        if isinstance(config.get("fn"), str):
            config["fn"] = resolve(config["fn"], "losses", "a loss")
        return cls(**config)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal loss."""
        base = super().get_config()
        if "fn" in argument_names(type(self)):
            return {**base, "fn": serialize_keras_object(self.fn), **serialize_keras_object(self.fn_kwargs)}
        return {**base, **serialize_keras_object(self.fn_kwargs)}


def as_arrays(structure: Any, dtype: Any = None) -> Any:
    """An array, or a structure of them; lists of plain numbers are arrays, not structures.

    Example:
        >>> as_arrays({"a": [1, 2]}, "float32")
        {'a': Array([1., 2.], dtype=float32)}
    """
    convert = lambda leaf: jnp.asarray(leaf) if dtype is None else jnp.asarray(leaf).astype(dtype)  # noqa: E731
    return jax.tree.map(convert, structure, is_leaf=_is_list_of_numbers)


def _is_list_of_numbers(item: Any) -> bool:
    plain = bool | int | float | np.generic
    return isinstance(item, list | tuple) and all(isinstance(leaf, plain) for leaf in jax.tree.leaves(item))


def match_ranks(a: Any, b: Any) -> tuple[jax.Array, jax.Array]:
    """Drops or adds a last axis of size 1 where the ranks of two arrays differ by one."""
    a, b = jnp.asarray(a), jnp.asarray(b)
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return (a, b[..., None]) if b.ndim == 1 else (a[..., 0], b)
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return (a[..., None], b) if a.ndim == 1 else (a, b[..., 0])
    return a, b


def same_shape(name: str, y_true: jax.Array, y_pred: jax.Array) -> None:
    """Refuses targets that would be broadcast against the predictions.

    Raises:
        ShapeError: if the shapes differ.
    """
    if y_true.shape != y_pred.shape:
        raise ShapeError(
            f"{name} needs targets of the predictions' shape, but got y_true {y_true.shape} and y_pred {y_pred.shape}."
        )


def weigh_and_reduce(values: Any, sample_weight: Any, reduction: str | None, counted: Any = None) -> jax.Array:
    """Multiplies the losses of the examples with their weights, and takes their mean or sum.

    In a padded batch only the real rows count.

    Args:
        values: the losses, `(batch, ...)` or a scalar.
        sample_weight: broadcasts to them, or `None`.
        reduction: as for every loss.
        counted: bool of their shape, or `None`; the others are zero and are left out of means.
    """
    values = jnp.asarray(values)
    weights = None
    if sample_weight is not None:
        values, weights = match_ranks(values, jnp.asarray(sample_weight, values.dtype))
    if counted is not None:
        counted = counted.reshape(values.shape)
        weights = weights if weights is None else jnp.broadcast_to(weights, values.shape)
    if weights is not None:
        values = values * weights
    if reduction in (None, "none") or values.ndim == 0 or values.shape == (0,):
        return values
    rows = _real_rows(values)
    # The number of real rows is known; only where single entries are left out do they have to be counted.
    number: Any = values.size if rows is None else rows.count * (values.size // values.shape[0])
    number = number if counted is None else None
    if rows is not None:
        real = rows.mask.reshape(-1, *(1,) * (values.ndim - 1))
        counted = real if counted is None else real & counted
    if counted is not None:
        values = jnp.where(counted, values, 0)
        if weights is not None and weights.shape[:1] == values.shape[:1]:
            weights = jnp.where(counted, weights, 0)
    total = jnp.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weights is not None:
        return _divide(total, jnp.sum(weights))
    if number is None:
        assert counted is not None
        return _divide(total, jnp.sum(counted) * (values.size // max(counted.size, 1)))
    return total / jnp.asarray(number).astype(total.dtype)


def _real_rows(values: jax.Array) -> Rows | None:
    """The real rows, if the losses are those of the examples of a padded batch."""
    rows = current_rows()
    return rows if rows is not None and values.shape[0] == rows.mask.shape[0] else None


def _divide(total: jax.Array, divisor: Any) -> jax.Array:
    """The mean of nothing is zero."""
    divisor = jnp.asarray(divisor).astype(total.dtype)
    return jnp.where(divisor == 0, 0, total / jnp.where(divisor == 0, 1, divisor))
