"""Predictions above thresholds, counted: what precision, recall, AUC and their like are made of."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.serialization import builtin, refuse_in_files
from lamina.core.variable import Variable
from lamina.losses.loss import match_ranks, misfit
from lamina.metrics.metric import Metric, of_real_rows

_BELOW_ALL = -1e10  # what scores become that are not among the best
_TRUSTED = 1_000_000  # thresholds that a file may ask for: they take memory at once


class Thresholds:
    """Numbers that predictions are compared with.

    Args:
        values: ascending, if they are evenly spaced.
    """

    def __init__(self, values: Sequence[float]) -> None:
        self.values = list(values)
        count = len(self.values)
        even = np.arange(count, dtype="float32") / max(count - 1, 1)
        # Evenly spaced ones need no comparisons: a prediction tells how many of them it exceeds.
        self.even = count > 2 and bool(np.allclose(self.values, even, atol=config.epsilon()))
        self.exceeded_by_zero = self.values[0] < 0.0 or self.values[-1] > 1.0

    def __len__(self) -> int:
        return len(self.values)

    @classmethod
    def spread(cls, count: int) -> "Thresholds":
        """So many from 0 to 1, in equal steps; a single one is in the middle."""
        found = cls([0.5] if count == 1 else [0.0, *between(count), 1.0])
        found.even = count > 1
        return found


def between(count: int) -> list[float]:
    """The inner ones of `count` thresholds from 0 to 1 in equal steps."""
    if count > _TRUSTED:
        refuse_in_files(f"for {count:,} thresholds")
    return [(i + 1) * 1.0 / (count - 1) for i in range(count - 2)]


def checked(owner: str, thresholds: Any, default: float) -> list[Any]:
    """Thresholds as a list.

    Args:
        owner: whose they are, for messages.
        thresholds: a number, several, or `None` for the default.
        default: a number.

    Raises:
        ArgumentError: unless all are from 0 to 1.
    """
    if thresholds is None:
        return [default]
    values = list(thresholds) if isinstance(thresholds, list | tuple | np.ndarray) else [thresholds]
    for value in values:
        if not isinstance(value, int | float | np.integer | np.floating) or not 0 <= value <= 1:
            raise ArgumentError(f"{owner}: thresholds must be from 0 to 1. Received: thresholds={thresholds!r}")
    return values


class Judged(NamedTuple):
    """Predictions with what is right about them, as flat as they can be.

    Attributes:
        scores: the predictions, `(entries,)` or `(rows, labels)`.
        right: bool, whether they should be above thresholds.
        weights: of them, zero in padded rows; all three have one shape.
    """

    scores: jax.Array
    right: jax.Array
    weights: jax.Array


class Counts(NamedTuple):
    """Weighted counts at each threshold: `(thresholds,)`, or `(thresholds, labels)`."""

    true_positives: jax.Array
    false_positives: jax.Array
    true_negatives: jax.Array
    false_negatives: jax.Array


def judge(
    name: str,
    y_true: Any,
    y_pred: Any,
    sample_weight: Any = None,
    label_weights: Any = None,
    top_k: int | None = None,
    class_id: int | None = None,
    by_label: bool = False,
) -> Judged:
    """Predictions with targets and weights of their shape.

    Args:
        name: of the metric, for messages.
        y_true: zeros and ones.
        y_pred: scores of the same shape.
        sample_weight: one per example, or of the predictions' shape.
        label_weights: one per entry of the last axis.
        top_k: how many of an example's scores count, the largest; all when left out.
        class_id: the entry of the last axis that counts; all when left out.
        by_label: whether labels are counted each for itself.

    Raises:
        ShapeError: if the shapes do not fit.
    """
    dtype = config.floatx()
    y_pred, y_true = match_ranks(jnp.asarray(y_pred).astype(dtype), jnp.asarray(y_true).astype(dtype))
    if y_true.shape != y_pred.shape:
        few = y_true.ndim < y_pred.ndim or (y_true.ndim == y_pred.ndim and y_true.shape[-1:] == (1,))
        hint = "this metric wants classes one-hot: see lamina.utils.to_categorical." if few else None
        raise misfit(name, y_true, y_pred, hint)
    weights = jnp.ones((), dtype) if sample_weight is None else _per_example(sample_weight, y_true.ndim, dtype)
    if top_k is not None:
        y_pred = _only_best(y_pred, top_k)
    if class_id is not None:
        if y_pred.ndim < 2 or not -y_pred.shape[-1] <= class_id < y_pred.shape[-1]:
            raise ShapeError(f"{name} looks at class {class_id} only, but got predictions of shape {y_pred.shape}.")
        y_true, y_pred = y_true[..., class_id, None], y_pred[..., class_id, None]
    if label_weights is not None:
        weights = _spread(name, "label_weights", weights * jnp.asarray(label_weights, dtype), y_pred)
    weights = of_real_rows(_spread(name, "sample_weight", weights, y_pred))
    shape = y_pred.shape if by_label else (-1,)
    return Judged(y_pred.reshape(shape), y_true.reshape(shape) != 0, weights.reshape(shape))


def count(judged: Judged, thresholds: Thresholds) -> Counts:
    """How many predictions are above each threshold, and how many are not; rightly or not."""
    right, wrong = (jnp.where(side, judged.weights, 0) for side in (judged.right, ~judged.right))
    above = _above_even(judged, thresholds) if thresholds.even else _above(judged, right, wrong, thresholds)
    true_positives, false_positives = above[0], above[1]
    return Counts(
        true_positives,
        false_positives,
        jnp.sum(wrong, axis=0) - false_positives,
        jnp.sum(right, axis=0) - true_positives,
    )


def _above(judged: Judged, right: jax.Array, wrong: jax.Array, thresholds: Thresholds) -> list[jax.Array]:
    scores = judged.scores.astype(config.floatx())
    above = scores > jnp.asarray(thresholds.values, scores.dtype).reshape(-1, *(1,) * scores.ndim)
    return [jnp.sum(jnp.where(above, side, 0), axis=1) for side in (right, wrong)]


def _above_even(judged: Judged, thresholds: Thresholds) -> jax.Array:
    """One pass over the predictions: each adds its weight to its bucket, and thresholds sum up the buckets above.

    A bucket is the number of thresholds that a prediction exceeds. Labels, and right and wrong, have buckets apart.
    """
    number, labels = len(thresholds), math.prod(judged.scores.shape[1:])
    exceeded = jnp.ceil(jnp.clip(judged.scores, 0.0, 1.0) * (number - 1))
    if thresholds.exceeded_by_zero:
        exceeded = jnp.maximum(exceeded, 1.0)
    group = judged.right * labels + jnp.arange(labels).reshape(judged.scores.shape[1:])
    place = group * number + exceeded.astype("int32")
    buckets = jnp.zeros(2 * labels * number, judged.weights.dtype).at[place].add(judged.weights)
    buckets = buckets.reshape(2, *judged.scores.shape[1:], number)
    above = jnp.cumsum(buckets[..., :0:-1], axis=-1)[..., ::-1]
    above = jnp.concatenate([above, jnp.zeros_like(above[..., :1])], axis=-1)  # nothing exceeds the last
    return jnp.moveaxis(above[::-1], -1, 1)


def _per_example(sample_weight: Any, rank: int, dtype: str) -> jax.Array:
    weights = jnp.asarray(sample_weight).astype(dtype)[..., None]
    return weights[..., 0] if weights.ndim == rank + 1 else weights


def _spread(name: str, what: str, weights: jax.Array, scores: jax.Array) -> jax.Array:
    try:
        return jnp.broadcast_to(weights, scores.shape)
    except ValueError:
        raise ShapeError(
            f"{name}: {what} of shape {weights.shape} do not fit predictions of shape {scores.shape}."
        ) from None


def _only_best(scores: jax.Array, number: int) -> jax.Array:
    """The largest scores of each example as they are, the others below all thresholds."""
    if not scores.ndim or number > scores.shape[-1]:
        raise ShapeError(f"top_k={number}, but predictions have the shape {scores.shape}.")
    _, best = jax.lax.top_k(scores, number)
    chosen = jnp.sum(jax.nn.one_hot(best, scores.shape[-1]), axis=-2)
    return scores * chosen + _BELOW_ALL * (1 - chosen)


class CountMetric(Metric):
    """Base of metrics that are made of counts at thresholds: it keeps those that `_kept` names.

    Args:
        thresholds: that predictions are compared with.
        name: in logs.
        dtype: of the values.
    """

    _kept: tuple[str, ...] = Counts._fields
    true_positives: Variable
    false_positives: Variable
    true_negatives: Variable
    false_negatives: Variable

    top_k: int | None = None
    class_id: int | None = None

    def __init__(self, thresholds: Thresholds, name: str | None, dtype: Any) -> None:
        super().__init__(dtype, name)
        self._thresholds = thresholds

    def _make_counts(self, *labels: int) -> None:
        for kept in self._kept:
            setattr(self, kept, self.add_variable((len(self._thresholds), *labels), "zeros", name=kept))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts the predictions of a batch.

        Args:
            y_true: zeros and ones.
            y_pred: scores from 0 to 1, of the same shape.
            sample_weight: one per example, or of the predictions' shape.
        """
        judged = judge(self.name, y_true, y_pred, sample_weight, top_k=self.top_k, class_id=self.class_id)
        self._add(count(judged, self._thresholds))

    def _add(self, counts: Counts) -> None:
        for kept in self._kept:
            getattr(self, kept).assign_add(getattr(counts, kept))

    def _ratio(self, part: str, rest: str) -> jax.Array:
        """A count, divided by the sum of it and another; zero where both are."""
        counted, others = getattr(self, part).value, getattr(self, rest).value
        return divide(counted, counted + others)


def divide(a: jax.Array, b: jax.Array) -> jax.Array:
    """`a / b`, and zero where `b` is."""
    return jnp.where(b == 0, 0, a / jnp.where(b == 0, 1, b))


class _ConditionCount(CountMetric):
    """How many predictions are of one kind, at each of some thresholds."""

    _counted = ""

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        self.init_thresholds = thresholds
        self.thresholds = checked(type(self).__name__, thresholds, 0.5)
        super().__init__(Thresholds(self.thresholds), name, dtype)
        self.accumulator = self.add_variable((len(self.thresholds),), "zeros", name="accumulator")

    def _add(self, counts: Counts) -> None:
        self.accumulator.assign_add(getattr(counts, self._counted))

    def result(self) -> jax.Array:
        """The weighted count, or one for each threshold."""
        return self.accumulator.value[0] if len(self.thresholds) == 1 else self.accumulator.value

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


@builtin("metrics")
class TruePositives(_ConditionCount):
    """How many ones are above a threshold.

    Args:
        thresholds: one or several, from 0 to 1; 0.5 when left out.
        name: in logs.
        dtype: of the values.

    Raises:
        ArgumentError: for thresholds outside of that range.

    Example:
        >>> float(TruePositives()([0, 1, 1, 1], [0.9, 0.2, 0.8, 0.7]))
        2.0
    """

    _counted = "true_positives"


@builtin("metrics")
class FalsePositives(_ConditionCount):
    """How many zeros are above a threshold.

    Args:
        thresholds: one or several, from 0 to 1; 0.5 when left out.
        name: in logs.
        dtype: of the values.

    Raises:
        ArgumentError: for thresholds outside of that range.

    Example:
        >>> float(FalsePositives()([0, 1, 0, 0], [0.9, 0.2, 0.8, 0.1]))
        2.0
    """

    _counted = "false_positives"


@builtin("metrics")
class TrueNegatives(_ConditionCount):
    """How many zeros are not above a threshold.

    Args:
        thresholds: one or several, from 0 to 1; 0.5 when left out.
        name: in logs.
        dtype: of the values.

    Raises:
        ArgumentError: for thresholds outside of that range.

    Example:
        >>> float(TrueNegatives()([0, 1, 0, 0], [0.9, 0.2, 0.2, 0.1]))
        2.0
    """

    _counted = "true_negatives"


@builtin("metrics")
class FalseNegatives(_ConditionCount):
    """How many ones are not above a threshold.

    Args:
        thresholds: one or several, from 0 to 1; 0.5 when left out.
        name: in logs.
        dtype: of the values.

    Raises:
        ArgumentError: for thresholds outside of that range.

    Example:
        >>> float(FalseNegatives()([0, 1, 1, 1], [0.9, 0.2, 0.1, 0.7]))
        2.0
    """

    _counted = "false_negatives"
