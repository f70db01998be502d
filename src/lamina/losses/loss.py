"""The contract of losses: a function of targets and predictions, weighted and reduced."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.configurable import argument_names
from lamina.core.errors import ShapeError
from lamina.core.frame import Rows, current_rows
from lamina.core.masking import mask_of
from lamina.core.naming import auto_name
from lamina.core.precision import as_policy
from lamina.core.serialization import builtin, deserialize_keras_object, is_builtin, resolve, serialize_keras_object
from lamina.core.tracking import Trackable
from lamina.core.validate import one_of

F = TypeVar("F", bound=Callable[..., Any])

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
        self.name = name or auto_name(self)
        one_of(type(self).__name__, "reduction", reduction, _REDUCTIONS)
        self.reduction = "sum_over_batch_size" if reduction == "auto" else reduction
        self.dtype = as_policy(dtype or config.floatx()).compute_dtype

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The losses before they are weighted and reduced."""
        raise NotImplementedError(f"{type(self).__name__} has to define call(self, y_true, y_pred).")

    def row_independent(self, rank: int) -> bool:
        """Whether the loss of a row depends on that row alone, so that padded rows can be left out.

        Only lamina's own losses are trusted to do so.

        Args:
            rank: of the predictions.
        """
        del rank
        return False

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> jax.Array:
        """The loss of a batch.

        Args:
            y_true: targets.
            y_pred: predictions.
            sample_weight: factors that broadcast to the losses of the examples.

        Returns:
            A scalar, or one value per example with `reduction="none"`.

        Raises:
            ShapeError: if the weights do not broadcast to the losses.
        """
        masks = [mask_of(y_pred)]
        y_true, y_pred = as_arrays(y_true, self.dtype), as_arrays(y_pred, self.dtype)
        losses = self.call(y_true, y_pred)
        masks.append(mask_of(losses))
        losses = jnp.asarray(losses).astype(self.dtype)
        return weigh_and_reduce(losses, sample_weight, self.reduction, [m for m in masks if m is not None])

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

    # Arguments that Keras leaves out of configs: they are told only where they are not the default.
    _untold: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        # The function's arguments can be read as attributes: `loss.from_logits`.
        try:
            return self.__dict__["fn_kwargs"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None

    def row_independent(self, rank: int) -> bool:
        return is_builtin(type(self)) and computes_rows_apart(self.fn, self.fn_kwargs, rank)

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
        return {**base, **told(type(self), self._untold, self.fn_kwargs)}


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


def as_pair(name: str, y_true: Any, y_pred: Any) -> tuple[jax.Array, jax.Array]:
    """Targets and predictions as arrays of one dtype and one rank.

    Args:
        name: of the function, for messages.
        y_true: targets.
        y_pred: predictions.

    Raises:
        ShapeError: if the shapes do not fit.
    """
    y_pred = jnp.asarray(y_pred)
    y_true, y_pred = match_ranks(jnp.asarray(y_true, y_pred.dtype), y_pred)
    try:
        np.broadcast_shapes(y_true.shape, y_pred.shape)
    except ValueError:
        raise misfit(name, y_true, y_pred) from None
    return y_true, y_pred


def of_one_shape(name: str, y_true: Any, y_pred: Any) -> tuple[jax.Array, jax.Array]:
    """Targets and predictions as arrays of one dtype, which must have the same shape.

    Args:
        name: of the function, for messages.
        y_true: targets.
        y_pred: predictions.

    Raises:
        ShapeError: if the shapes differ.
    """
    y_pred = jnp.asarray(y_pred)
    y_true = jnp.asarray(y_true, y_pred.dtype)
    if y_true.shape != y_pred.shape:
        raise ShapeError(
            f"{name} needs targets of the predictions' shape, but got y_true {y_true.shape} and y_pred {y_pred.shape}."
        )
    return y_true, y_pred


def misfit(name: str, y_true: jax.Array, y_pred: jax.Array, hint: str | None = None) -> ShapeError:
    """The error for targets and predictions whose shapes have nothing to do with each other."""
    return ShapeError(
        f"{name} needs targets that fit the predictions, but got y_true {y_true.shape} and y_pred {y_pred.shape}.",
        hint=hint,
    )


def told(cls: type, untold: tuple[str, ...], arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a function for the config of `cls`, without those that are untold and have their default."""
    defaults = inspect.signature(cls).parameters
    kept = {name: v for name, v in arguments.items() if name not in untold or v != defaults[name].default}
    return serialize_keras_object(kept)


def mixes_rows(function: F) -> F:
    """Marks a function of lamina's whose value for a row depends on other rows."""
    function.mixes_rows = True  # type: ignore[attr-defined]
    return function


def computes_rows_apart(function: Callable[..., Any], arguments: dict[str, Any], rank: int) -> bool:
    """Whether the value for each row depends on that row alone.

    Args:
        function: of targets and predictions; only lamina's own are trusted.
        arguments: that it is called with.
        rank: of the predictions.
    """
    if not is_builtin(function) or hasattr(function, "mixes_rows") or rank < 2:
        return False
    axis = inspect.signature(function).parameters.get("axis")
    axes = arguments.get("axis", -1 if axis is None else axis.default)
    if axes is None:
        return False
    return all(one % rank for one in (axes if isinstance(axes, list | tuple) else [axes]))


def broadcast_weights(values: jax.Array, weights: Any, what: str = "sample_weight") -> tuple[jax.Array, jax.Array]:
    """Values and their weights, or mask, in ranks that broadcast.

    Args:
        values: one per example, or per entry of examples.
        weights: of them.
        what: the weights are, for messages.

    Raises:
        ShapeError: if they do not.
    """
    weights = jnp.asarray(weights)
    matched = match_ranks(values, weights)
    try:
        np.broadcast_shapes(*(array.shape for array in matched))
    except ValueError:
        raise ShapeError(
            f"{what} of shape {weights.shape} does not fit values of shape {values.shape}.",
            hint="give one weight per example, (batch, 1) where there are several values for each, or one per value.",
        ) from None
    return matched


def weigh_and_reduce(values: Any, sample_weight: Any, reduction: str | None, masks: Sequence[Any] = ()) -> jax.Array:
    """Multiplies the losses of the examples with their weights, and takes their mean or sum.

    In a padded batch only the real rows count.

    Args:
        values: the losses, `(batch, ...)` or a scalar.
        sample_weight: broadcasts to them, or `None`.
        reduction: as for every loss.
        masks: bool, broadcast to the losses; what any of them hides is zero and is left out of means.

    Raises:
        ShapeError: if weights or masks do not broadcast to the losses.
    """
    values = jnp.asarray(values)
    weights = counted = None
    if sample_weight is not None:
        values, weights = broadcast_weights(values, jnp.asarray(sample_weight).astype(values.dtype))
        values = values * weights
    for mask in masks:
        values, mask = broadcast_weights(values, jnp.asarray(mask).astype(bool), "The mask")
        counted = mask if counted is None else counted & mask
    if reduction in (None, "none") or values.ndim == 0 or values.shape == (0,):
        return values if counted is None else jnp.where(counted, values, 0)
    if weights is not None and counted is not None:
        weights = jnp.where(counted, weights, 0)
    number, counted, weights = _real_ones(values, counted, weights)
    if counted is not None:
        values = jnp.where(counted, values, 0)
    total = jnp.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weights is not None:
        return _divide(total, jnp.sum(weights))
    if isinstance(number, int):  # a mean of nothing is zero here, too, but without a test in the program
        return total / jnp.asarray(max(number, 1)).astype(total.dtype)
    return _divide(total, number)


def _real_ones(values: jax.Array, counted: Any, weights: Any) -> tuple[Any, Any, Any]:
    """How many values count, which, and with which weights: all but those of padded rows and those that are hidden."""
    rows = _real_rows(values)
    number: Any = values.size if rows is None else rows.count * (values.size // values.shape[0])
    if rows is not None:
        real = rows.mask.reshape(-1, *(1,) * (values.ndim - 1))
        if weights is not None and weights.shape[:1] == values.shape[:1]:
            weights = jnp.where(real, weights, 0)
        counted, hidden = (real, False) if counted is None else (real & counted, True)
    else:
        hidden = counted is not None
    # The number of real rows is known; only where single values are hidden do they have to be counted.
    if hidden:
        number = jnp.sum(counted) * (values.size // max(counted.size, 1))
    return number, counted, weights


def _real_rows(values: jax.Array) -> Rows | None:
    """The real rows, if the losses are those of the examples of a padded batch."""
    rows = current_rows()
    return rows if rows is not None and values.shape[0] == rows.mask.shape[0] else None


def _divide(total: jax.Array, divisor: Any) -> jax.Array:
    """The mean of nothing is zero."""
    divisor = jnp.asarray(divisor).astype(total.dtype)
    return jnp.where(divisor == 0, 0, total / jnp.where(divisor == 0, 1, divisor))
